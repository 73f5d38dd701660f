/** Finds the types that hold texts exactly, by looking at all of them or at some. */
import { quoteText } from "../../core/identifier.ts";
import type { Json } from "../../core/json.ts";
import type { DataType } from "../../core/type.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { decimalDigits, textReading, type DateFormats } from "./text-value.ts";

/** Texts that types are found for. */
export interface Texts {
  /** A SELECT. */
  readonly relation: string;
  /** Its columns of texts, of names that need no quotes. */
  readonly columns: readonly string[];
  /** Types to try, in this order, before text. */
  readonly candidates: readonly DataType[];
  readonly formats: DateFormats;
}

/** Numbers that nothing else holds: where all have a point at most, a decimal may. */
const numeric: DataType = { kind: "text", tag: "numeric" };

/** What a text in a file of texts may be. Integers past 64 bits are decimals. */
export const csvCandidates: readonly DataType[] = [
  { kind: "bool" },
  { kind: "int", bits: 64, signed: true },
  { kind: "decimal", precision: 38, scale: 0 },
  { kind: "float", bits: 64 },
  { kind: "date" },
  { kind: "timestamp", zoned: false },
  { kind: "timestamp", zoned: true },
  { kind: "time" },
  numeric,
];

/** What a number in JSON may be that DuckDB calls a double. */
export const numberCandidates: readonly DataType[] = csvCandidates.filter(
  (type) => type === numeric || ["int", "decimal", "float"].includes(type.kind),
);

/** What a string in JSON may be: numbers and booleans have a form of their own there. */
export const jsonCandidates: readonly DataType[] = csvCandidates.filter(({ kind }) =>
  ["date", "timestamp", "time"].includes(kind),
);

const text: DataType = { kind: "text" };
const nothing: DataType = { kind: "null" };

/** Rows that are tried with every candidate: a cast that fails takes DuckDB microseconds. */
const triedRows = 128;

/** Texts that are tried with every candidate: of a wide file fewer rows. */
const triedTexts = 8192;

/**
 * For each column the first candidate that holds all its texts; null where there are none.
 *
 * All texts are tried with one candidate of each column at a time, usually the right one. What it
 * doesn't hold rules others out as well: to try all of those on all texts takes seconds for each
 * million, since hardly any of the casts succeeds.
 */
export async function inferTypes(duckDb: DuckDb, texts: Texts): Promise<readonly DataType[]> {
  const { columns } = texts;
  if (columns.length === 0) return [];
  const found = new Map<string, DataType>();
  let left = await tryAllTypes(duckDb, texts);
  for (;;) {
    // A column without a candidate is text, whatever else is in it.
    for (const { column } of left.filter(hasNone)) found.set(column, text);
    const open = left.filter((trial) => !hasNone(trial));
    if (open.length === 0) break;
    const outcomes = await tryFirstTypes(duckDb, texts, open);
    const failed = open.flatMap((trial, index): readonly Failed[] => {
      const { isEmpty = false, misfits = [] } = outcomes[index] ?? {};
      const { column, candidates } = trial;
      if (!isEmpty && misfits.length > 0) {
        return [{ column, candidates: candidates.slice(1), misfits }];
      }
      found.set(column, isEmpty ? nothing : (candidates[0] ?? text));
      return [];
    });
    left = await withoutRefuted(duckDb, texts, failed);
  }
  for (const [column, type] of await decimalsAmong(duckDb, texts, found)) found.set(column, type);
  return columns.map((column) => found.get(column) ?? text);
}

function hasNone({ candidates }: Trial): boolean {
  return candidates.length === 0;
}

const decimalDigitsMax = 38;

/** The columns of numbers that are decimals of some size. */
async function decimalsAmong(
  duckDb: DuckDb,
  { relation }: Texts,
  found: ReadonlyMap<string, DataType>,
): Promise<ReadonlyMap<string, DataType>> {
  const columns = [...found].flatMap(([column, type]) => (type === numeric ? [column] : []));
  if (columns.length === 0) return new Map();
  const parts = columns.flatMap((column, index) => {
    const { whole, fraction, isPlain } = decimalDigits(`t.${column}`);
    return [`${whole} AS w${index}`, `${fraction} AS f${index}`, `${isPlain} AS p${index}`];
  });
  const [row = {}] = await duckDb.rows(`SELECT ${parts.join(",\n")}\nFROM (${relation}) AS t`);
  const decimals = columns.flatMap((column, index): (readonly [string, DataType])[] => {
    const scale = Number(row[`f${index}`]);
    const precision = Math.max(1, Number(row[`w${index}`]) + scale);
    if (row[`p${index}`] !== true || precision > decimalDigitsMax) return [];
    return [[column, { kind: "decimal", precision, scale }]];
  });
  return new Map(decimals);
}

