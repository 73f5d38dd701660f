/**
 * What has to be known of the values that come with a batch or a scan before its schema can be
 * taken in: bounds of integers, which a promotion to floats depends on (core/unify-numbers.ts), and
 * an example of what can't be taken in.
 */
import { bitAt } from "../../columns/bitmap.ts";
import { fittingValues } from "../../columns/fitting-values.ts";
import { integerBoundsOf } from "../../columns/integer-bounds.ts";
import { jsonTextOf } from "../../columns/json-text.ts";
import type { DuckDb } from "../../context/duckdb/open-duckdb.ts";
import { fittingValue, readSingly } from "../../context/scan/fitting-value.ts";
import { fieldColumn, scanRelation } from "../../context/scan/scan-relation.ts";
import type { RecordBatch, Vector } from "../../core/batch.ts";
import { HakiriError } from "../../core/error.ts";
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import { fileColumn } from "../../core/reserved-column.ts";
import type { Scan } from "../../core/scan.ts";
import type { ViolationPlace } from "../../core/schema-violation.ts";
import type { DataType, Field } from "../../core/type.ts";
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
  /** A value of a column with its row, the first one that isn't of its old type. */
  example(wanted: WantedExample): Promise<Example>;
}

/** What an example is looked for. */
export interface WantedExample {
  /** Of the column, by the stream's name. */
  readonly name: string;
  /** The stream's names of the key's columns. */
  readonly key: readonly string[];
  /** The type whose values are none; null where any value is one. */
  readonly oldType: DataType | null;
}

/** A value that shows what is wrong, as text, and the key and file of its row where it has them. */
export type Example = Omit<ViolationPlace, "table">;

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
    example: async (wanted) => exampleIn(fields, batches, wanted),
  };
}

function exampleIn(
  fields: readonly Field[],
  batches: readonly RecordBatch[],
  { name, key, oldType }: WantedExample,
): Example {
  let other = noExample;
  const indexOf = (wanted: string): number => fields.findIndex((field) => field.name === wanted);
  for (const { rows, columns } of batches) {
    const vector = columns[indexOf(name)];
    if (vector === undefined || vector.type.kind === "null") continue;
    const refused = oldType === null ? null : fittingValues(vector, oldType, name).refused;
    for (let row = 0; row < rows; row += 1) {
      if (vector.validity !== null && !bitAt(vector.validity, row)) continue;
      const isFitting = refused?.[row] === 0;
      if (isFitting && other !== noExample) continue;
      const keyTexts = key.flatMap((part) => {
        const column = columns[indexOf(part)];
        return column === undefined ? [] : [jsonTextOf(column)(row)];
      });
      const primaryKey = keyTexts.length === 0 ? null : keyTexts.join(", ");
      const found = { example: jsonTextOf(vector)(row), primaryKey };
      if (!isFitting) return found;
      other = found;
    }
  }
  return other;
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
    example: (wanted) => {
      const isJson = scan.kind === "json";
      return unlessUnreadable(
        async () => ({ ...(await queryExample(duckDb, scan, wanted)), isJson }),
        {
          ...noExample,
          isJson,
        },
      );
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

/** The first value that isn't of the old type, or else the first one. */
async function queryExample(
  duckDb: DuckDb,
  scan: Scan,
  { name, key, oldType }: WantedExample,
): Promise<Example> {
  const place = scan.fields.findIndex((field) => field.name === name);
  const targets = scan.fields.map((_, index): FieldTarget => {
    const isMeant = index === place && oldType !== null;
    if (!isMeant) return { kind: "column", columnId: index, cast: null };
    return {
      kind: "discard_value",
      columnId: index,
      keeps: oldType,
      violation: { kind: "new_table" },
    };
  });
  const singly = readSingly(scan, targets);
  const relation = scanRelation(singly, { values: "leave_out", records: "pass_over" });
  const value = `s.${fieldColumn(place)}`;
  const isJson = singly.fields[place]?.type.kind === "json";
  const text = isJson ? `(${value} ->> '$')` : `${value}::VARCHAR`;
  const keys = key.map((part) => {
    const at = scan.fields.findIndex((field) => field.name === part);
    return at === -1 ? "NULL::VARCHAR" : `s.${fieldColumn(at)}::VARCHAR`;
  });
  const select =
    `SELECT ${text} AS example, s.${fileColumn.name} AS file, ` +
    `${keys.length === 0 ? "NULL" : `concat_ws(', ', ${keys.join(", ")})`} AS key ` +
    `FROM (${relation}) AS s WHERE ${value} IS NOT NULL`;
  const refused =
    oldType === null ? [] : [` AND ${fittingValue(singly, place, oldType).isFitting} IS NOT TRUE`];
  const textOf = (found: unknown): string | null => (typeof found === "string" ? found : null);
  for (const condition of [...refused, ""]) {
    const [row] = await duckDb.rows(`${select}${condition} LIMIT 1`);
    if (row === undefined) continue;
    const [example, primaryKey] = [textOf(row["example"]), textOf(row["key"])];
    return { example, primaryKey, file: textOf(row["file"]) };
  }
  return noExample;
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
