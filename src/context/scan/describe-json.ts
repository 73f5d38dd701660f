/** Finds out what the members of JSON rows hold. */
import { HakiriError } from "../../core/error.ts";
import { quoteText } from "../../core/identifier.ts";
import { nameKey } from "../../core/name-text.ts";
import type { ScanQuestion } from "../../core/ports/scanner.ts";
import type { Scan } from "../../core/scan.ts";
import type { DataType, Field } from "../../core/type.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { pathList } from "./csv-reader.ts";
import { emptyFile } from "./empty-file.ts";
import { inferTypes, jsonCandidates, numberCandidates } from "./infer-types.ts";
import { jsonMember, jsonRows, writtenRows } from "./json-rows.ts";
import { doublePaths, fieldsOfStructure, hasNestedInteger, withoutMaps } from "./json-structure.ts";
import { jsonOptions, sourceOf } from "./scan-relation.ts";
import { isoFormats, textReading } from "./text-value.ts";
import { longNumbers, markedNumbers, mayHaveLongNumbers } from "./written-numbers.ts";

type JsonQuestion = Extract<ScanQuestion, { kind: "json" }>;
type JsonScan = Extract<Scan, { kind: "json" }>;

/**
 * An object of more members than this is a map in all but name (the dependencies of a package): as
 * columns of a struct they would be many, mostly empty, and more with each file.
 */
const bounds = { membersMax: 48, depthMax: 8 } as const;

/** What was found. */
export interface JsonDescription {
  readonly fields: readonly Field[];
  /** Whether numbers have to be read as they are written: DuckDB would round some. */
  readonly isWritten: boolean;
}

/**
 * The members of the rows in the order in which they are met. Strings are dates and times where all
 * are. Throws Permanent `file.empty` where there is no row.
 */
export async function describeJson(
  duckDb: DuckDb,
  question: JsonQuestion,
): Promise<JsonDescription> {
  const guessed = await guess(duckDb, question);
  const { hasLongNumbers, hasNul } = await lookAtTexts(duckDb, question);
  const isOdd = guessed === null || hasNul || hasOddNames(guessed);
  const found = isOdd ? await structureOf(duckDb, question) : guessed;
  const fields = found.map((field) => ({ ...field, type: withoutMaps(field.type, bounds) }));
  const lossy = hasLongNumbers ? await lossyFields(duckDb, question, fields) : new Set<string>();
  const told = fields.map((field): Field => {
    const isNested = field.type.kind === "list" || field.type.kind === "struct";
    const mayOverflow = isOdd && hasLongNumbers && hasNestedInteger(field.type);
    const isJson = (isNested && lossy.has(field.name)) || mayOverflow;
    return isJson ? { ...field, type: { kind: "json" } } : field;
  });
  const isWritten = lossy.size > 0 || (isOdd && hasLongNumbers);
  const isOpenNumber = ({ name, type }: Field): boolean =>
    (type.kind === "float" && lossy.has(name)) || (isOdd && type.kind === "int");
  const refined = await refine(duckDb, question, { fields: told, isOpenNumber, isWritten });
  return { fields: refined, isWritten };
}

/** By DuckDB's own look; null where two members of an object differ in case only. */
async function guess(
  duckDb: DuckDb,
  { files, layout, sampleRows }: JsonQuestion,
): Promise<readonly Field[] | null> {
  const options = [
    ...jsonOptions(layout, files).filter((option) => !option.startsWith("filename")),
    "union_by_name = true",
    `sample_size = ${sampleRows ?? -1}`,
    `maximum_depth = ${bounds.depthMax}`,
    "map_inference_threshold = -1",
    // Formats that no text has: which strings are dates is looked at more closely below.
    "dateformat = 'none'",
    "timestampformat = 'none'",
  ];
  try {
    return await duckDb.columns(
      `SELECT * FROM read_json(${[pathList(files), ...options].join(", ")})`,
    );
  } catch (error) {
    if (error instanceof HakiriError && /Duplicate name/u.test(error.message)) return null;
    throw error;
  }
}

/** What DuckDB's look doesn't tell. */
async function lookAtTexts(
  duckDb: DuckDb,
  question: JsonQuestion,
): Promise<{ readonly hasLongNumbers: boolean; readonly hasNul: boolean }> {
  const [row = {}] = await duckDb.rows(
    `SELECT bool_or(${mayHaveLongNumbers("json")}) AS long, ` +
      `bool_or(contains(json, '\\u0000')) AS nul FROM ${some(question)}`,
  );
  return { hasLongNumbers: row["long"] === true, hasNul: row["nul"] === true };
}

function some({ layout, files, sampleRows }: JsonQuestion, rows = jsonRows): string {
  const limit = sampleRows === null ? "" : ` LIMIT ${Math.max(1, sampleRows)}`;
  return `(SELECT * FROM ${rows(jsonOptions(layout, files), files)}${limit})`;
}

