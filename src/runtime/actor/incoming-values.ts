/**
 * What has to be known of the values that come with a batch or a scan before its schema can be
 * taken in: bounds of integers, which a promotion to floats depends on (core/unify-numbers.ts), and
 * an example of what can't be taken in.
 */
import { bitAt } from "../../columns/bitmap.ts";
import { integerBoundsOf } from "../../columns/integer-bounds.ts";
import { jsonTextOf } from "../../columns/json-text.ts";
import type { DuckDb } from "../../context/duckdb/open-duckdb.ts";
import { fieldColumn, scanRelation } from "../../context/scan/scan-relation.ts";
import type { RecordBatch, Vector } from "../../core/batch.ts";
import { HakiriError } from "../../core/error.ts";
import type { Scan } from "../../core/scan.ts";
import type { Field } from "../../core/type.ts";
import type { IntegerBounds } from "../../core/unify-numbers.ts";

/** Bounds by the stream's name of the column; what is absent isn't known. */
export type BoundsByName = ReadonlyMap<string, IntegerBounds>;

/** The values of what comes. */
export interface IncomingValues {
  /**
   * Bounds of integers of 64 bits that cost next to nothing: they hold, but may be wide. Of a scan
   * none, which is looked at where it was staged.
   */
  readonly rough: BoundsByName;
  /** Bounds of these columns of integers. */
  exact(names: readonly string[]): Promise<BoundsByName>;
  /** A value of a column, and the key of its row, as texts; null where there is no value. */
  example(name: string, key: readonly string[]): Promise<Example>;
}

/** A value that shows what is wrong. */
export interface Example {
  readonly example: string | null;
  readonly primaryKey: string | null;
}

/** Where there is none. */
export const noExample: Example = { example: null, primaryKey: null };

/** Of a stream that gives nothing. */
export const noValues: IncomingValues = {
  rough: new Map(),
  exact: async () => new Map(),
  example: async () => noExample,
};

/** The integers of record batches of these fields. */
export function valuesOfRecords(
  fields: readonly Field[],
  batches: readonly RecordBatch[],
): IncomingValues {
  const vectorsOf = (name: string): readonly Vector[] => {
    const index = fields.findIndex((field) => field.name === name);
    return batches.flatMap((batch) => batch.columns[index] ?? []);
  };
  const over = (names: readonly string[], of: (vector: Vector) => IntegerBounds | undefined) =>
    new Map(
      names.flatMap((name) => {
        const bounds = vectorsOf(name).map(of);
        return bounds.includes(undefined) ? [] : [[name, unionOf(bounds)] as const];
      }),
    );
  const wide = fields.filter(({ type }) => type.kind === "int" && type.bits === 64);
  return {
    rough: over(
      wide.map(({ name }) => name),
      roughBounds,
    ),
    exact: async (names) => over(names, integerBoundsOf),
    example: async (name, key) => exampleIn(fields, batches, { name, key }),
  };
}

function exampleIn(
  fields: readonly Field[],
  batches: readonly RecordBatch[],
  { name, key }: { readonly name: string; readonly key: readonly string[] },
): Example {
  const indexOf = (wanted: string): number => fields.findIndex((field) => field.name === wanted);
  for (const { rows, columns } of batches) {
    const vector = columns[indexOf(name)];
    if (vector === undefined || vector.type.kind === "null") continue;
    for (let row = 0; row < rows; row += 1) {
      if (vector.validity !== null && !bitAt(vector.validity, row)) continue;
      const keyTexts = key.flatMap((part) => {
        const column = columns[indexOf(part)];
        return column === undefined ? [] : [jsonTextOf(column)(row)];
      });
      const primaryKey = keyTexts.length === 0 ? null : keyTexts.join(", ");
      return { example: jsonTextOf(vector)(row), primaryKey };
    }
  }
  return noExample;
}

