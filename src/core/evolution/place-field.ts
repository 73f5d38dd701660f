/** Where one field of a stream goes in its table, and what that changes. */
import type { SchemaContract } from "../contract.ts";
import { canonicalJson } from "../json.ts";
import type { SchemaViolation } from "../schema-violation.ts";
import type { Column } from "../schema.ts";
import type { DataType, Field } from "../type.ts";
import { ranged, unify, type Unified } from "../unify.ts";
import type { IntegerBounds } from "../unify-numbers.ts";

/** A change of one column. */
export type SchemaChange =
  | { readonly kind: "added_column"; readonly column: Column }
  | {
      readonly kind: "promoted_type";
      readonly columnId: number;
      readonly from: DataType;
      readonly to: DataType;
    }
  | { readonly kind: "made_nullable"; readonly columnId: number }
  /** Ids in key order. */
  | { readonly kind: "added_key"; readonly primaryKey: readonly number[] };

/** What becomes of the values of a field. */
export type FieldTarget =
  | {
      readonly kind: "column";
      readonly columnId: number;
      /** Null where they are of the column's type. To json means their JSON texts. */
      readonly cast: { readonly from: DataType; readonly to: DataType } | null;
    }
  /** A row with a value that isn't kept is discarded as a whole. */
  | Discard<"discard_row">
  /** A value that isn't kept is dropped and counted. */
  | Discard<"discard_value">;

interface Discard<Kind extends string> {
  readonly kind: Kind;
  /** Null where the table doesn't have the column. */
  readonly columnId: number | null;
  /** The type whose values are kept, each that it holds exactly; null where none is. */
  readonly keeps: DataType | null;
  readonly violation: SchemaViolation;
}

/** A field that has its place. */
export interface Placement {
  readonly kind: "placed";
  readonly target: FieldTarget;
  /** The column as it is after; null where the table doesn't get it. */
  readonly column: Column | null;
  readonly changes: readonly SchemaChange[];
}

/** A field that the contract or the types refuse. */
export interface Refusal {
  readonly kind: "refused";
  readonly violation: SchemaViolation;
}

/** The rules for one field, and what is known of its values and of the column's. */
export interface FieldRules {
  readonly contract: SchemaContract;
  readonly onConflict: "error" | "json";
  /** Whether it is part of the table's key. */
  readonly isKey: boolean;
  /** Whether the table is made by this very run. */
  readonly isNewTable: boolean;
  /** Undefined where they aren't known. */
  readonly incomingBounds: IntegerBounds | undefined;
  /** Undefined where they aren't known. */
  readonly columnBounds: IntegerBounds | undefined;
}

const json: DataType = { kind: "json" };

/** The place of a field that the table doesn't have a column for. */
export function placeNew(
  field: Field,
  column: Pick<Column, "id" | "name">,
  rules: FieldRules,
): Placement | Refusal {
  const { name } = column;
  const mode = rules.contract.columns;
  if (mode !== "evolve") {
    const violation: SchemaViolation = { kind: "new_column", column: name, newType: field.type };
    return mode === "freeze" ? { kind: "refused", violation } : discard(mode, violation, null);
  }
  const own = ranged(field.type);
  const type = resolve(own, rules);
  if (type === null) {
    const violation = typeViolation(own, name, null, field.type);
    const typeMode = rules.contract.dataType;
    return typeMode === "evolve" || typeMode === "freeze"
      ? { kind: "refused", violation }
      : discard(typeMode, violation, null);
  }
  const nullable = rules.isNewTable ? field.nullable : true;
  const added: Column = { ...column, sourceName: field.name, type, nullable };
  return {
    kind: "placed",
    target: intoColumn(added, field),
    column: added,
    changes: [{ kind: "added_column", column: added }],
  };
}

/** The place of a field that the table has a column for. */
export function placeExisting(
  field: Field,
  column: Column,
  rules: FieldRules,
): Placement | Refusal {
  const unified = unify(
    ranged(column.type, rules.columnBounds),
    ranged(field.type, rules.incomingBounds),
  );
  const type = resolve(unified, rules);
  const isTaken =
    type !== null && (isSameType(type, column.type) || rules.contract.dataType === "evolve");
  if (isTaken) return change(column, field, type);
  const violation = typeViolation(unified, column.name, column.type, field.type);
  const mode = rules.contract.dataType;
  if (mode === "evolve" || mode === "freeze") return { kind: "refused", violation };
  const nullable = { ...column, nullable: true };
  return {
    ...discard(rules.isKey ? "discard_row" : mode, violation, nullable),
    changes: column.nullable ? [] : [{ kind: "made_nullable", columnId: column.id }],
  };
}

/** The type that a column gets from what unify says; null where it gets none. */
function resolve(unified: Unified, rules: FieldRules): DataType | null {
  if (unified.kind === "ranged") return unified.type;
  return rules.onConflict === "json" && !rules.isKey ? json : null;
}

function change(column: Column, field: Field, type: DataType): Placement {
  const nullable = column.nullable || field.nullable;
  const changes: SchemaChange[] = [];
  if (!isSameType(type, column.type)) {
    changes.push({ kind: "promoted_type", columnId: column.id, from: column.type, to: type });
  }
  if (nullable && !column.nullable) changes.push({ kind: "made_nullable", columnId: column.id });
  const after = changes.length === 0 ? column : { ...column, type, nullable };
  return { kind: "placed", target: intoColumn(after, field), column: after, changes };
}

function intoColumn(column: Column, field: Field): FieldTarget {
  const isSame = isSameType(field.type, column.type);
  const cast = isSame ? null : { from: field.type, to: column.type };
  return { kind: "column", columnId: column.id, cast };
}

function discard(
  kind: "discard_row" | "discard_value",
  violation: SchemaViolation,
  column: Column | null,
): Placement {
  const target = { kind, columnId: column?.id ?? null, keeps: column?.type ?? null, violation };
  return { kind: "placed", target, column, changes: [] };
}

function typeViolation(
  unified: Unified,
  column: string,
  oldType: DataType | null,
  newType: DataType,
): SchemaViolation {
  if (unified.kind === "incompatible") {
    return { kind: "incompatible_type", column, oldType, newType, reason: unified.reason };
  }
  const reason = "the contract lets no types change";
  return { kind: "new_type", column, oldType, newType, reason };
}

/** Equal with the order of members: a batch with another order has to be cast. */
function isSameType(a: DataType, b: DataType): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
