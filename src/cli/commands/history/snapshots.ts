/** `hakiri snapshots`: the snapshots that a store retains, the newest first. */
import { usageError } from "../../../core/error.ts";
import { nearest } from "../../../core/near-miss.ts";
import type { Catalog, SnapshotRecord } from "../../../core/ports/catalog.ts";
import { formatTableName, parseTableName, tableKey } from "../../../core/table-name.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { countText } from "../../text/figures.ts";
import { renderTable } from "../../text/table.ts";
import type { Engine } from "../engine.ts";
import { allPipelines } from "../find-pipeline.ts";
import { readProject } from "../project.ts";
import { exactMomentText, momentDocument } from "./moments.ts";

/** What was typed. */
export interface SnapshotsInput {
  readonly table: string | undefined;
  readonly limit: number;
}

/** Lists snapshots, or those that changed one table. */
export async function snapshots(
  engine: Engine,
  input: SnapshotsInput,
  context: CommandContext,
): Promise<Answer> {
  return readProject(engine, context, async ({ store }) => {
    const { catalog } = store;
    const key = input.table === undefined ? null : await keyOfTable(catalog, input.table);
    const pipelines = await allPipelines(catalog);
    const names = new Map(pipelines.map(({ pipelineId, spec }) => [pipelineId, spec.name]));
    const found = await newestSnapshots(catalog, key, input.limit);
    return {
      text: textOf(found, names, context.terminal.columns),
      document: {
        snapshots: found.map((snapshot) => ({
          snapshot_id: snapshot.sequence,
          at: momentDocument(snapshot.at),
          kind: snapshot.kind,
          pipeline: names.get(snapshot.pipelineId) ?? null,
          run_id: snapshot.runId,
          tables: snapshot.tables.map((table) => ({
            table: table.table,
            rows_added: table.rowsAdded,
            rows_masked: table.rowsMasked,
          })),
        })),
      },
      exitCode: exitDone,
    };
  });
}

async function keyOfTable(catalog: Catalog, typed: string): Promise<string> {
  const key = tableKey(parseTableName(typed));
  const { sequence } = await catalog.head();
  const tables = await catalog.tables(sequence);
  if (tables.some((table) => tableKey(table) === key)) return key;
  const names = tables.map(formatTableName);
  const meant = nearest(typed, names);
  const some =
    names.length === 0 ? "there are none yet" : `one of: ${names.slice(0, 20).join(", ")}`;
  throw usageError(
    "unknown_table",
    `expected a table of this store, got '${typed}'`,
    meant === null ? some : `did you mean '${meant}'?`,
  );
}

async function newestSnapshots(
  catalog: Catalog,
  key: string | null,
  limit: number,
): Promise<readonly SnapshotRecord[]> {
  const found: SnapshotRecord[] = [];
  for (let below: number | null = null; found.length < limit;) {
    const page: readonly SnapshotRecord[] = await catalog.snapshots(below, limit);
    below = page.at(-1)?.sequence ?? null;
    if (below === null) break;
    found.push(...page.filter((snapshot) => key === null || touches(snapshot, key)));
  }
  return found.slice(0, limit);
}

function touches({ tables }: SnapshotRecord, key: string): boolean {
  return tables.some(({ table }) => tableKey(parseTableName(table)) === key);
}

function textOf(
  found: readonly SnapshotRecord[],
  names: ReadonlyMap<string, string>,
  columns: number | null,
): string {
  if (found.length === 0) return "no snapshots yet\n";
  const rows = found.map((snapshot) => [
    String(snapshot.sequence),
    exactMomentText(snapshot.at),
    names.get(snapshot.pipelineId) ?? "?",
    snapshot.kind,
    snapshot.tables.map(changeText).join(", "),
  ]);
  return renderTable(
    {
      columns: [
        { name: "snapshot", align: "right" },
        { name: "at (UTC)", align: "left" },
        { name: "pipeline", align: "left" },
        { name: "kind", align: "left" },
        { name: "tables", align: "left" },
      ],
      rows,
    },
    { widthMax: columns, rowsMax: rows.length },
  );
}

function changeText({ table, rowsAdded, rowsMasked }: SnapshotRecord["tables"][number]): string {
  const masked = rowsMasked === 0 ? "" : ` -${countText(rowsMasked)}`;
  return `${table} +${countText(rowsAdded)}${masked}`;
}
