/** The rows of a scan that don't go into its table, as rows of the quarantine table. */
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import { nameText } from "../../core/name-text.ts";
import { fileColumn } from "../../core/reserved-column.ts";
import type { Scan } from "../../core/scan.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { badRowsQuery, findBadFiles } from "../scan/bad-rows.ts";
import type { RejectTables } from "../scan/csv-reader.ts";
import { fieldColumn, scanRelation } from "../scan/scan-relation.ts";
import { refusedValues, type RefusedValue } from "./refused-values.ts";
import { violationDetail, violationReason } from "./violation-detail.ts";

/** A scan of which the good rows are written. */
export interface QuarantineJob {
  readonly duckDb: DuckDb;
  readonly scan: Scan;
  readonly targets: readonly FieldTarget[];
}

/** What is known of the rows that were left out. */
export interface LeftOut {
  /** Records that DuckDB rejected when the good ones were written; null where any fails. */
  readonly rejects: RejectTables | null;
  /** Whether rows were left out for a value that its type doesn't hold exactly. */
  readonly hasBadValues: boolean;
}

/** A SELECT of the quarantine table's columns in their order; null where no row was left out. */
export async function quarantineScan(
  { duckDb, scan, targets }: QuarantineJob,
  { rejects, hasBadValues }: LeftOut,
): Promise<string | null> {
  const parts: string[] = [];
  const hasRejects = rejects !== null && (await hasRows(duckDb, rejects));
  if (rejects !== null && hasRejects) parts.push(rejectedRecords(scan, rejects));
  if (hasBadValues) {
    const badRecords = hasRejects ? "pass_over" : "fail";
    const files = await findBadFiles(duckDb, scan);
    if (files.length > 0) {
      const query = badRowsQuery(scan, files, badRecords);
      parts.push(badValues(query, hasRejects ? rejectedBefore(scan, rejects) : null));
    }
  }
  parts.push(...refusedRows(scan, targets));
  return parts.length === 0 ? null : parts.join("\nUNION ALL\n");
}

async function hasRows(duckDb: DuckDb, { rejects }: RejectTables): Promise<boolean> {
  const rows = await duckDb.rows(`SELECT 1 AS one FROM ${quoteIdentifier(rejects)} LIMIT 1`);
  return rows.length > 0;
}

/** Faults of a whole record, for which DuckDB names the column at which it noticed. */
const wholeRecordFaults = ["MISSING COLUMNS", "TOO MANY COLUMNS"].map(quoteText).join(", ");

/** A record with several faults is one row, with the first of them. */
function rejectedRecords(scan: Scan, tables: RejectTables): string {
  const fields = scan.kind === "csv" ? scan.fileFields : [];
  const names = fields.map(({ name }, place) => `('p${place}', ${quoteText(nameText(name))})`);
  const column = `CASE WHEN r.error_type::VARCHAR NOT IN (${wholeRecordFaults}) THEN c.name END`;
  return (
    "SELECT 'file.bad_row' AS reason, any_value(r.error_message ORDER BY r.column_idx) AS detail, " +
    "any_value(f.name) AS file, r.line::BIGINT AS line, " +
    `any_value(${column} ORDER BY r.column_idx) AS "column", any_value(r.csv_line) AS record\n` +
    `FROM ${rejectsByFile(scan, tables)}\n` +
    `LEFT JOIN (VALUES ${names.join(", ")}) AS c(code, name) ON c.code = r.column_name\n` +
    "GROUP BY r.scan_id, r.file_id, r.line, r.line_byte_position"
  );
}

/** The rejects as `r` beside their files as `f`. */
function rejectsByFile({ files }: Scan, tables: RejectTables): string {
  const names = files.map(({ path, name }) => `(${quoteText(path)}, ${quoteText(name)})`);
  return (
    `${quoteIdentifier(tables.rejects)} AS r JOIN ${quoteIdentifier(tables.scans)} AS s ` +
    "USING (scan_id, file_id)\n" +
    `LEFT JOIN (VALUES ${names.join(", ")}) AS f(path, name) ON f.path = s.file_path`
  );
}

/**
 * By `file`, how many rejected records (`rejected`) come before the records from the number `line`
 * on, where that number leaves rejected ones out.
 */
function rejectedBefore(scan: Scan, tables: RejectTables): string {
  const lines = `SELECT DISTINCT f.name AS file, r.line FROM ${rejectsByFile(scan, tables)}`;
  const numbered =
    "SELECT file, line::BIGINT AS line, " +
    `row_number() OVER (PARTITION BY file ORDER BY line) AS n FROM (${lines})`;
  return `SELECT file, line - n + 1 AS line, max(n) AS rejected FROM (${numbered}) GROUP BY ALL`;
}

function badValues(query: string, rejected: string | null): string {
  const [line, join] =
    rejected === null
      ? ["b.line", ""]
      : [
          "b.line + coalesce(r.rejected, 0)",
          `\nASOF LEFT JOIN (${rejected}) AS r ON r.file = b.file AND b.line >= r.line`,
        ];
  return (
    `SELECT 'file.bad_row' AS reason, b.detail, b.file, ${line} AS line, ` +
    `b.column_name AS "column", b.record FROM (${query}) AS b${join}`
  );
}

/** Rows with a value that the contract doesn't take. */
function refusedRows(scan: Scan, targets: readonly FieldTarget[]): readonly string[] {
  const refused = refusedValues({ scan, targets }, "discard_row");
  if (refused.length === 0) return [];
  const first = (say: (one: RefusedValue) => string): string =>
    `CASE ${refused.map((one) => `WHEN ${one.isRefused} THEN ${quoteText(say(one))}`).join(" ")} END`;
  const columns = [
    `${first(({ violation }) => violationReason(violation))} AS reason`,
    `${first(({ violation }) => violationDetail(violation))} AS detail`,
    `s.${fileColumn.name} AS file`,
    "NULL::BIGINT AS line",
    `${first(({ name }) => nameText(name))} AS "column"`,
    `${recordOf(scan)} AS record`,
  ];
  const relation = scanRelation(scan, { values: "leave_out", records: "pass_over" });
  const some = refused.map(({ isRefused }) => isRefused).join(" OR ");
  return [`SELECT ${columns.join(", ")} FROM (${relation}) AS s WHERE ${some}`];
}

function recordOf({ fields }: Scan): string {
  const members = fields.map(
    ({ name }, place) => `${quoteText(nameText(name))}, s.${fieldColumn(place)}`,
  );
  return `json_object(${members.join(", ")})::VARCHAR`;
}
