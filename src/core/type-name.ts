/** The name of a type, for people. */
import type { DataType, Field } from "./type.ts";

/** Longer names are cut, so that a message stays one. */
const nameLengthMax = 200;

/**
 * The type as an error, a plan or `discover` spells it, at most 200 characters: `int64`, `uint8`,
 * `decimal(10,2)`, `text(enum)`, `timestamp with time zone`, `list<int64>`, `struct<a: text>`.
 */
export function typeName(type: DataType): string {
  const name = write(type, nameLengthMax);
  if (name.length <= nameLengthMax) return name;
  // Well-formed again, in case the cut went through a pair of surrogates.
  return `${name.slice(0, nameLengthMax - 3).toWellFormed()}...`;
}

/** Stops soon after `budget` characters: a struct may have very many members. */
function write(type: DataType, budget: number): string {
  switch (type.kind) {
    case "int":
      return `${type.signed ? "" : "u"}int${type.bits}`;
    case "float":
      return `float${type.bits}`;
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "text":
      return type.tag === undefined ? "text" : `text(${type.tag})`;
    case "timestamp":
      return type.zoned ? "timestamp with time zone" : "timestamp";
    case "list":
      return budget <= 0 ? "" : `list<${write(type.item, budget - "list<".length)}>`;
    case "struct":
      return `struct<${writeMembers(type.fields, budget)}>`;
    case "null":
    case "bool":
    case "json":
    case "uuid":
    case "binary":
    case "date":
    case "time":
      return type.kind;
  }
}

function writeMembers(fields: readonly Field[], budget: number): string {
  let text = "";
  for (const field of fields) {
    if (text.length > budget) break;
    const separator = text === "" ? "" : ", ";
    text += `${separator}${field.name}: ${write(field.type, budget - text.length)}`;
  }
  return text;
}