/** A column and the types that it may have. */
interface Trial {
  readonly column: string;
  readonly candidates: readonly DataType[];
}

/** A column of which a candidate didn't hold all texts, and those that are left. */
interface Failed extends Trial {
  /** Some of the texts. */
  readonly misfits: readonly string[];
}

/** What the first rows leave of the candidates. */
async function tryAllTypes(duckDb: DuckDb, texts: Texts): Promise<readonly Trial[]> {
  const { relation, columns, candidates } = texts;
  const rows = Math.max(1, Math.min(triedRows, Math.floor(triedTexts / columns.length)));
  const places = columns.map((_, place) => place);
  const list =
    `SELECT unnest([${columns.join(", ")}]) AS v, unnest([${places.join(", ")}]) AS place\n` +
    `FROM (SELECT * FROM (${relation}) LIMIT ${rows})`;
  const refuted = await refutedTypes(duckDb, texts, list);
  return columns.map((column, place) => {
    return { column, candidates: candidates.filter((type) => !isRefuted(refuted, place, type)) };
  });
}

/** What the misfits leave of the candidates. */
async function withoutRefuted(
  duckDb: DuckDb,
  texts: Texts,
  failed: readonly Failed[],
): Promise<readonly Trial[]> {
  const rows = failed.flatMap(({ misfits }, place) =>
    misfits
      .filter((misfit) => misfit.length <= misfitCharsMax && !misfit.includes("\0"))
      .map((misfit) => `(${quoteText(misfit)}, ${place})`),
  );
  if (rows.length === 0) return failed;
  const list = `SELECT v, place FROM (VALUES ${rows.join(", ")}) AS m(v, place)`;
  const refuted = await refutedTypes(duckDb, texts, list);
  return failed.map(({ column, candidates }, place) => {
    return { column, candidates: candidates.filter((type) => !isRefuted(refuted, place, type)) };
  });
}

/** By the place of a column, the candidates that don't hold each of its texts. */
type Refuted = ReadonlyMap<number, ReadonlySet<DataType>>;

function isRefuted(refuted: Refuted, place: number, type: DataType): boolean {
  return refuted.get(place)?.has(type) ?? false;
}

/**
 * Tries texts `v` of columns `place` with all candidates. The columns are laid below each other, so
 * that the statement has as many expressions for a thousand columns as for one: DuckDB takes longer
 * for each expression the more there are.
 */
async function refutedTypes(
  duckDb: DuckDb,
  { candidates, formats }: Texts,
  list: string,
): Promise<Refuted> {
  const tests = candidates.map(
    (type, index) => `bool_and(${test(type, formats, "v")}) AS c${index}`,
  );
  const rows = await duckDb.rows(
    `SELECT ${["place", ...tests].join(",\n")}\nFROM (${list}) WHERE v IS NOT NULL GROUP BY place`,
  );
  return new Map(
    rows.map((row) => {
      const refuted = candidates.filter((_, index) => row[`c${index}`] === false);
      return [Number(row["place"]), new Set(refuted)];
    }),
  );
}

/** Texts of a column that are kept of those which a candidate doesn't hold. */
const misfitsMax = 8;

/** Longer misfits are cut, and rule nothing else out, since a type may hold the whole of one. */
const misfitCharsMax = 64;

interface Outcome {
  /** Whether there is no text, which any type holds. */
  readonly isEmpty: boolean;
  /** Some texts that the first candidate doesn't hold; none where it holds all. */
  readonly misfits: readonly string[];
}

/** All texts with the first candidate of each column. */
async function tryFirstTypes(
  duckDb: DuckDb,
  { relation, formats }: Texts,
  trials: readonly Trial[],
): Promise<readonly Outcome[]> {
  // Not by FILTER: DuckDB takes room for all columns there are for each aggregate that has one.
  const tests = trials.flatMap(({ column, candidates: [first] }, index) => {
    const value = `t.${column}`;
    const isEmpty = `count(${value}) = 0 AS n${index}`;
    if (first === undefined) return [isEmpty];
    const misfit = `CASE WHEN ${test(first, formats, value)} THEN NULL ELSE left(${value}, ${misfitCharsMax + 1}) END`;
    return [isEmpty, `min(${misfit}, ${misfitsMax}) AS m${index}`];
  });
  const [row = {}] = await duckDb.rows(`SELECT ${tests.join(",\n")}\nFROM (${relation}) AS t`);
  return trials.map((_, index) => ({
    isEmpty: row[`n${index}`] === true,
    misfits: textsOf(row[`m${index}`]),
  }));
}

function textsOf(list: Json | undefined): readonly string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

function test(type: DataType, formats: DateFormats, value: string): string {
  const reading = textReading(type, formats);
  if (reading === null) throw new Error("text is no candidate: it holds everything");
  return `coalesce(${reading.isExact(value, reading.cast(value))}, false)`;
}
