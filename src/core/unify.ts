/**
 * The one promotion of types: what holds the values of both without loss.
 *
 * Types form a partial order, "every value of the smaller is a value of the larger", and `unify`
 * answers the least type above both, or a refusal, which is above everything. A least upper bound
 * is commutative, associative and idempotent by nature, but only where there is exactly one, so the
 * order leaves out steps that would give two types several smallest ones above them:
 *
 * - int8 < int16 < int32 < int64, uint8 < uint16 < uint32 < uint64, and each unsigned one below
 *   the next larger signed one. uint64 and a signed one meet in decimal(20,0).
 * - An int is below the decimals that have all its digits, where an unsigned one needs those of the
 *   signed one above it: uint32 goes through int64 to 19 digits, since int8 and uint32 make int64.
 * - decimal(p,s) is below those with as many digits on both sides of the point; more than 38 digits
 *   in all is a refusal.
 * - float32 < float64. An int is never below float32, though int16 would fit: int16 and uint16
 *   make int32, which doesn't.
 * - An int or a decimal without a scale is below float64 where every value that came is within
 *   +-2^53: by the bounds that the caller knows, else by its digits, at most 15 (so int32 and
 *   uint16 always). That such bounds may be known is why `unify` takes and answers a
 *   `RangedType`: the answer remembers whether all that went into it fits, however it was folded.
 * - date < timestamp (wall clock). A date past the years of a timestamp (290,000) can't be cast:
 *   whoever casts refuses such a value.
 * - Tagged text < text: the texts stay as they are, only the word for what they hold is dropped.
 * - null is below everything; a list below a list of something larger; a struct below one whose
 *   members are larger, nullable or more. Members are told apart by exact name. Their order is
 *   the left struct's, then what the right one adds: types are equal up to the order of members.
 *   Two members that differ only in case are a refusal, since DuckDB takes them for one.
 *
 * Nothing else is below anything: not bool below int, int below text, anything below json.
 */
import { isNested, type DataType, type Field } from "./type.ts";
import { nameKey } from "./name-text.ts";
import { typeName } from "./type-name.ts";
import {
  isExactInDouble,
  isNumberType,
  unifyNumbers,
  type IntegerBounds,
} from "./unify-numbers.ts";

/** A type with what is known of the values that came as it. */
export interface RangedType {
  readonly kind: "ranged";
  readonly type: DataType;
  /** Whether a double holds each integer value exactly; true for a type that isn't an integer's. */
  readonly fitsDouble: boolean;
}

/** Two types that nothing holds without loss. */
export interface Incompatible {
  readonly kind: "incompatible";
  readonly a: DataType;
  readonly b: DataType;
  /** Why, for people: names the types, and the member of a struct where it lies there. */
  readonly reason: string;
}

/** What a fold over types has come to. */
export type Unified = RangedType | Incompatible;

/** Lists and structs deeper in each other than this don't fit the formats that schemas are in. */
export const typeDepthMax = 16;

/**
 * A type to unify, with bounds where they are known: without, its values may be any of the type's.
 * Nested integers have no bounds. Incompatible with itself where nested deeper than `typeDepthMax`,
 * and where members of a struct differ only in case.
 */
export function ranged(type: DataType, bounds?: IntegerBounds): Unified {
  const reason = flaw(type, typeDepthMax);
  if (reason !== undefined) return { kind: "incompatible", a: type, b: type, reason };
  return { kind: "ranged", type, fitsDouble: isExactInDouble(type, bounds) };
}

/** Why no column has this type; undefined where one may. */
function flaw(type: DataType, levels: number): string | undefined {
  if (!isNested(type)) return undefined;
  if (levels === 0) return `expected a type nested at most ${typeDepthMax} deep`;
  if (type.kind === "list") return flaw(type.item, levels - 1);
  const inner = type.fields.map((field) => flaw(field.type, levels - 1));
  return inner.find((reason) => reason !== undefined) ?? clash(type.fields);
}

/** Two members of a struct that DuckDB takes for one; undefined where there are none. */
function clash(fields: readonly Field[]): string | undefined {
  const byKey = new Map<string, string>();
  for (const { name } of fields) {
    const key = nameKey(name);
    const other = byKey.get(key);
    if (other !== undefined) return `the members ${other} and ${name} have the same name`;
    byKey.set(key, name);
  }
  return undefined;
}

/**
 * The least type that holds both without loss. A refusal stays one, whatever comes to it.
 * Idempotent, commutative and associative, refusals being equal whatever they name.
 */
export function unify(a: Unified, b: Unified): Unified {
  if (a.kind === "incompatible") return a;
  if (b.kind === "incompatible") return b;
  const joined = join(a, b);
  if (typeof joined !== "string") return joined;
  return { kind: "incompatible", a: a.type, b: b.type, reason: joined };
}

/** The join, or the reason why there is none. */
function join(a: RangedType, b: RangedType): RangedType | string {
  if (a.type.kind === "null") return b;
  if (b.type.kind === "null") return a;
  if (isNumberType(a.type) && isNumberType(b.type)) {
    const number = unifyNumbers(
      { type: a.type, fitsDouble: a.fitsDouble },
      { type: b.type, fitsDouble: b.fitsDouble },
    );
    return typeof number === "string" ? number : { kind: "ranged", ...number };
  }
  const type = joinOther(a.type, b.type);
  return typeof type === "string" ? type : { kind: "ranged", type, fitsDouble: true };
}

function joinOther(a: DataType, b: DataType): DataType | string {
  if (a.kind === "date" && b.kind === "timestamp" && !b.zoned) return b;
  if (b.kind === "date" && a.kind === "timestamp" && !a.zoned) return a;
  if (a.kind === "text" && b.kind === "text") return a.tag === b.tag ? a : { kind: "text" };
  if (a.kind === "list" && b.kind === "list") {
    const item = joinInner(a.item, b.item);
    return typeof item === "string" ? `in the list: ${item}` : { kind: "list", item };
  }
  if (a.kind === "struct" && b.kind === "struct") return joinStructs(a.fields, b.fields);
  if (a.kind === b.kind && zoned(a) === zoned(b)) return a;
  return `no type holds both ${typeName(a)} and ${typeName(b)} without loss`;
}

function zoned(type: DataType): boolean {
  return type.kind === "timestamp" && type.zoned;
}

function joinInner(a: DataType, b: DataType): DataType | string {
  const joined = join(unbounded(a), unbounded(b));
  return typeof joined === "string" ? joined : joined.type;
}

function unbounded(type: DataType): RangedType {
  return { kind: "ranged", type, fitsDouble: isExactInDouble(type) };
}

function joinStructs(a: readonly Field[], b: readonly Field[]): DataType | string {
  const right = new Map(b.map((field) => [field.name, field]));
  const fields: Field[] = [];
  for (const field of a) {
    const other = right.get(field.name);
    right.delete(field.name);
    const type = other === undefined ? field.type : joinInner(field.type, other.type);
    if (typeof type === "string") return `in the member ${field.name}: ${type}`;
    fields.push({ name: field.name, type, nullable: field.nullable || (other?.nullable ?? true) });
  }
  for (const field of right.values()) fields.push({ ...field, nullable: true });
  return clash(fields) ?? { kind: "struct", fields };
}
