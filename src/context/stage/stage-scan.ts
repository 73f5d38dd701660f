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
import { fittingValue, readSingly } from "../scan/fitting-value.ts";
import { badValueError, isBadValue, scanFault } from "../scan/scan-fault.ts";
import { failing, fieldColumn, scanRelation, type BadRows } from "../scan/scan-relation.ts";
import { copyParts } from "./copy-parts.ts";
import { quarantineScan } from "./quarantine-scan.ts";
import { quarantinedRowsMax, quarantineSchema } from "./quarantine.ts";
import { refusedValues } from "./refused-values.ts";
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
export async function stageScan(wanted: ScanJob): Promise<StagedScan> {
  const job = { ...wanted, scan: readSingly(wanted.scan, wanted.targets) };
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
  const { scan, table, isOrdered } = job;
  const columns = writtenColumns(job);
  const refused = refusedValues(job, "discard_row").map(({ isRefused }) => isRefused);
  const where = refused.length === 0 ? "" : `\nWHERE (${refused.join(" OR ")}) IS NOT TRUE`;
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

function writtenColumns({ run, table, scan, targets }: ScanJob): readonly WrittenColumn[] {
  const columns = new Map(table.schema.columns.map((column) => [column.id, column]));
  const written = targets.flatMap((target, place): WrittenColumn[] => {
    const { columnId } = target;
    if (columnId === null || (target.kind !== "column" && target.keeps === null)) return [];
    const column = columns.get(columnId);
    if (column === undefined) throw new Error(`expected column ${columnId} in the schema`);
    return [{ column, value: writtenValue(scan, place, { column, target }) }];
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

function writtenValue(
  scan: Scan,
  place: number,
  { column, target }: { readonly column: Column; readonly target: FieldTarget },
): string {
  const field = `s.${fieldColumn(place)}`;
  if (target.kind === "column") return target.cast === null ? field : castTo(field, column);
  if (target.keeps === null) throw new Error("a value that isn't kept is written");
  const { value, isFitting } = fittingValue(scan, place, target.keeps);
  const isSame = sqlType(target.keeps) === sqlType(column.type);
  return `CASE WHEN ${isFitting} THEN ${isSame ? value : castTo(value, column)} END`;
}

/** Into json goes the JSON text of a value, not its text. */
function castTo(value: string, { type }: Column): string {
  return type.kind === "json" ? `to_json(${value})` : `CAST(${value} AS ${sqlType(type)})`;
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
async function countDiscarded(job: ScanJob): Promise<number> {
  const { duckDb, scan } = job;
  const dropped = refusedValues(job, "discard_value").map(({ isRefused }) => isRefused);
  if (dropped.length === 0) return 0;
  const refused = refusedValues(job, "discard_row").map(({ isRefused }) => isRefused);
  const kept = refused.map((isRefused) => ` AND (${isRefused}) IS NOT TRUE`);
  const relation = scanRelation(scan, { values: "leave_out", records: "pass_over" });
  const rows = await duckDb.rows(
    `SELECT count(*)::BIGINT AS n FROM (${relation}) AS s WHERE (${dropped.join(" OR ")})${kept.join("")}`,
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
