/**
 * Stages what a scan yields: DuckDB reads the input files and writes the parts by itself.
 *
 *   S1. DuckDB writes under temporary names; a part gets its name when it is durable.
 *   S2. Where order counts (`isOrdered`) there is one part, in the order of the files and rows.
 *       Else the parts are split, which takes less memory, and rows may change places.
 *   S3. A scan that fails leaves temporary files only, and removes those as far as it can.
 *   S4. Each row of the files is in a part of the table, in one of its quarantine table, or has
 *       failed the scan. A scan of files without a bad row reads them once.
 */
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import {
  fileColumn,
  loadedAtColumn,
  runIdColumn,
  type ReservedColumn,
} from "../../core/reserved-column.ts";
import { HakiriError } from "../../core/error.ts";
import type { Scan } from "../../core/scan.ts";
import type { Column } from "../../core/schema.ts";
import type { TableFile } from "../../core/snapshot.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { sqlType } from "../duckdb/sql-type.ts";
import { findBadValue } from "../scan/bad-rows.ts";
import type { RejectTables } from "../scan/csv-reader.ts";
import { badValueError, isBadValue, scanFault } from "../scan/scan-fault.ts";
import { failing, fieldColumn, scanRelation, type BadRows } from "../scan/scan-relation.ts";
import { copyParts } from "./copy-parts.ts";
import { quarantineScan } from "./quarantine-scan.ts";
import { quarantinedRowsMax, quarantineSchema } from "./quarantine.ts";
import type { StagedTable, StagingRun } from "./staging.ts";

/** A scan on its way into a table. */
export interface ScanJob {
  readonly run: StagingRun;
  readonly duckDb: DuckDb;
  readonly partition: string;
  readonly table: StagedTable;
  readonly quarantineTableId: string;
  readonly scan: Scan;
  /** One for each of the scan's fields. */
  readonly targets: readonly FieldTarget[];
  readonly isOrdered: boolean;
}

/** What a scan staged. */
export interface StagedScan {
  readonly files: readonly TableFile[];
  readonly quarantineFiles: readonly TableFile[];
  readonly rows: number;
  readonly sizeBytes: number;
  /** Rows of which a value was dropped by contract; they are in the files. */
  readonly discarded: number;
  /** Rows in the quarantine files instead. */
  readonly quarantined: number;
}

/**
 * Executes a scan. Throws Permanent `file.bad_row` at a row that isn't what the scan promises,
 * unless such rows go into quarantine, `file.too_many_bad_rows`, `file.unreadable`, and what DuckDB
 * and publishing throw.
 */
export async function stageScan(job: ScanJob): Promise<StagedScan> {
  const { run, duckDb, scan } = job;
  const { seq, fileId } = run.numbers.take();
  const isLenient = scan.kind === "csv" && scan.onBadRow === "quarantine";
  const rejects = isLenient ? { rejects: `rejects_${seq}`, scans: `scans_${seq}` } : null;
  try {
    const { files, hasBadValues } = await copyRows(job, rejects, { seq, fileId });
    const quarantineFiles = await copyRefused(job, rejects, hasBadValues);
    return {
      files,
      quarantineFiles,
      rows: sum(files, "rows"),
      sizeBytes: sum(files, "sizeBytes"),
      discarded: await countDiscarded(job),
      quarantined: sum(quarantineFiles, "rows"),
    };
  } catch (error) {
    throw scanFault(error, scan);
  } finally {
    if (rejects !== null) await dropTables(duckDb, rejects);
  }
}

function sum(files: readonly TableFile[], member: "rows" | "sizeBytes"): number {
  return files.reduce((total, file) => total + file[member], 0);
}

async function dropTables(duckDb: DuckDb, { rejects, scans }: RejectTables): Promise<void> {
  for (const table of [rejects, scans]) {
    await duckDb.run(`DROP TABLE IF EXISTS ${quoteIdentifier(table)}`);
  }
}

interface CopiedRows {
  readonly files: readonly TableFile[];
  /** Whether rows were left out for a value that its type doesn't hold exactly. */
  readonly hasBadValues: boolean;
}

/** S4: leaving bad values out would need a second look for them, so the first try fails at them. */
async function copyRows(
  job: ScanJob,
  rejects: RejectTables | null,
  first: { readonly seq: number; readonly fileId: number },
): Promise<CopiedRows> {
  try {
    const files = await copyGood(job, { ...failing, records: rejects ?? "fail" }, first);
    return { files, hasBadValues: false };
  } catch (error) {
    if (!isBadValue(error)) throw error;
    if (rejects === null) throw await placed(job, error);
    await dropTables(job.duckDb, rejects);
    const files = await copyGood(job, { values: "leave_out", records: rejects }, first);
    return { files, hasBadValues: true };
  }
}

