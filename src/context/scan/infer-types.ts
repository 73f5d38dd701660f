/** Finds the types that hold texts exactly, by looking at all of them or at some. */
import type { DataType } from "../../core/type.ts";
import type { DuckDb, DuckDbRow } from "../duckdb/open-duckdb.ts";
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

/** For each column the first candidate that holds all its texts; null where there are none. */
export async function inferTypes(duckDb: DuckDb, texts: Texts): Promise<readonly DataType[]> {
  const { columns } = texts;
  if (columns.length === 0) return [];
  let open: readonly Trial[] = await tryAllTypes(duckDb, texts);
  const found = new Map<string, DataType>();
  // One candidate is usually right. Where it isn't, the others share a second look.
  for (const look of ["first", "all"] as const) {
    const trials = open.map(({ column, candidates: left }): Trial => {
      return { column, candidates: look === "first" ? left.slice(0, 1) : left };
    });
    const outcomes = await tryTypes(duckDb, texts, trials);
    open = open.flatMap(({ column, candidates: left }, index): Trial[] => {
      const { isEmpty = false, type = null } = outcomes[index] ?? {};
      const rest = left.slice(1);
      if (!isEmpty && type === null && look === "first" && rest.length > 0) {
        return [{ column, candidates: rest }];
      }
      found.set(column, isEmpty ? nothing : (type ?? text));
      return [];
    });
    if (open.length === 0) break;
  }
  for (const [column, type] of await decimalsAmong(duckDb, texts, found)) found.set(column, type);
  return columns.map((column) => found.get(column) ?? text);
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

/**
 * What the first rows leave of the candidates. The columns are laid below each other, so that the
 * statement has as many expressions for a thousand columns as for one: DuckDB takes longer for each
 * expression the more there are.
 */
async function tryAllTypes(
  duckDb: DuckDb,
  { relation, columns, candidates, formats }: Texts,
): Promise<readonly Trial[]> {
  const rows = Math.max(1, Math.min(triedRows, Math.floor(triedTexts / columns.length)));
  const places = columns.map((_, place) => place);
  const list =
    `SELECT unnest([${columns.join(", ")}]) AS v, unnest([${places.join(", ")}]) AS place\n` +
    `FROM (SELECT * FROM (${relation}) LIMIT ${rows})`;
  const tests = candidates.map(
    (type, index) => `bool_and(${test(type, formats, "v")}) AS c${index}`,
  );
  const found = await duckDb.rows(
    `SELECT ${["place", ...tests].join(",\n")}\nFROM (${list}) WHERE v IS NOT NULL GROUP BY place`,
  );
  const byPlace = new Map(found.map((row) => [Number(row["place"]), row]));
  return columns.map((column, place) => {
    const row: DuckDbRow = byPlace.get(place) ?? {};
    return { column, candidates: candidates.filter((_, index) => row[`c${index}`] !== false) };
  });
}

interface Outcome {
  /** Whether there is no text, which any type holds. */
  readonly isEmpty: boolean;
  /** The first candidate that holds all texts. */
  readonly type: DataType | null;
}

async function tryTypes(
  duckDb: DuckDb,
  { relation, formats }: Texts,
  trials: readonly Trial[],
): Promise<readonly Outcome[]> {
  // Not by FILTER: DuckDB takes room for all columns there are for each aggregate that has one.
  const tests = trials.flatMap(({ column, candidates }, index) => [
    `count(t.${column}) = 0 AS n${index}`,
    ...candidates.map((type, place) => {
      const value = `t.${column}`;
      return `bool_and(${value} IS NULL OR ${test(type, formats, value)}) AS c${index}_${place}`;
    }),
  ]);
  const [row = {}] = await duckDb.rows(`SELECT ${tests.join(",\n")}\nFROM (${relation}) AS t`);
  return trials.map(({ candidates }, index) => ({
    isEmpty: row[`n${index}`] === true,
    type: candidates.find((_, place) => row[`c${index}_${place}`] === true) ?? null,
  }));
}

function test(type: DataType, formats: DateFormats, value: string): string {
  const reading = textReading(type, formats);
  if (reading === null) throw new Error("text is no candidate: it holds everything");
  return `coalesce(${reading.isExact(value, reading.cast(value))}, false)`;
}
