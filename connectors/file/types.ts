/** The words by which `types` of the settings names a column's type. */
import type { DataType } from "../../src/connector.ts";

const words: Readonly<Record<string, DataType>> = {
  bool: { kind: "bool" },
  boolean: { kind: "bool" },
  int8: { kind: "int", bits: 8, signed: true },
  tinyint: { kind: "int", bits: 8, signed: true },
  int16: { kind: "int", bits: 16, signed: true },
  smallint: { kind: "int", bits: 16, signed: true },
  int32: { kind: "int", bits: 32, signed: true },
  int: { kind: "int", bits: 32, signed: true },
  integer: { kind: "int", bits: 32, signed: true },
  int64: { kind: "int", bits: 64, signed: true },
  bigint: { kind: "int", bits: 64, signed: true },
  uint8: { kind: "int", bits: 8, signed: false },
  utinyint: { kind: "int", bits: 8, signed: false },
  uint16: { kind: "int", bits: 16, signed: false },
  usmallint: { kind: "int", bits: 16, signed: false },
  uint32: { kind: "int", bits: 32, signed: false },
  uinteger: { kind: "int", bits: 32, signed: false },
  uint64: { kind: "int", bits: 64, signed: false },
  ubigint: { kind: "int", bits: 64, signed: false },
  float32: { kind: "float", bits: 32 },
  float: { kind: "float", bits: 32 },
  real: { kind: "float", bits: 32 },
  float64: { kind: "float", bits: 64 },
  double: { kind: "float", bits: 64 },
  "double precision": { kind: "float", bits: 64 },
  text: { kind: "text" },
  string: { kind: "text" },
  varchar: { kind: "text" },
  json: { kind: "json" },
  uuid: { kind: "uuid" },
  date: { kind: "date" },
  time: { kind: "time" },
  timestamp: { kind: "timestamp", zoned: false },
  datetime: { kind: "timestamp", zoned: false },
  timestamptz: { kind: "timestamp", zoned: true },
  "timestamp with time zone": { kind: "timestamp", zoned: true },
};

/** The words that are types by themselves, for hints. */
export const typeWords: readonly string[] = [...Object.keys(words), "decimal(18,2)"];

const precisionMax = 38;

/** The type that a word names, in the spelling of SQL or of hakiri; null for no type. */
export function typeOfWord(word: string): DataType | null {
  const text = word.trim().toLowerCase().replaceAll(/\s+/gu, " ");
  const [, precision, scale = "0"] =
    /^(?:decimal|numeric) ?\( ?(\d{1,2}) ?(?:, ?(\d{1,2}) ?)?\)$/u.exec(text) ?? [];
  if (precision === undefined) return Object.hasOwn(words, text) ? (words[text] ?? null) : null;
  const type = { kind: "decimal", precision: Number(precision), scale: Number(scale) } as const;
  const isValid =
    type.precision >= 1 && type.precision <= precisionMax && type.scale <= type.precision;
  return isValid ? type : null;
}