/** DuckDB says which value is bad, not where. */
async function placed({ duckDb, scan }: ScanJob, error: unknown): Promise<unknown> {
  const found = await findBadValue(duckDb, scan);
  return found === null ? error : badValueError(found, error);
}

async function copyGood(
  job: ScanJob,
  badRows: BadRows,
  first: { readonly seq: number; readonly fileId: number },
): Promise<readonly TableFile[]> {
  const { scan, table, targets, isOrdered } = job;
  const columns = writtenColumns(job);
  const refused = refusedNames(targets, "discard_row");
  const where =
    refused.length === 0 ? "" : `\nWHERE ${refused.map((name) => `${name} IS NULL`).join(" AND ")}`;
  const select = columns.map(({ column, value }) => `${value} AS ${quoteIdentifier(column.name)}`);
  return copyParts(job, {
    tableId: table.tableId,
    schemaVersion: table.schema.version,
    query: `SELECT ${select.join(", ")} FROM (${scanRelation(scan, badRows)}) AS s${where}`,
    columns: columns.map(({ column }) => column),
    // S2: splitting gives up the order, whatever DuckDB is told.
    split: !isOrdered,
    first,
    check: () => undefined,
  });
}

interface WrittenColumn {
  readonly column: Column | ReservedColumn;
  /** From the relation `s`. */
  readonly value: string;
}

function writtenColumns({ run, table, targets }: ScanJob): readonly WrittenColumn[] {
  const columns = new Map(table.schema.columns.map((column) => [column.id, column]));
  const written = targets.flatMap((target, place): WrittenColumn[] => {
    if (target.kind !== "column") return [];
    const column = columns.get(target.columnId);
    if (column === undefined) throw new Error(`expected column ${target.columnId} in the schema`);
    return [{ column, value: castField(`s.${fieldColumn(place)}`, column, target) }];
  });
  const file = { column: fileColumn, value: `s.${fileColumn.name}` };
  if (!run.rowMetadata) return [...written, file];
  return [
    ...written,
    file,
    { column: runIdColumn, value: quoteText(run.runId) },
    { column: loadedAtColumn, value: `make_timestamptz(${run.loadedAtMicros}::BIGINT)` },
  ];
}

/** Into json goes the JSON text of a value, not its text. */
function castField(
  value: string,
  column: Column,
  { cast }: Extract<FieldTarget, { kind: "column" }>,
): string {
  if (cast === null) return value;
  if (column.type.kind === "json") return `to_json(${value})`;
  return `CAST(${value} AS ${sqlType(column.type)})`;
}

function refusedNames(
  targets: readonly FieldTarget[],
  kind: "discard_row" | "discard_value",
): readonly string[] {
  return targets.flatMap((target, place) =>
    target.kind === kind ? [`s.${fieldColumn(place)}`] : [],
  );
}

async function copyRefused(
  job: ScanJob,
  rejects: RejectTables | null,
  hasBadValues: boolean,
): Promise<readonly TableFile[]> {
  const query = await quarantineScan(job, { rejects, hasBadValues });
  if (query === null) return [];
  const own = [runIdColumn, loadedAtColumn];
  const values = [quoteText(job.run.runId), `make_timestamptz(${job.run.loadedAtMicros}::BIGINT)`];
  const metadata = own.map(({ name }, index) => `${values[index] ?? ""} AS ${name}`);
  return copyParts(job, {
    tableId: job.quarantineTableId,
    schemaVersion: quarantineSchema.version,
    query: `SELECT *, ${metadata.join(", ")} FROM (${query}) AS q LIMIT ${quarantinedRowsMax + 1}`,
    columns: [...quarantineSchema.columns, ...own],
    split: false,
    first: null,
    check: (rows) => {
      if (rows > quarantinedRowsMax) throw tooManyBadRows(job.scan);
    },
  });
}

/** Rows that are in the table with a value less. */
async function countDiscarded({ duckDb, scan, targets }: ScanJob): Promise<number> {
  const dropped = refusedNames(targets, "discard_value");
  if (dropped.length === 0) return 0;
  const refused = refusedNames(targets, "discard_row");
  const some = dropped.map((name) => `${name} IS NOT NULL`).join(" OR ");
  const kept = refused.map((name) => `${name} IS NULL`);
  const relation = scanRelation(scan, { values: "leave_out", records: "pass_over" });
  const rows = await duckDb.rows(
    `SELECT count(*)::BIGINT AS n FROM (${relation}) AS s WHERE ${[`(${some})`, ...kept].join(" AND ")}`,
  );
  return Number(rows[0]?.["n"]);
}

function tooManyBadRows({ files }: Scan): HakiriError {
  const name = files[0]?.name ?? "";
  return new HakiriError({
    kind: "Permanent",
    code: "file.too_many_bad_rows",
    message: `expected at most ${quarantinedRowsMax} bad rows in '${name}' and what is read with it`,
    hint: "check the delimiter, the quote and the types of the columns",
    where: { file: name },
  });
}
