/** Runs and their spans as the port answers them. */
import type { SpanRecord } from "../../core/catalog-command.ts";
import type { ErrorRecord } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";
import { pageRowsMax, type RunRecord } from "../../core/ports/catalog.ts";
import type { RunState } from "../../core/run.ts";
import { microsText } from "../apply/micros.ts";
import type { SqlDatabase } from "../apply/sql-database.ts";

interface RunRow {
  readonly runId: string;
  readonly pipelineId: string;
  readonly what: RunRecord["what"];
  readonly state: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly report: string;
  readonly error: string | null;
}

const columns = `run_id as runId, pipeline_id as pipelineId, what, state, started_at as startedAt,
  ended_at as endedAt, report, error`;

/** The run, or null. */
export function queryRun(database: SqlDatabase, runId: string): RunRecord | null {
  const row = database.get<RunRow>({ sql: `select ${columns} from runs where run_id = ?` }, runId);
  return row === undefined ? null : recordOf(row);
}

/** Which runs are asked for: older than a run, of one pipeline or of all. */
export interface RunFilter {
  readonly pipelineId: string | null;
  readonly beforeRunId: string | null;
  readonly limit: number;
}

/** A page of runs by their first grants, the newest first; nothing before an unknown run. */
export function queryRuns(database: SqlDatabase, filter: RunFilter): readonly RunRecord[] {
  const before = numberOf(database, filter.beforeRunId);
  const limit = Math.min(filter.limit, pageRowsMax);
  const rows =
    filter.pipelineId === null
      ? database.all<RunRow>(
          { sql: `select ${columns} from runs where number < ? order by number desc limit ?` },
          before,
          limit,
        )
      : database.all<RunRow>(
          {
            sql: `select ${columns} from runs where pipeline_id = ? and number < ?
           order by number desc limit ?`,
          },
          filter.pipelineId,
          before,
          limit,
        );
  return rows.map(recordOf);
}

function numberOf(database: SqlDatabase, runId: string | null): number {
  if (runId === null) return Number.MAX_SAFE_INTEGER;
  const sql = "select number from runs where run_id = ?";
  return database.get<{ number: number }>({ sql }, runId)?.number ?? 0;
}

/** The texts were written by the commands that move runs. */
function recordOf(row: RunRow): RunRecord {
  const state = JSON.parse(row.state) as RunState;
  const hasJournal = state.kind === "partial_failure" || state.kind === "cancelled";
  const journal = hasJournal ? state.journal : null;
  return {
    runId: row.runId,
    pipelineId: row.pipelineId,
    what: row.what,
    state,
    epoch: state.epoch,
    attempts: state.attempts,
    startedAt: microsText(row.startedAt),
    endedAt: row.endedAt === null ? null : microsText(row.endedAt),
    report: JSON.parse(row.report) as Json,
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorRecord),
    discardedBecause: journal?.kind === "discarded" ? journal.reason : null,
  };
}

interface SpanRow {
  readonly spanId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly ok: 0 | 1;
  readonly attributes: string;
}

/** A page of a run's spans, without the first `after` of them. */
export function querySpans(
  database: SqlDatabase,
  runId: string,
  after: number,
): readonly SpanRecord[] {
  return database
    .all<SpanRow>(
      {
        sql: `select span_id as spanId, parent_id as parentId, name, started_at as startedAt,
         ended_at as endedAt, ok, attributes
       from spans where run_id = ? and number >= ? order by number limit ?`,
      },
      runId,
      after,
      pageRowsMax,
    )
    .map((row) => ({
      ...row,
      startedAt: microsText(row.startedAt),
      endedAt: microsText(row.endedAt),
      ok: row.ok === 1,
      attributes: JSON.parse(row.attributes) as SpanRecord["attributes"], // by record_spans
    }));
}
