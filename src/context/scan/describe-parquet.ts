/** Finds out what the columns of Parquet files hold, and what DuckDB would make of them. */
import type { ScanQuestion } from "../../core/ports/scanner.ts";
import type { Field } from "../../core/type.ts";
import { uniqueNames } from "../../core/unique-names.ts";
import { quoteText } from "../../core/identifier.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { literalPath } from "./literal-path.ts";
import { parquetReader } from "./parquet-reader.ts";

type ParquetQuestion = Extract<ScanQuestion, { kind: "parquet" }>;

/** What was found. */
export interface ParquetDescription {
  /** Every column of the files, each name once. */
  readonly fields: readonly Field[];
  /** Names of columns of which DuckDB reads no more than microseconds, where they have more. */
  readonly cut: readonly string[];
}

/** Looks into files of one schema. */
export async function describeParquet(
  duckDb: DuckDb,
  { files }: ParquetQuestion,
): Promise<ParquetDescription> {
  const all = await duckDb.columns(`SELECT * FROM ${parquetReader(files, 0)}`);
  // Last is the path.
  const called = all.slice(0, -1);
  const columns = await columnsOf(duckDb, files[0]?.path ?? "");
  // Files of several schemas have columns that the first doesn't tell.
  const isTold = columns.length === called.length;
  const names = isTold ? uniqueNames(columns.map(({ name }) => name)) : called.map(nameOf);
  const fields = called.map((field, place) => ({ ...field, name: names[place] ?? field.name }));
  const inText = await timesInText(duckDb, files, fields.length);
  return {
    fields: fields.map((field, place) =>
      inText.has(place) ? { ...field, type: { kind: "text" } } : field,
    ),
    cut: isTold ? names.filter((_, place) => columns[place]?.isCut) : [],
  };
}

function nameOf({ name }: Field): string {
  return name;
}

interface ParquetColumn {
  /** As the file has it; DuckDB numbers those that differ in case only. */
  readonly name: string;
  /** Whether it has, or has in it, moments in nanoseconds: DuckDB has no type for those. */
  readonly isCut: boolean;
}

/** The columns by the footer, in which a column stands before what is nested in it. */
async function columnsOf(duckDb: DuckDb, path: string): Promise<readonly ParquetColumn[]> {
  const isMoment = "logical_type LIKE 'TimestampType(isAdjustedToUTC=1,%NANOS=NanoSeconds%'";
  const [root, ...elements] = await duckDb.rows(
    `SELECT name, num_children::INTEGER AS children, coalesce(${isMoment}, false) AS moment ` +
      `FROM parquet_schema(${quoteText(literalPath(path))})`,
  );
  const columns: ParquetColumn[] = [];
  let at = 0;
  for (let column = 0; column < Number(root?.["children"] ?? 0); column += 1) {
    const name = elements[at]?.["name"];
    let isCut = false;
    for (let open = 1; open > 0 && at < elements.length; at += 1) {
      const { children, moment } = elements[at] ?? {};
      isCut ||= moment === true;
      open += Number(children ?? 0) - 1;
    }
    columns.push({ name: typeof name === "string" ? name : "", isCut });
  }
  return columns;
}

/** Places of columns that have nanoseconds between microseconds, which a timestamp would drop. */
async function timesInText(
  duckDb: DuckDb,
  files: ParquetQuestion["files"],
  columns: number,
): Promise<ReadonlySet<number>> {
  const query = `SELECT * FROM ${parquetReader(files, columns)}`;
  const types = await duckDb.rows(`SELECT column_type FROM (DESCRIBE ${query})`);
  const places = types.flatMap(({ column_type: type }, place) =>
    type === "TIMESTAMP_NS" ? [place] : [],
  );
  if (places.length === 0) return new Set();
  const tests = places.map((place) => `bool_and(epoch_ns(p${place}) % 1000 = 0) AS c${place}`);
  const [row = {}] = await duckDb.rows(`SELECT ${tests.join(", ")} FROM (${query})`);
  return new Set(places.filter((place) => row[`c${place}`] === false));
}
