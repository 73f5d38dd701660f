/** Finds the types that hold texts exactly, by looking at all of them or at some. */
import type { DataType } from "../../core/type.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { textReading, type DateFormats } from "./text-value.ts";

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
];

/** What a string in JSON may be: numbers and booleans have a form of their own there. */
export const jsonCandidates: readonly DataType[] = csvCandidates.filter(({ kind }) =>
  ["date", "timestamp", "time"].includes(kind),
);

const text: DataType = { kind: "text" };
const nothing: DataType = { kind: "null" };

/** Rows that are tried with every candidate: a cast that fails takes DuckDB microseconds. */
const triedRows = 128;

/** For each column the first candidate that holds all its texts; null where there are none. */
export async function inferTypes(duckDb: DuckDb, texts: Texts): Promise<readonly DataType[]> {
  const { relation, columns, candidates } = texts;
  const tried = columns.map((column): Trial => ({ column, candidates }));
  const few = { ...texts, relation: `SELECT * FROM (${relation}) LIMIT ${triedRows}` };
  let open: readonly Trial[] = await tryTypes(duckDb, few, tried);
  const found = new Map<string, DataType>();
  // Each round settles a column or takes a candidate off it, so this ends.
  while (open.length > 0) {
    const trials = open.map(({ column, candidates: left }): Trial => {
      return { column, candidates: left.slice(0, 1) };
    });
    const outcomes = await tryTypes(duckDb, texts, trials);
    open = open.flatMap(({ column, candidates: left }, index): Trial[] => {
      const outcome = outcomes[index];
      const [type] = outcome?.candidates ?? [];
      if (outcome?.isEmpty === true || type !== undefined || left.length === 0) {
        found.set(column, outcome?.isEmpty === true ? nothing : (type ?? text));
        return [];
      }
      return [{ column, candidates: left.slice(1) }];
    });
  }
  return columns.map((column) => found.get(column) ?? text);
}

/** A column and the types that it may have. */
interface Trial {
  readonly column: string;
  readonly candidates: readonly DataType[];
}

/** Of those the types that hold all texts of the column. */
interface Outcome extends Trial {
  /** Whether there is no text, which any type holds. */
  readonly isEmpty: boolean;
}

async function tryTypes(
  duckDb: DuckDb,
  { relation, formats }: Texts,
  trials: readonly Trial[],
): Promise<readonly Outcome[]> {
  if (trials.length === 0) return [];
  const tests = trials.flatMap((trial, index) => testsOf(trial, index, formats));
  const [row = {}] = await duckDb.rows(`SELECT ${tests.join(",\n")}\nFROM (${relation}) AS t`);
  return trials.map(({ column, candidates }, index) => ({
    column,
    candidates: candidates.filter((_, candidate) => row[`c${index}_${candidate}`] !== false),
    isEmpty: row[`n${index}`] !== true,
  }));
}

/** Aggregates of one column: whether there is a text at all, and whether each candidate holds. */
function testsOf(trial: Trial, index: number, formats: DateFormats): readonly string[] {
  const value = `t.${trial.column}`;
  return [
    `count(${value}) > 0 AS n${index}`,
    ...trial.candidates.map((type, candidate) => {
      const reading = textReading(type, formats);
      if (reading === null) throw new Error("text is no candidate: it holds everything");
      const isExact = `coalesce(${reading.isExact(value, reading.cast(value))}, false)`;
      return `bool_and(${isExact}) FILTER (${value} IS NOT NULL) AS c${index}_${candidate}`;
    }),
  ];
}
