/**
 * Casts a column up to the type that its table's column has: the promotions of `unify`, and to json
 * whatever it is. Narrower files would be right too, but slower to read.
 */
import type { Vector } from "../core/batch.ts";
import { canonicalJson } from "../core/json.ts";
import type { DataType } from "../core/type.ts";
import { bitAt } from "./bitmap.ts";
import { missingVector } from "./constant-vector.ts";
import { fitsPrecision, getDecimal, setDecimal } from "./decimal-text.ts";
import { integerReader } from "./integer-reader.ts";
import { jsonTextOf } from "./json-text.ts";
import { valueError } from "./value-error.ts";
import { vectorBuilder } from "./vector-builder.ts";

/**
 * The column with its values as another type. It may share buffers with the one given, which is not
 * to be used after. Throws SchemaIncompatible `value.inexact` or `value.out_of_range`, naming the
 * column, for a value that the type doesn't hold, and a plain Error for types of which neither
 * `unify` nor `on_conflict = json` makes the other.
 */
export function castVector(vector: Vector, to: DataType, column: string): Vector {
  const from = vector.type;
  if (from.kind === "null") return missingVector(to, vector.length);
  if (to.kind === "json") return from.kind === "json" ? vector : toJson(vector, column);
  if (canonicalJson(from) === canonicalJson(to)) return vector;
  if (from.kind === "text" && to.kind === "text") return { ...vector, type: to };
  if (from.kind === "list" && to.kind === "list") {
    const children = vector.children.map((child) => castVector(child, to.item, `${column}[]`));
    return { ...vector, type: to, children };
  }
  if (from.kind === "struct" && to.kind === "struct") return castStruct(vector, from, to, column);
  return castFixed(vector, to, column);
}

type StructType = Extract<DataType, { kind: "struct" }>;

function castStruct(vector: Vector, from: StructType, to: StructType, column: string): Vector {
  const lost = from.fields.find(({ name }) => !to.fields.some((field) => field.name === name));
  if (lost !== undefined) throw new Error(`a cast of ${column} would lose the member ${lost.name}`);
  const byName = new Map(from.fields.map((field, index) => [field.name, vector.children[index]]));
  const children = to.fields.map((field) => {
    const child = byName.get(field.name);
    if (child === undefined) return missingVector(field.type, vector.length);
    return castVector(child, field.type, `${column}.${field.name}`);
  });
  return { ...vector, type: to, children };
}

function toJson(vector: Vector, column: string): Vector {
  const text = jsonTextOf(vector);
  // As text: what is made here needn't be checked for being JSON.
  const builder = vectorBuilder({ kind: "text" }, column);
  for (let row = 0; row < vector.length; row += 1) {
    builder.append(hasValue(vector, row) ? text(row) : null);
  }
  return { ...builder.finish(), type: { kind: "json" } };
}

function hasValue(vector: Vector, row: number): boolean {
  return vector.validity === null || bitAt(vector.validity, row);
}

/** Copies one row's value; false where the target doesn't hold it. */
type CopyValue = (row: number, view: DataView) => boolean;

function castFixed(vector: Vector, to: DataType, column: string): Vector {
  const copy = copierOf(vector, to);
  if (copy === null) throw new Error(`no cast of ${column} from ${vector.type.kind} to ${to.kind}`);
  const values = new Uint8Array(vector.length * copy.width);
  const view = new DataView(values.buffer);
  for (let row = 0; row < vector.length; row += 1) {
    if (!hasValue(vector, row) || copy.value(row, view)) continue;
    const fault = to.kind === "float" ? "inexact" : "out_of_range";
    throw valueError(fault, { column, type: to }, jsonTextOf(vector)(row));
  }
  return { ...vector, type: to, values };
}

function copierOf(
  vector: Vector,
  to: DataType,
): { readonly width: number; readonly value: CopyValue } | null {
  const { type, values } = vector;
  const from = new DataView(values.buffer, values.byteOffset, values.byteLength);
  if (type.kind === "date" && to.kind === "timestamp" && !to.zoned) {
    return { width: 8, value: dateToTimestamp(from) };
  }
  if (type.kind === "float" && to.kind === "float") {
    return type.bits < to.bits ? { width: 8, value: widenFloat(from) } : null;
  }
  if (to.kind === "int") return intCopier(type, to, from);
  const read = wholeReader(vector, from);
  if (read === null) return null;
  const scale = type.kind === "decimal" ? type.scale : 0;
  if (to.kind === "float") return scale === 0 ? { width: 8, value: toFloat(read) } : null;
  if (to.kind !== "decimal" || to.scale < scale) return null;
  return { width: 16, value: toDecimal(read, 10n ** BigInt(to.scale - scale), to.precision) };
}

/** Only to a wider int that has every value of the narrower one. */
function intCopier(
  type: DataType,
  to: Extract<DataType, { kind: "int" }>,
  from: DataView,
): { readonly width: number; readonly value: CopyValue } | null {
  const isWider = type.kind === "int" && type.bits < to.bits && (to.signed || !type.signed);
  return isWider ? { width: to.bits / 8, value: toInt(integerReader(type, from), to.bits) } : null;
}

/** The digits of an int or decimal, its scale left aside. */
function wholeReader({ type }: Vector, from: DataView): ((row: number) => bigint) | null {
  if (type.kind === "decimal") return (row) => getDecimal(from, row * 16);
  return type.kind === "int" ? integerReader(type, from) : null;
}

function dateToTimestamp(from: DataView): CopyValue {
  return (row, view) => {
    const micros = BigInt(from.getInt32(row * 4, true)) * 86_400_000_000n;
    view.setBigInt64(row * 8, micros, true);
    return BigInt.asIntN(64, micros) === micros;
  };
}

function widenFloat(from: DataView): CopyValue {
  return (row, view) => {
    view.setFloat64(row * 8, from.getFloat32(row * 4, true), true);
    return true;
  };
}

function toInt(read: (row: number) => bigint, bits: 8 | 16 | 32 | 64): CopyValue {
  // A promotion is to a wider type, in which every value is its own; bytes are modular.
  switch (bits) {
    case 8:
      return () => false;
    case 16:
      return (row, view) => {
        view.setInt16(row * 2, Number(read(row)), true);
        return true;
      };
    case 32:
      return (row, view) => {
        view.setInt32(row * 4, Number(read(row)), true);
        return true;
      };
    case 64:
      return (row, view) => {
        view.setBigInt64(row * 8, read(row), true);
        return true;
      };
  }
}

function toFloat(read: (row: number) => bigint): CopyValue {
  return (row, view) => {
    const digits = read(row);
    const value = Number(digits);
    view.setFloat64(row * 8, value, true);
    return BigInt(value) === digits;
  };
}

function toDecimal(read: (row: number) => bigint, factor: bigint, precision: number): CopyValue {
  return (row, view) => {
    const unscaled = read(row) * factor;
    setDecimal(view, row * 16, unscaled);
    return fitsPrecision(unscaled, precision);
  };
}
