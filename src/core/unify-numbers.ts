/** The numeric part of `unify`: ints, decimals and floats. The order is explained there. */
import { typeName } from "./type-name.ts";
import type { DataType } from "./type.ts";

/** The smallest and the largest integer that a column holds; null when it holds none. */
export type IntegerBounds = { readonly min: bigint; readonly max: bigint } | null;

/** The types of numbers. */
export type NumberType = Extract<DataType, { kind: "int" | "decimal" | "float" }>;

type IntType = Extract<DataType, { kind: "int" }>;
type DecimalType = Extract<DataType, { kind: "decimal" }>;

/** A type of numbers, and whether a double holds each integer that came as it. */
export interface RangedNumber {
  readonly type: NumberType;
  readonly fitsDouble: boolean;
}

/** Every integer up to here, and down to its negative, is a double. */
const exactIntegerMax = 2n ** 53n;
/** Every number of this many digits is below 2^53. */
const exactDigitsMax = 15;
/** Most digits that a decimal has. */
const decimalDigitsMax = 38;

/** Digits of a signed int by its width. */
const signedDigits = { 8: 3, 16: 5, 32: 10, 64: 19 } as const;
/** Digits of an unsigned int: those of the signed one that holds it, but for the widest. */
const unsignedDigits = { 8: 5, 16: 10, 32: 19, 64: 20 } as const;

/** Whether the type is a number's that is. */
export function isNumberType(type: DataType): type is NumberType {
  return type.kind === "int" || type.kind === "decimal" || type.kind === "float";
}

/** Whether all values of the type are integers. */
function isIntegerType(type: DataType): type is IntType | DecimalType {
  return type.kind === "int" || (type.kind === "decimal" && type.scale === 0);
}

/**
 * Whether a double holds each value of an integer's type exactly: by the bounds of what came, or by
 * the type alone where they aren't known. True for a type of anything else.
 */
export function isExactInDouble(type: DataType, bounds?: IntegerBounds): boolean {
  if (!isIntegerType(type) || bounds === null) return true;
  if (bounds === undefined) return wholeDigits(type) <= exactDigitsMax;
  return bounds.min >= -exactIntegerMax && bounds.max <= exactIntegerMax;
}

/** Digits before the point. */
function wholeDigits(type: IntType | DecimalType): number {
  if (type.kind === "decimal") return type.precision - type.scale;
  return type.signed ? signedDigits[type.bits] : unsignedDigits[type.bits];
}

/** The least type of numbers that holds both, or the reason why there is none. */
export function unifyNumbers(a: RangedNumber, b: RangedNumber): RangedNumber | string {
  const type = joinNumbers(a, b);
  if (typeof type === "string") return type;
  return { type, fitsDouble: !isIntegerType(type) || (a.fitsDouble && b.fitsDouble) };
}

function joinNumbers(a: RangedNumber, b: RangedNumber): NumberType | string {
  if (a.type.kind === "float") return joinFloat(a.type, b);
  if (b.type.kind === "float") return joinFloat(b.type, a);
  if (a.type.kind === "int" && b.type.kind === "int") return joinInts(a.type, b.type);
  return joinDecimals(a.type, b.type);
}

function joinFloat(
  float: Extract<DataType, { kind: "float" }>,
  { type, fitsDouble }: RangedNumber,
): NumberType | string {
  if (type.kind === "float") return { kind: "float", bits: float.bits === 32 ? type.bits : 64 };
  if (!isIntegerType(type)) return `no type holds both ${typeName(float)} and ${typeName(type)}`;
  if (fitsDouble) return { kind: "float", bits: 64 };
  return `${typeName(type)} may hold integers beyond 2^53, which float64 rounds`;
}

function joinInts(a: IntType, b: IntType): NumberType {
  if (a.signed === b.signed) return a.bits >= b.bits ? a : b;
  const [signed, unsigned] = a.signed ? [a, b] : [b, a];
  switch (unsigned.bits) {
    case 8:
      return { kind: "int", bits: signed.bits === 8 ? 16 : signed.bits, signed: true };
    case 16:
      return { kind: "int", bits: signed.bits === 64 ? 64 : 32, signed: true };
    case 32:
      return { kind: "int", bits: 64, signed: true };
    case 64:
      return { kind: "decimal", precision: unsignedDigits[64], scale: 0 };
  }
}

function joinDecimals(a: IntType | DecimalType, b: IntType | DecimalType): NumberType | string {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const precision = Math.max(wholeDigits(a), wholeDigits(b)) + scale;
  if (precision <= decimalDigitsMax) return { kind: "decimal", precision, scale };
  return (
    `${typeName(a)} and ${typeName(b)} together need ${precision} digits, ` +
    `and a decimal has at most ${decimalDigitsMax}`
  );
}

function scaleOf(type: IntType | DecimalType): number {
  return type.kind === "decimal" ? type.scale : 0;
}
