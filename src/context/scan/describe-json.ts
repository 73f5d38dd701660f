/** Finds out what the members of JSON rows hold. */
import { HakiriError } from "../../core/error.ts";
import { nameKey } from "../../core/name-text.ts";
import type { ScanQuestion } from "../../core/ports/scanner.ts";
import type { DataType, Field } from "../../core/type.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { pathColumn, pathList } from "./csv-reader.ts";
import { emptyFile } from "./empty-file.ts";
import { inferTypes, jsonCandidates } from "./infer-types.ts";
import { jsonOptions, sourceOf } from "./scan-relation.ts";
import { isoFormats } from "./text-value.ts";

type JsonQuestion = Extract<ScanQuestion, { kind: "json" }>;

/** Deeper members stay JSON. */
const depthMax = 8;

/**
 * An object of more members than this is a map in all but name (the dependencies of a package): as
 * columns of a struct they would be many, mostly empty, and more with each file.
 */
const structMembersMax = 48;

/**
 * The members of the rows in the order in which they are met. Strings are dates and times where all
 * are. Throws Permanent `file.empty` where there is no row, and `file.unnamed_member`.
 */
export async function describeJson(
  duckDb: DuckDb,
  question: JsonQuestion,
): Promise<readonly Field[]> {
  const { files, layout, sampleRows } = question;
  const options = [
    ...jsonOptions(layout, files).filter((option) => !option.startsWith("filename")),
    "union_by_name = true",
    `sample_size = ${sampleRows ?? -1}`,
    `maximum_depth = ${depthMax}`,
    "map_inference_threshold = -1",
    // Formats that no text has: which strings are dates is looked at more closely below.
    "dateformat = 'none'",
    "timestampformat = 'none'",
  ];
  const guessed = await duckDb.columns(
    `SELECT * FROM read_json(${[pathList(files), ...options].join(", ")})`,
  );
  const found = guessed.map((field) => ({ ...field, type: withoutMaps(field.type) }));
  const told =
    mayHaveTwins(found) || mayHaveEmptyName(found)
      ? await exactFields(duckDb, question, found)
      : found;
  return refine(duckDb, question, told);
}

/** The type with `json` in the place of structs that are maps. */
function withoutMaps(type: DataType): DataType {
  if (type.kind === "list") return { kind: "list", item: withoutMaps(type.item) };
  if (type.kind !== "struct") return type;
  if (type.fields.length > structMembersMax) return { kind: "json" };
  const fields = type.fields.map((field) => ({ ...field, type: withoutMaps(field.type) }));
  return { kind: "struct", fields };
}

/** DuckDB calls the second of two names that differ in case `id_1`. */
function mayHaveTwins(fields: readonly Field[]): boolean {
  const keys = new Set(fields.map(({ name }) => nameKey(name)));
  return fields.some(
    ({ name }) => /_\d+$/u.test(name) && keys.has(nameKey(name.replace(/_\d+$/u, ""))),
  );
}

/** DuckDB calls a member without a name `C0`, by its place. */
function mayHaveEmptyName(fields: readonly Field[]): boolean {
  return fields.some(({ name }, place) => name === `C${place}`);
}

/** A column can't be without a name, and as DuckDB's `C0` it would be without its values. */
function unnamedMember(files: JsonQuestion["files"]): HakiriError {
  const name = files[0]?.name ?? "";
  return new HakiriError({
    kind: "Permanent",
    code: "file.unnamed_member",
    message: `expected members with names in '${name}' and what is read with it, got one without`,
    hint: "name that member in the file",
    where: { file: name },
  });
}

/** By a second look, which tells the names as they are; what has another name is JSON. */
async function exactFields(
  duckDb: DuckDb,
  { files, layout }: JsonQuestion,
  found: readonly Field[],
): Promise<readonly Field[]> {
  const reader = `read_json_objects(${[pathList(files), ...jsonOptions(layout, files)].join(", ")})`;
  const rows = await duckDb.rows(
    "SELECT DISTINCT unnest(json_keys(json)) AS name " +
      `FROM (SELECT json, ${pathColumn} FROM ${reader}) WHERE json_type(json) = 'OBJECT'`,
  );
  const names = new Set(rows.flatMap(({ name }) => (typeof name === "string" ? [name] : [])));
  if (names.has("")) throw unnamedMember(files);
  const known = found.filter(({ name }) => names.has(name));
  const missing = [...names].filter((name) => !known.some((field) => field.name === name));
  return [
    ...known,
    ...missing.toSorted().map((name): Field => {
      return { name, type: { kind: "json" }, nullable: true };
    }),
  ];
}

/** Looks at texts, and at what DuckDB calls JSON for want of a value. */
async function refine(
  duckDb: DuckDb,
  { files, layout }: JsonQuestion,
  fields: readonly Field[],
): Promise<readonly Field[]> {
  const asTexts = fields.map((field): Field => {
    return isOpen(field.type) ? { ...field, type: { kind: "text" } } : field;
  });
  const scan = {
    kind: "json",
    files,
    layout,
    fields: asTexts,
    onBadRow: "error",
    rowsMax: null,
  } as const;
  const source = sourceOf(scan, "fail");
  const [row] = await duckDb.rows(`SELECT 1 AS one FROM (${source.from}) AS t LIMIT 1`);
  if (row === undefined) throw emptyFile(files);
  const columns = fields.flatMap(({ type }, index) => (isOpen(type) ? [`p${index}`] : []));
  const types = await inferTypes(duckDb, {
    relation: source.from,
    columns,
    candidates: jsonCandidates,
    formats: isoFormats,
  });
  const byColumn = new Map(columns.map((column, index) => [column, types[index]]));
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
