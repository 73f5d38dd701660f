/** A run of the catalog's history as documents show it. */
import { HakiriError } from "../../../core/error.ts";
import type { Json } from "../../../core/json.ts";
import type { RunRecord } from "../../../core/ports/catalog.ts";
import { errorDocument } from "../../error-document.ts";
import { millisecondsBetween, momentDocument } from "./moments.ts";

/** What `runs` and `pipeline show` say of a run; `pipeline` is null for one that is unknown. */
export function runDocument(
  run: RunRecord,
  pipeline: string | null,
): { readonly [key: string]: Json } {
  const { endedAt, error } = run;
  return {
    run_id: run.runId,
    pipeline,
    what: run.what,
    status: run.state.kind,
    snapshot_id: snapshotOf(run),
    attempts: run.attempts,
    started_at: momentDocument(run.startedAt),
    ended_at: endedAt === null ? null : momentDocument(endedAt),
    duration_ms: endedAt === null ? null : millisecondsBetween(run.startedAt, endedAt),
    tables: tablesOf(run),
    ...(omittedOf(run) === 0 ? {} : { omitted_tables: omittedOf(run) }),
    ...(run.discardedBecause === null ? {} : { discarded_because: run.discardedBecause }),
    ...(error === null ? {} : { error: errorDocument(HakiriError.fromRecord(error)) }),
  };
}

/** The snapshot that a run made; null where it made none. */
export function snapshotOf({ state }: RunRecord): number | null {
  return state.kind === "succeeded" ? state.snapshot : null;
}

/** The tables of a run's report; null where nothing is known of them, as after a rebuild. */
function tablesOf(run: RunRecord): Json {
  return memberOf(run, "tables") ?? null;
}

/** Tables that the run's report had no room for. */
export function omittedOf(run: RunRecord): number {
  const omitted = memberOf(run, "omitted");
  return typeof omitted === "number" ? omitted : 0;
}

function memberOf({ report }: RunRecord, member: string): Json | undefined {
  const isObject = typeof report === "object" && report !== null && !Array.isArray(report);
  if (!isObject) return undefined;
  return (report as { readonly [key: string]: Json })[member]; // what is left of Json
}

/** Rows that a run's report counts over its tables; null where it has no report. */
export function rowsOf(run: RunRecord): number | null {
  const tables = tablesOf(run);
  if (!Array.isArray(tables)) return null;
  return tables.reduce<number>((sum, table: Json) => {
    const isObject = typeof table === "object" && table !== null && !Array.isArray(table);
    const rows = isObject && "rows" in table ? table["rows"] : 0;
    return sum + (typeof rows === "number" ? rows : 0);
  }, 0);
}
