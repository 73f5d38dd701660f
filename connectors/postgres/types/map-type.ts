/** What each Postgres type becomes, and how its values come. */
import type { DataType } from "../../../src/connector.ts";
import { typeDepthMax, type PgType, type Types } from "./pg-type.ts";
import type { TypeSettings } from "./type-settings.ts";
import type { WireForm } from "./wire-form.ts";

/** How a value is asked for: as its own binary form, as the server's text, or as JSON. */
export type Cast = "none" | "text" | "json";

/** What a type becomes. */
export interface MappedType {
  readonly type: DataType;
  readonly form: WireForm;
  readonly cast: Cast;
}

/** A type as a column uses it. */
export interface UsedType {
  readonly oid: number;
  /** pg_attribute.atttypmod; -1 for none. */
  readonly typmod: number;
  /** How many levels an array has; 0 where it isn't told. */
  readonly dimensions: number;
}

type Rule = Pick<MappedType, "type" | "form">;

const text: Rule = { type: { kind: "text" }, form: { kind: "text" } };

/** The types whose binary form is decoded here, by the names that they have in pg_catalog. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["bool", { type: { kind: "bool" }, form: { kind: "bool" } }],
  ["int2", integer(16)],
  ["int4", integer(32)],
  ["int8", integer(64)],
  ["oid", { type: { kind: "int", bits: 32, signed: false }, form: { kind: "number", bytes: 4 } }],
  ["float4", { type: { kind: "float", bits: 32 }, form: { kind: "number", bytes: 4 } }],
  ["float8", { type: { kind: "float", bits: 64 }, form: { kind: "number", bytes: 8 } }],
  ["text", text],
  ["varchar", text],
  ["bpchar", text],
  ["name", text],
  ["xml", text],
  ["bytea", { type: { kind: "binary" }, form: { kind: "bytes" } }],
  ["date", { type: { kind: "date" }, form: { kind: "date" } }],
  ["time", { type: { kind: "time" }, form: { kind: "time" } }],
  ["timestamp", moment(false)],
  ["timestamptz", moment(true)],
  ["uuid", { type: { kind: "uuid" }, form: { kind: "uuid" } }],
  ["json", { type: { kind: "json" }, form: { kind: "text" } }],
  ["jsonb", { type: { kind: "json" }, form: { kind: "jsonb" } }],
  ["inet", { type: { kind: "text", tag: "network" }, form: { kind: "network" } }],
  ["cidr", { type: { kind: "text", tag: "network" }, form: { kind: "network" } }],
  ["macaddr", { type: { kind: "text", tag: "network" }, form: { kind: "mac" } }],
  ["macaddr8", { type: { kind: "text", tag: "network" }, form: { kind: "mac" } }],
]);

function integer(bits: 16 | 32 | 64): Rule {
  const bytes = bits === 16 ? 2 : bits === 32 ? 4 : 8;
  return { type: { kind: "int", bits, signed: true }, form: { kind: "number", bytes } };
}

function moment(zoned: boolean): Rule {
  return { type: { kind: "timestamp", zoned }, form: { kind: "timestamp" } };
}

/** What a used type becomes; a type that isn't known comes as the server's text. */
export function mapType(used: UsedType, types: Types, settings: TypeSettings): MappedType {
  return mapAt(used, { types, settings }, typeDepthMax);
}

interface Context {
  readonly types: Types;
  readonly settings: TypeSettings;
}

function mapAt(used: UsedType, context: Context, depth: number): MappedType {
  if (depth === 0) throw new Error(`expected type ${used.oid} to be made of fewer types`);
  const type = context.types.get(used.oid);
  if (type === undefined) return asText();
  if (type.kind === "d") {
    const typmod = type.baseTypmod >= 0 ? type.baseTypmod : used.typmod;
    const dimensions = used.dimensions > 0 ? used.dimensions : type.baseDimensions;
    return mapAt({ oid: type.baseOid, typmod, dimensions }, context, depth - 1);
  }
  if (type.elementOid !== 0) return mapArray(used, type, { context, depth });
  return mapPlain(type, used.typmod, context.settings);
}

function mapPlain(type: PgType, typmod: number, settings: TypeSettings): MappedType {
  if (type.kind === "e") {
    return { type: { kind: "text", tag: "enum" }, form: { kind: "text" }, cast: "none" };
  }
  if (type.kind === "r" || type.kind === "m") return asText("range");
  // citext comes with an extension, into any schema, and is sent as text is.
  if (type.name === "citext" && type.category === "S") return { ...text, cast: "none" };
  if (type.namespace !== "pg_catalog") return asText();
  if (type.name === "numeric") return { ...mapNumeric(typmod, settings), cast: "none" };
  if (type.name === "interval") return asText("interval");
  const rule = rules.get(type.name);
  return rule === undefined ? asText() : { ...rule, cast: "none" };
}

function asText(tag?: "range" | "interval"): MappedType {
  return {
    type: tag === undefined ? { kind: "text" } : { kind: "text", tag },
    form: { kind: "text" },
    cast: "text",
  };
}

const precisionMax = 38;

function mapNumeric(typmod: number, { numeric }: TypeSettings): Rule {
  const declared = numericModifier(typmod);
  if (numeric === "double") {
    return { type: { kind: "float", bits: 64 }, form: { kind: "numeric-double" } };
  }
  const chosen = typeof numeric === "object" ? numeric : null;
  const fitting = declared !== null && isDecimal(declared) ? declared : chosen;
  if (numeric === "text" || fitting === null) {
    return { type: { kind: "text", tag: "numeric" }, form: { kind: "numeric-text" } };
  }
  const { precision, scale } = fitting;
  return {
    type: { kind: "decimal", precision, scale },
    form: { kind: "decimal", precision, scale },
  };
}

/** Precision and scale as numeric's modifier holds them; null where none is declared. */
export function numericModifier(typmod: number): NumericModifier | null {
  if (typmod < typmodHeader) return null;
  const packed = typmod - typmodHeader;
  // Eleven bits, signed since PostgreSQL 15.
  const scale = ((packed & 0x7ff) ^ 0x400) - 0x400;
  return { precision: (packed >> 16) & 0xffff, scale };
}

/** What `numeric(precision, scale)` declares. */
export interface NumericModifier {
  readonly precision: number;
  /** From -1000 to 1000. */
  readonly scale: number;
}

/** VARHDRSZ, which numeric and the texts add to their modifiers. */
const typmodHeader = 4;

function isDecimal({ precision, scale }: NumericModifier): boolean {
  return precision <= precisionMax && scale >= 0 && scale <= precision;
}

function mapArray(
  used: UsedType,
  type: PgType,
  { context, depth }: { readonly context: Context; readonly depth: number },
): MappedType {
  if (context.settings.arrays === "json") {
    return { type: { kind: "json" }, form: { kind: "text" }, cast: "json" };
  }
  // An item is an array of its own only through a domain, which tells its levels.
  const item = mapAt({ ...used, oid: type.elementOid, dimensions: 0 }, context, depth - 1);
  const dimensions = Math.max(1, used.dimensions);
  let list: DataType = item.type;
  for (let level = 0; level < dimensions; level += 1) list = { kind: "list", item: list };
  const itemOid = item.cast === "none" ? type.elementOid : textOid;
  return {
    type: list,
    form: { kind: "array", item: item.form, itemOid, dimensions },
    cast: item.cast,
  };
}

const textOid = 25;
