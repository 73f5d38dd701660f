/**
 * Golden files of the catalog, which only change by intent: `HAKIRI_GOLDEN=rewrite` writes them
 * anew, and the difference is reviewed as code, with docs/format/catalog.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { SqlDatabase, SqlValue } from "../../src/catalog/apply/sql-database.ts";
import type { Catalog } from "../../src/core/ports/catalog.ts";
import { logicalRows } from "./logical-rows.ts";

const folder = new URL("./golden/", import.meta.url);

/** The text of a golden file, which on request is first made of what is there now. */
export function goldenText(name: string, now: () => string): string {
  // The ending keeps formatters away from what is held byte by byte.
  const file = new URL(`${name}.golden`, folder);
  if (process.env["HAKIRI_GOLDEN"] === "rewrite") writeFileSync(file, now());
  return readFileSync(file, "utf8");
}

/** A database as SQL: its tables and indexes in the order of their making, then its rows. */
export function dumpOf(database: SqlDatabase): string {
  const made = database.all<{ sql: string }>({
    sql: "select sql from sqlite_schema where sql is not null order by rowid",
  });
  const rows = Object.entries(logicalRows(database)).flatMap(([table, found]) =>
    found.map(
      (row) => `insert into ${table} values (${Object.values(row).map(literal).join(", ")})`,
    ),
  );
  return [...made.map(({ sql }) => sql), ...rows].map((sql) => `${sql};\n`).join("");
}

function literal(value: SqlValue): string {
  if (value === null) return "null";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}

/** All that a catalog answers, as text. */
export async function answersOf(catalog: Catalog): Promise<string> {
  const head = await catalog.head();
  const runs = await catalog.runs({ pipelineId: null, beforeRunId: null, limit: 500 });
  const snapshots = await catalog.snapshots(null, 500);
  const pipelines = await catalog.pipelines(null);
  const tables = await catalog.tables(head.sequence);
  const answers = {
    head,
    pipelines,
    runs,
    snapshots,
    tables,
    schemas: await Promise.all(tables.map(({ tableId }) => catalog.schemas(tableId))),
    files: await Promise.all(
      snapshots.flatMap(({ sequence }) =>
        tables.map(async ({ tableId }) => ({
          sequence,
          tableId,
          files: await catalog.files(tableId, sequence, 0),
        })),
      ),
    ),
    cursors: await Promise.all(
      [undefined, ...snapshots.map(({ sequence }) => sequence)].map((sequence) =>
        Promise.all(pipelines.map(({ pipelineId }) => catalog.cursors(pipelineId, sequence))),
      ),
    ),
    spans: await Promise.all(runs.map(({ runId }) => catalog.spans(runId, 0))),
    unreferenced: await catalog.unreferenced(0),
  };
  return `${JSON.stringify(answers, null, 1)}\n`;
}
