/** The values of a cursor column: as they compare, and as exact text. */
import {
  bitAt,
  HakiriError,
  integerReader,
  jsonTextOf,
  vectorBuilder,
  type DataType,
  type RecordBatch,
  type Vector,
} from "../../../src/connector.ts";

/** A value that compares by `<` with others of its column. */
export type Comparable = bigint | string;

/** Reads one column of one batch. */
export interface CursorValues {
  /** Null for a row without a value, or with infinity, above which there is nothing. */
  readonly comparable: (row: number) => Comparable | null;
  /** As `serverText` takes it; of a row with a value. */
  readonly text: (row: number) => string;
}

/** The reader of a column that `isOrdered` lets be a cursor's. */
export function cursorValues(batch: RecordBatch, column: number): CursorValues {
  const vector = batch.columns[column];
  if (vector === undefined) throw new Error(`expected a column ${column} of cursor values`);
  const json = jsonTextOf(vector);
  const isQuoted = vector.type.kind !== "int" && vector.type.kind !== "decimal";
  // What is quoted in JSON is a text.
  const text = (row: number): string => (isQuoted ? (JSON.parse(json(row)) as string) : json(row));
  const read = comparableReader(vector, text);
  const { validity } = vector;
  const least = leastOf(vector.type);
  return {
    text: least === null ? text : (row) => (read(row) === least ? leastText : text(row)),
    comparable: validity === null ? read : (row) => (bitAt(validity, row) ? read(row) : null),
  };
}

const infiniteDays = 2n ** 31n - 1n;
const infiniteMicros = 2n ** 63n - 1n;

/** A value like others, but one that no calendar has. */
const leastText = "-infinity";

/** -infinity of a type that has one. */
function leastOf({ kind }: DataType): bigint | null {
  return kind === "date" ? -infiniteDays : kind === "timestamp" ? -infiniteMicros : null;
}

function finite(value: bigint, infinity: bigint): bigint | null {
  return value === infinity ? null : value;
}

function comparableReader(
  vector: Vector,
  text: (row: number) => string,
): (row: number) => Comparable | null {
  const { type, values } = vector;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  switch (type.kind) {
    case "int":
      return integerReader(type, view);
    case "date":
      return (row) => finite(BigInt(view.getInt32(row * 4, true)), infiniteDays);
    case "timestamp":
      return (row) => finite(view.getBigInt64(row * 8, true), infiniteMicros);
    case "decimal":
      return (row) =>
        view.getBigUint64(row * 16, true) + (view.getBigInt64(row * 16 + 8, true) << 64n);
    case "uuid":
    case "text":
      return text;
    case "null":
    case "bool":
    case "float":
    case "json":
    case "binary":
    case "time":
    case "list":
    case "struct":
      throw new Error(`a column of ${type.kind} can't order a read`);
  }
}

/**
 * A value of a stored cursor, or one that a user wrote, as it compares; null for a text that isn't
 * of the type. A date does for a timestamp, and no zone means UTC.
 */
export function comparableOf(type: DataType, text: string): Comparable | null {
  const least = leastOf(type);
  if (least !== null && text === leastText) return least;
  for (const form of formsOf(type, text)) {
    const builder = vectorBuilder(type, "cursor");
    try {
      builder.append(form);
    } catch (error) {
      if (error instanceof HakiriError) continue;
      throw error;
    }
    const batch = { rows: 1, columns: [builder.finish()], tombstones: null };
    return cursorValues(batch, 0).comparable(0);
  }
  return null;
}

function formsOf(type: DataType, text: string): readonly string[] {
  if (type.kind !== "timestamp" || !type.zoned) return [text];
  return [text, `${text}Z`, `${text}T00:00:00Z`];
}

/**
 * A text of a date or timestamp as the server reads it: years after 9999 without a sign, and before
 * 1 as those before Christ, of which the first is our year 0.
 */
export function serverText(text: string): string {
  const [, sign, year, rest] =
    /^([+-](?=\d{6})|(?=0000))(\d{4,7})(-\d\d-\d\d.*)$/su.exec(text) ?? [];
  if (year === undefined || rest === undefined) return text;
  return sign === "+" ? `${Number(year)}${rest}` : `${yearText(Number(year) + 1)}${rest} BC`;
}

function yearText(year: number): string {
  return String(year).padStart(4, "0");
}
