/** The members of JSON rows as `json_group_structure` tells them: by their exact names. */
import { nameKey } from "../../core/name-text.ts";
import type { DataType, Field } from "../../core/type.ts";
import { sqlType } from "../duckdb/sql-type.ts";

const json: DataType = { kind: "json" };
const whole: DataType = { kind: "int", bits: 64, signed: true };

const plain: Readonly<Record<string, DataType>> = {
  BOOLEAN: { kind: "bool" },
  // Which of them, and whether a number at all is too large, shows a closer look.
  UBIGINT: whole,
  BIGINT: whole,
  HUGEINT: whole,
  DOUBLE: { kind: "float", bits: 64 },
  VARCHAR: { kind: "text" },
  NULL: { kind: "text" },
};

/** The members of rows whose structure this is; none where it isn't one of objects. */
export function fieldsOfStructure(text: string): readonly Field[] {
  const type = typeOfStructure(JSON.parse(text) as unknown);
  return type.kind === "struct" ? type.fields : [];
}

function typeOfStructure(structure: unknown): DataType {
  if (typeof structure === "string") return plain[structure] ?? json;
  if (Array.isArray(structure)) {
    return { kind: "list", item: typeOfStructure((structure as readonly unknown[])[0]) };
  }
  if (typeof structure !== "object" || structure === null) return json;
  return {
    kind: "struct",
    fields: Object.entries(structure).map(([name, member]): Field => {
      return { name, type: typeOfStructure(member), nullable: true };
    }),
  };
}

/** Bounds of what becomes columns of a struct. */
export interface StructBounds {
  readonly membersMax: number;
  /** Deeper members stay JSON. */
  readonly depthMax: number;
}

/**
 * The type with `json` in the place of structs that are maps in all but name, and of those that
 * DuckDB has no struct for: of members without a name, or that differ in case only.
 */
export function withoutMaps(type: DataType, { membersMax, depthMax }: StructBounds): DataType {
  if (type.kind !== "list" && type.kind !== "struct") return type;
  if (depthMax === 0) return json;
  const inner = { membersMax, depthMax: depthMax - 1 };
  if (type.kind === "list") return { kind: "list", item: withoutMaps(type.item, inner) };
  if (type.fields.length > membersMax || !areDistinct(type.fields)) return json;
  const fields = type.fields.map((field) => ({ ...field, type: withoutMaps(field.type, inner) }));
  return { kind: "struct", fields };
}

function areDistinct(fields: readonly Field[]): boolean {
  if (fields.some(({ name }) => name === "" || name.includes("\0"))) return false;
  return new Set(fields.map(({ name }) => nameKey(name))).size === fields.length;
}

/** JSON paths of what DuckDB reads as doubles in a type; null where a name can't be in a path. */
export function doublePaths(type: DataType, path = "$"): readonly string[] | null {
  if (type.kind === "float" || type.kind === "json") return [path];
  if (type.kind === "list") return doublePaths(type.item, `${path}[*]`);
  if (type.kind !== "struct") return [];
  const all: string[] = [];
  for (const { name, type: member } of type.fields) {
    const paths = /["\\*]/u.test(name) ? null : doublePaths(member, `${path}."${name}"`);
    if (paths === null) return null;
    all.push(...paths);
  }
  return all;
}

/** The type as `json_transform` takes it. */
export function transformOf(type: DataType): string {
  return JSON.stringify(shapeOf(type));
}

type Structure = string | readonly Structure[] | { readonly [name: string]: Structure };

function shapeOf(type: DataType): Structure {
  if (type.kind === "list") return [shapeOf(type.item)];
  if (type.kind !== "struct") return sqlType(type);
  return Object.fromEntries(type.fields.map((field) => [field.name, shapeOf(field.type)]));
}

/** Whether there is an integer in a list or a struct. */
export function hasNestedInteger(type: DataType): boolean {
  if (type.kind === "list") return type.item.kind === "int" || hasNestedInteger(type.item);
  if (type.kind !== "struct") return false;
  return type.fields.some(({ type: inner }) => inner.kind === "int" || hasNestedInteger(inner));
}
