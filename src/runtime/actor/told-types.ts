/**
 * Types that the user told, under the contract. A value that a told type doesn't hold is one that
 * the column doesn't hold: where the contract discards such values it decides, else the row is bad,
 * and `on_bad_row` says what becomes of it.
 */
import type { SchemaContract } from "../../core/contract.ts";
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import type { Scan } from "../../core/scan.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { DataType, Field } from "../../core/type.ts";

/** What decides over a scan's values. */
export interface ToldTypes {
  readonly scan: Scan;
  readonly schema: TableSchema;
  readonly contract: SchemaContract;
}

/** The targets, of told types with what the contract says of their values. */
export function underContract(
  targets: readonly FieldTarget[],
  { scan, schema, contract }: ToldTypes,
): readonly FieldTarget[] {
  const mode = contract.dataType;
  const told = new Set(scan.told);
  if (told.size === 0 || mode === "evolve" || mode === "freeze") return targets;
  return scan.fields.map((field, place): FieldTarget => {
    const target = targets[place];
    if (target === undefined) throw new Error(`expected a target for each field, none at ${place}`);
    if (target.kind !== "column" || !told.has(field.name) || holdsAll(field.type)) return target;
    const { columnId } = target;
    const isKey = schema.primaryKey.includes(columnId);
    const column = schema.columns.find(({ id }) => id === columnId)?.name ?? field.name;
    const violation = violationOf(column, field, scan);
    return { kind: isKey ? "discard_row" : mode, columnId, keeps: field.type, violation };
  });
}

/** Whether every value that a file has is one of the type's. */
function holdsAll({ kind }: DataType): boolean {
  return kind === "text" || kind === "json";
}

function violationOf(
  column: string,
  { type }: Field,
  { kind }: Scan,
): Extract<FieldTarget, { kind: "discard_row" }>["violation"] {
  const newType: DataType = { kind: kind === "json" ? "json" : "text" };
  const reason = "the value isn't one of the type that was told";
  return { kind: "incompatible_type", column, oldType: type, newType, reason };
}
