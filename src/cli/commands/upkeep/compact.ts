/** `hakiri compact`: few large files in the place of many small ones, and of deleted rows. */
import type { TableExtent } from "../../../context/compaction/base.ts";
import { compactStore, type TableReport } from "../../../context/compaction/compact-store.ts";
import type { CompactionRules } from "../../../context/compaction/rules.ts";
import { createPublisher } from "../../../context/publish.ts";
import type { Json } from "../../../core/json.ts";
import { formatTableName, parseTableName, type TableName } from "../../../core/table-name.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitCodeOf, exitDone } from "../../exit-code.ts";
import { bytesText, countedText } from "../../text/figures.ts";
import { visibleText } from "../../text/visible-text.ts";
import type { Engine } from "../engine.ts";
import { withProject, type OpenProject } from "../project.ts";
import { LazyDuckDb } from "../lazy-duckdb.ts";

/** What was typed. */
export interface CompactInput {
  /** Names of tables; all where none is named. */
  readonly tables: readonly string[];
  /** Whether every file is rewritten, not only what is due. */
  readonly isFull: boolean;
}

/** Compacts tables; exits with 7 or 8 where a table's turn didn't come. */
export async function compact(
  engine: Engine,
  { tables, isFull }: CompactInput,
  context: CommandContext,
): Promise<Answer> {
  const names = tables.length === 0 ? null : tables.map((name) => parseTableName(name));
  return withProject(engine, context, async (project) => {
    const bounds = project.spec.store.compaction;
    const rules: CompactionRules = isFull
      ? { kind: "full" }
      : { kind: "automatic", bounds, slack: 1 };
    const reports = await compactTables({ engine, project, signal: context.signal }, names, rules);
    return {
      text: textOf(reports),
      document: { tables: reports.map(reportDocument) },
      exitCode: exitOf(reports),
    };
  });
}

/** Whose tables are compacted. */
export interface Compacting {
  readonly engine: Engine;
  readonly project: OpenProject;
  readonly signal: AbortSignal;
}

/** Compacts tables of an open store, null for all; opens DuckDB where there is something to do. */
export async function compactTables(
  { engine, project, signal }: Compacting,
  tables: readonly TableName[] | null,
  rules: CompactionRules,
): Promise<readonly TableReport[]> {
  const { catalog, claims, pins, clock, filesystem, random } = project.store;
  const duckDb = new LazyDuckDb(
    () => engine.makeTemporaryFolder(project.folder),
    engine.limits(project.spec),
  );
  const stop = (): void => duckDb.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await compactStore(
      {
        catalog,
        pins,
        publisher: createPublisher(filesystem, random),
        clock,
        duckDb: () => duckDb.open(),
        takeViewsLock: () => claims.take("views"),
      },
      { tables, rules, claim: { kind: "take", claims }, signal },
    );
  } finally {
    signal.removeEventListener("abort", stop);
    await duckDb.close();
  }
}

function exitOf(reports: readonly TableReport[]): number {
  const kinds = new Set(reports.map(({ outcome }) => outcome.kind));
  if (kinds.has("claimed_elsewhere")) {
    return exitCodeOf({ kind: "Permanent", code: "refused.claim_held" });
  }
  if (!kinds.has("gave_up")) return exitDone;
  return exitCodeOf({ kind: "Permanent", code: "conflict.base_moved" });
}

function reportDocument({ table, outcome }: TableReport): Json {
  const known = { table: formatTableName(table), outcome: outcome.kind };
  switch (outcome.kind) {
    case "compacted": {
      const { runId, sequence, before, after } = outcome;
      return {
        ...known,
        run_id: runId,
        snapshot_id: sequence,
        before: { ...before },
        after: { ...after },
      };
    }
    case "unchanged":
    case "gave_up":
      return { ...known, before: { ...outcome.before } };
    case "claimed_elsewhere":
      return known;
  }
}

function textOf(reports: readonly TableReport[]): string {
  if (reports.length === 0) return "no tables yet\n";
  return reports.map((report) => `${visibleText(lineOf(report))}\n`).join("");
}

function lineOf({ table, outcome }: TableReport): string {
  const name = formatTableName(table);
  switch (outcome.kind) {
    case "compacted":
      return `${name}: ${extentText(outcome.before)} became ${extentText(outcome.after)}`;
    case "unchanged":
      return `${name}: nothing is due in ${extentText(outcome.before)}`;
    case "gave_up":
      return `${name}: left as it was, since it changed meanwhile each time; try again`;
    case "claimed_elsewhere":
      return `${name}: left as it was, since another process writes it; try again`;
  }
}

function extentText({ files, bytes }: TableExtent): string {
  return `${countedText(files, "file")} of ${bytesText(bytes)}`;
}