/** The least bounds around all; null where there is no integer, undefined ones passed over. */
export function unionOf(all: readonly (IntegerBounds | undefined)[]): IntegerBounds {
  return all.reduce<IntegerBounds>((union, bounds) => {
    if (bounds === undefined || bounds === null) return union;
    if (union === null) return bounds;
    const min = bounds.min < union.min ? bounds.min : union.min;
    return { min, max: bounds.max > union.max ? bounds.max : union.max };
  }, null);
}

const high = 2n ** 32n;

/** By the upper halves alone, which is a tenth of the work that 64 bits are in JavaScript. */
function roughBounds({ type, values, length }: Vector): IntegerBounds | undefined {
  if (type.kind !== "int" || type.bits !== 64) return undefined;
  if (length === 0) return null;
  const bytes = values.byteOffset % 4 === 0 ? values : values.slice();
  const words = type.signed
    ? new Int32Array(bytes.buffer, bytes.byteOffset, 2 * length)
    : new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * length);
  let min = words[1] ?? 0;
  let max = min;
  for (let index = 3; index < words.length; index += 2) {
    const word = words[index] ?? 0;
    if (word < min) min = word;
    if (word > max) max = word;
  }
  return { min: BigInt(min) * high, max: BigInt(max) * high + high - 1n };
}

/** The values of a scan, which is read once more for them. */
export function valuesOfScan(duckDb: DuckDb, scan: Scan): IncomingValues {
  const relation = scanRelation(scan, { values: "leave_out", records: "pass_over" });
  const columnOf = (name: string): string =>
    fieldColumn(scan.fields.findIndex((field) => field.name === name));
  return {
    rough: new Map(),
    exact: (names) => {
      const columns = names.map((name) => ({ name, column: columnOf(name) }));
      return unlessUnreadable(() => queryBounds(duckDb, relation, columns), new Map());
    },
    example: (name, key) => {
      const columns = { value: columnOf(name), key: key.map(columnOf) };
      return unlessUnreadable(() => queryExample(duckDb, relation, columns), noExample);
    },
  };
}

/** A file that can't be read is told where it is staged. */
async function unlessUnreadable<T>(query: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof HakiriError && /^(?:file|data)\./u.test(error.code)) return otherwise;
    throw error;
  }
}

async function queryExample(
  duckDb: DuckDb,
  relation: string,
  { value, key }: { readonly value: string; readonly key: readonly string[] },
): Promise<Example> {
  const keys = key.map((part) => `${part}::VARCHAR`);
  const primaryKey = keys.length === 0 ? "NULL" : `concat_ws(', ', ${keys.join(", ")})`;
  const [row] = await duckDb.rows(
    `SELECT ${value}::VARCHAR AS example, ${primaryKey} AS key FROM (${relation}) ` +
      `WHERE ${value} IS NOT NULL LIMIT 1`,
  );
  const textOf = (found: unknown): string | null => (typeof found === "string" ? found : null);
  return { example: textOf(row?.["example"]), primaryKey: textOf(row?.["key"]) };
}

/** A column of a relation as SQL spells it, and the name that its bounds go by. */
export interface BoundedColumn {
  readonly name: string;
  readonly column: string;
}

/** The bounds of columns of a relation, each of an integer type. */
export async function queryBounds(
  duckDb: DuckDb,
  relation: string,
  columns: readonly BoundedColumn[],
): Promise<BoundsByName> {
  if (columns.length === 0) return new Map();
  const items = columns.flatMap(({ column }, index) => [
    `min(${column})::VARCHAR AS min${index}`,
    `max(${column})::VARCHAR AS max${index}`,
  ]);
  const [row] = await duckDb.rows(`SELECT ${items.join(", ")} FROM (${relation})`);
  return new Map(
    columns.map(({ name }, index) => {
      const [min, max] = [row?.[`min${index}`], row?.[`max${index}`]];
      const isNone = typeof min !== "string" || typeof max !== "string";
      return [name, isNone ? null : { min: BigInt(min), max: BigInt(max) }] as const;
    }),
  );
}