/**
 * DuckDB calls the second of two names that differ in case `id_1`, and a member without a name
 * `C0`, by its place.
 */
function hasOddNames(fields: readonly Field[]): boolean {
  const keys = new Set(fields.map(({ name }) => nameKey(name)));
  return fields.some(
    ({ name }, place) =>
      name === `C${place}` ||
      (/_\d+$/u.test(name) && keys.has(nameKey(name.replace(/_\d+$/u, "")))),
  );
}

/** By a look that tells the names as they are. */
async function structureOf(duckDb: DuckDb, question: JsonQuestion): Promise<readonly Field[]> {
  const [row = {}] = await duckDb.rows(
    `SELECT json_group_structure(json)::VARCHAR AS structure FROM ${some(question)} ` +
      "WHERE json_type(json) = 'OBJECT'",
  );
  const { structure } = row;
  return typeof structure === "string" ? fieldsOfStructure(structure) : [];
}

/** Names of the fields in which DuckDB would round a number. */
async function lossyFields(
  duckDb: DuckDb,
  question: JsonQuestion,
  fields: readonly Field[],
): Promise<ReadonlySet<string>> {
  const allExact = (numbers: string): string =>
    `coalesce(list_bool_and(list_transform(${numbers}, lambda x: ${exactDouble("x")})), true)`;
  const [any = {}] = await duckDb.rows(
    `SELECT bool_and(${allExact(longNumbers("json"))}) AS exact FROM ${some(question)} ` +
      `WHERE ${mayHaveLongNumbers("json")}`,
  );
  if (any["exact"] !== false) return new Set();
  const tests = fields.flatMap(({ name, type }, index) => {
    const paths = type.kind === "json" ? null : doublePaths(type);
    if (paths?.length === 0) return [];
    const member = jsonMember("marked", name);
    const parts = (paths ?? ["$"]).map((path) => {
      return allExact(markedNumbers(`to_json(${member} -> ${quoteText(path)})::VARCHAR`));
    });
    return [{ name, test: `bool_and(${parts.join(" AND ")}) AS c${index}`, column: `c${index}` }];
  });
  if (tests.length === 0) return new Set();
  const [row = {}] = await duckDb.rows(
    `SELECT ${tests.map(({ test }) => test).join(",\n")}\nFROM ${some(question, writtenRows)}`,
  );
  return new Set(tests.flatMap(({ name, column }) => (row[column] === false ? [name] : [])));
}

/** Whether a double holds the number of a text. */
function exactDouble(text: string): string {
  const reading = textReading({ kind: "float", bits: 64 }, isoFormats);
  if (reading === null) throw new Error("expected doubles to be read from texts");
  return `coalesce(${reading.isExact(text, reading.cast(text))}, false)`;
}

interface Refinement {
  readonly fields: readonly Field[];
  /** Whether a number may be of another type than DuckDB says. */
  readonly isOpenNumber: (field: Field) => boolean;
  readonly isWritten: boolean;
}

/** Looks at texts, at numbers, and at what DuckDB calls JSON for want of a value. */
async function refine(
  duckDb: DuckDb,
  { files, layout }: JsonQuestion,
  { fields, isOpenNumber, isWritten }: Refinement,
): Promise<readonly Field[]> {
  const asTexts = fields.map((field): Field => {
    const isText = isOpen(field.type) || isOpenNumber(field);
    return isText ? { ...field, type: { kind: "text" } } : field;
  });
  const common = { kind: "json", files, layout, onBadRow: "error", rowsMax: null } as const;
  const scan: JsonScan = { ...common, fields: asTexts, ...(isWritten && { isWritten }) };
  const source = sourceOf(scan, "fail");
  const [row] = await duckDb.rows(`SELECT 1 AS one FROM (${source.from}) AS t LIMIT 1`);
  if (row === undefined) throw emptyFile(files);
  const typesOf = async (
    isOne: (field: Field) => boolean,
    candidates: readonly DataType[],
  ): Promise<readonly (readonly [string, DataType])[]> => {
    const columns = fields.flatMap((field, index) => (isOne(field) ? [`p${index}`] : []));
    const texts = { relation: source.from, columns, candidates, formats: isoFormats };
    const types = await inferTypes(duckDb, texts);
    return types.map((type, index) => [columns[index] ?? "", type]);
  };
  const byColumn = new Map([
    ...(await typesOf(({ type }) => isOpen(type), jsonCandidates)),
    ...(await typesOf(isOpenNumber, numberCandidates)),
  ]);
  return fields.map((field, index): Field => {
    const refined = byColumn.get(`p${index}`);
    if (refined === undefined) return field;
    // Texts of JSON aren't dates: what is quoted there is still in its quotes.
    const isJson = field.type.kind === "json" && refined.kind !== "null";
    return { ...field, type: isJson ? field.type : refined };
  });
}

/** TIME as well: DuckDB drops what is past microseconds. */
function isOpen({ kind }: DataType): boolean {
  return kind === "text" || kind === "json" || kind === "time";
}
