/** What a column of a table or query becomes, and how it is selected. */
import type { DataType, Field } from "../../../src/connector.ts";
import { mapType, numericModifier, type Cast } from "./map-type.ts";
import { ordersReads } from "./orders-reads.ts";
import { typeDepthMax, type Types } from "./pg-type.ts";
import type { TypeSettings } from "./type-settings.ts";
import type { WireForm } from "./wire-form.ts";

/** A column as the server describes it. */
export interface PgColumn {
  readonly name: string;
  readonly typeOid: number;
  /** -1 for none. */
  readonly typmod: number;
  /** pg_attribute.attndims; 0 where it isn't known, as in the columns of a query. */
  readonly dimensions: number;
  readonly nullable: boolean;
}

/** How one column is read. */
export interface ColumnPlan {
  readonly name: string;
  readonly field: Field;
  /** What is selected, of the quoted column. */
  readonly select: (column: string) => string;
  readonly form: WireForm;
  /** Whether a read can go by its values. */
  readonly isOrdered: boolean;
  /** The type as the server would spell it, for people. */
  readonly typeName: string;
}

/** The plan of a column; a type that `types` doesn't have comes as the server's text. */
export function columnPlan(column: PgColumn, types: Types, settings: TypeSettings): ColumnPlan {
  const { name, typeOid, typmod, dimensions, nullable } = column;
  const used = { oid: typeOid, typmod, dimensions };
  const { type, form, cast } = mapType(used, types, settings);
  return {
    name,
    field: { name, type, nullable },
    select: selection(cast, type.kind === "list"),
    form,
    isOrdered: hasExactOrder(type) && ordersReads(typeOid, typmod, types),
    typeName: spell(typeOid, typmod, types),
  };
}

/** Of a numeric only as a decimal: others come as floats, or as texts with another order. */
function hasExactOrder(type: DataType): boolean {
  return type.kind !== "float" && (type.kind !== "text" || type.tag === undefined);
}

function selection(cast: Cast, isList: boolean): (column: string) => string {
  switch (cast) {
    case "none":
      return (column) => column;
    case "text":
      return (column) => `${column}::pg_catalog.text${isList ? "[]" : ""}`;
    case "json":
      return (column) => `pg_catalog.to_json(${column})`;
  }
}

function spell(oid: number, typmod: number, types: Types, depth = typeDepthMax): string {
  const type = types.get(oid);
  if (type === undefined || depth === 0) return `oid ${oid}`;
  if (type.elementOid !== 0) return `${spell(type.elementOid, typmod, types, depth - 1)}[]`;
  const schema = type.namespace === "pg_catalog" ? "" : `${type.namespace}.`;
  const declared =
    schema === "" && type.name === "numeric" && type.kind === "b" ? numericModifier(typmod) : null;
  const modifier = declared === null ? "" : `(${declared.precision},${declared.scale})`;
  return `${schema}${type.name}${modifier}`;
}
