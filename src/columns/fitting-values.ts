/**
 * The values of a column that another type holds exactly, each by itself. Of a text counts how it
 * is written: `007` is no integer, `7` is one. A text of JSON counts by what it says, a number by
 * its digits; what isn't text already, a number for example, is no text.
 */
import type { Vector } from "../core/batch.ts";
import { HakiriError } from "../core/error.ts";
import type { DataType } from "../core/type.ts";
import { bitAt } from "./bitmap.ts";
import { parseDecimal } from "./decimal-text.ts";
import { jsonTextOf } from "./json-text.ts";
import { vectorBuilder } from "./vector-builder.ts";

/** What is kept of a column. */
export interface FittingValues {
  /** Of the wanted type; without a value where there was none, or one that it doesn't hold. */
  readonly vector: Vector;
  /** One byte a row: 1 where there was a value that isn't kept. */
  readonly refused: Uint8Array;
}

/** Keeps the values of a column that a type holds; `column` is its name. */
export function fittingValues(vector: Vector, to: DataType, column: string): FittingValues {
  const builder = vectorBuilder(to, column);
  const refused = new Uint8Array(vector.length);
  const text = jsonTextOf(vector);
  const hasMeaning = vector.type.kind !== "text" || to.kind !== "text" || to.tag === undefined;
  for (let row = 0; row < vector.length; row += 1) {
    const isThere = vector.validity === null || bitAt(vector.validity, row);
    if (!isThere || vector.type.kind === "null") builder.append(null);
    else if (!hasMeaning || !appendFitting(text(row), vector.type, { to, builder, column })) {
      builder.append(null);
      refused[row] = 1;
    }
  }
  return { vector: builder.finish(), refused };
}

interface Wanted {
  readonly to: DataType;
  readonly builder: ReturnType<typeof vectorBuilder>;
  readonly column: string;
}

/** False, and nothing appended, for a value that doesn't fit. */
function appendFitting(json: string, from: DataType, { to, builder, column }: Wanted): boolean {
  if (to.kind === "json") return appended(builder, json);
  const value = valueOf(json);
  if (value === undefined || value === null) return false;
  if (to.kind === "list" || to.kind === "struct") {
    const alone = vectorBuilder(to, column);
    if (!appended(alone, plainOf(value))) return false;
    const made = valueOf(jsonTextOf(alone.finish())(0));
    return sameText(made) === sameText(value) && appended(builder, plainOf(value));
  }
  const scalar = scalarOf(value, from, to);
  return scalar !== null && appended(builder, scalar);
}

/** Whether the builder took it. */
function appended(builder: Wanted["builder"], value: unknown): boolean {
  try {
    builder.append(value);
    return true;
  } catch (error) {
    if (error instanceof HakiriError && error.code.startsWith("value.")) return false;
    throw error;
  }
}

/** A number of JSON by its digits, which a double may not have. */
class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Parsed =
  null | boolean | string | Digits | readonly Parsed[] | { readonly [name: string]: Parsed };

/** Undefined for what is no JSON. */
function valueOf(json: string): Parsed | undefined {
  const keepDigits = (
    _: string,
    value: unknown,
    context?: { readonly source?: string },
  ): unknown => (typeof value === "number" ? new Digits(context?.source ?? String(value)) : value);
  try {
    // Numbers became digits, so that this is what is left.
    return JSON.parse(json, keepDigits) as Parsed;
  } catch {
    return undefined;
  }
}

/** What a builder of lists and structs takes. */
function plainOf(value: Parsed): unknown {
  if (value instanceof Digits) return value.text;
  if (Array.isArray(value)) return (value as readonly Parsed[]).map((item) => plainOf(item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainOf(item)]));
}

/** The same for values that say the same: members in order, those without a value left out. */
function sameText(value: Parsed | undefined): string {
  if (value instanceof Digits) return numberText(value.text);
  if (Array.isArray(value)) {
    return `[${(value as readonly Parsed[]).map((item) => sameText(item)).join(",")}]`;
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const members = Object.entries(value).filter(([, item]) => item !== null);
  const texts = members.map(([name, item]) => `${JSON.stringify(name)}:${sameText(item)}`);
  return `{${texts.toSorted().join(",")}}`;
}

function numberText(text: string): string {
  const decimal = parseDecimal(text);
  if (decimal === null) return text;
  let { unscaled, scale } = decimal;
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale -= 1;
  }
  return `${unscaled}e-${scale}`;
}

const integerForm = /^(?:0|-?[1-9]\d*)$/u;
const decimalForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/u;
const floatForm = /^-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][-+]?\d+)?$/u;
/** An integer of more digits may lose some in a double. */
const exactDigitsMax = 15;

/** The value as a builder of scalars takes it; null where it isn't one of the type's. */
function scalarOf(value: Parsed, from: DataType, to: DataType): unknown {
  if (to.kind === "bool") return boolOf(value);
  if (to.kind !== "int" && to.kind !== "float" && to.kind !== "decimal") {
    return typeof value === "string" ? textFor(value, from, to) : null;
  }
  const text = value instanceof Digits ? value.text : value;
  if (typeof text !== "string") return null;
  // What a float or decimal column calls 3.00 is the integer 3.
  const isTyped = from.kind === "float" || from.kind === "decimal";
  const written = isTyped ? withoutZeros(text) : text;
  switch (to.kind) {
    case "int":
      return integerForm.test(written) ? written : null;
    case "decimal":
      return decimalForm.test(written) ? written : null;
    case "float":
      return floatFor(written, to.bits);
  }
}

function boolOf(value: Parsed): boolean | null {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  return word === "true" || word === "false" ? word === "true" : null;
}

/** A wall clock's midnight is a date. */
function textFor(text: string, from: DataType, to: DataType): string {
  const isDay = from.kind === "timestamp" && !from.zoned && to.kind === "date";
  return isDay ? text.replace(/T00:00:00(?:\.0+)?$/u, "") : text;
}

function withoutZeros(text: string): string {
  const decimal = parseDecimal(text);
  if (decimal === null) return text;
  if (decimal.scale === 0) return String(decimal.unscaled);
  return text.includes(".") && !/[eE]/u.test(text) ? text.replace(/\.?0+$/u, "") : text;
}

function floatFor(text: string, bits: 32 | 64): string | null {
  if (/^-?(?:nan|inf|infinity)$/iu.test(text)) {
    if (/nan/iu.test(text)) return "NaN";
    return text.startsWith("-") ? "-Infinity" : "Infinity";
  }
  const isNumber = /\d/u.test(text) && floatForm.test(text);
  const isExact = text.includes(".") || text.length <= exactDigitsMax;
  const isNarrow = bits === 64 || Math.fround(Number(text)) === Number(text);
  return isNumber && isExact && isNarrow ? text : null;
}
