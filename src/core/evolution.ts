/**
 * How a table's schema takes in what a stream brings, under a contract.
 *
 * - A column of the stream is one of the table by the source's exact name, also after a time in
 *   which the source didn't have it. Any other one is new: appended, nullable unless the table is
 *   new too. So a column that the source renamed is a new one, and the old one stays.
 * - What the source doesn't have any more stays and gets no values: it becomes nullable.
 * - A narrower type is cast up to the column's; else the column is promoted by `unify`; else, with
 *   `on_conflict = json`, it becomes json, unless it is part of the key; else it is a violation.
 * - What the contract doesn't take is refused or discarded, as `ContractMode` says. Discarding
 *   goes by value: whatever type was found for all that came, a value that the existing column's
 *   type holds exactly goes in. Of a column that the table doesn't get every value is discarded. A
 *   key's value can't be dropped alone: its row is discarded.
 * - The key of a table never changes, but a table without one may get one.
 */
import { matchColumns } from "./column-name.ts";
import { openContract, type SchemaContract } from "./contract.ts";
import { HakiriError, usageError } from "./error.ts";
import {
  placeExisting,
  placeNew,
  type FieldRules,
  type FieldTarget,
  type Placement,
  type Refusal,
  type SchemaChange,
} from "./evolution/place-field.ts";
import { nearest } from "./near-miss.ts";
import type { SchemaViolation } from "./schema-violation.ts";
import type { Column, Naming, StreamSchema, TableSchema } from "./schema.ts";
import type { IntegerBounds } from "./unify-numbers.ts";

/** By which rules, and what is known of the values. */
export interface EvolutionOptions {
  readonly contract: SchemaContract;
  /** Of the table; what it was made with. */
  readonly naming: Naming;
  /** What a conflict of types does: only a source of JSON chooses `json`. */
  readonly onConflict: "error" | "json";
  /** By column id, of the integers in the table; what is absent isn't known. */
  readonly columnBounds: ReadonlyMap<number, IntegerBounds>;
  /** By the stream's name, of the integers that come; what is absent isn't known. */
  readonly incomingBounds: ReadonlyMap<string, IntegerBounds>;
}

/** What is to be done. */
export type EvolutionPlan =
  | {
      readonly kind: "planned";
      /** The very object that came in where nothing changes; else one version higher. */
      readonly schema: TableSchema;
      /** Empty where nothing changes; of a new table every column. */
      readonly changes: readonly SchemaChange[];
      /** One for each field of the stream, in its order. */
      readonly targets: readonly FieldTarget[];
    }
  /** No table is made: all rows are discarded as the mode says. */
  | {
      readonly kind: "discarded";
      readonly mode: "discard_row" | "discard_value";
      readonly violation: SchemaViolation;
    }
  /** At least one, in the stream's order. */
  | { readonly kind: "refused"; readonly violations: readonly SchemaViolation[] };

/** Most columns of a table, those included that left the source. */
export const columnsMax = 10_000;
/** Most characters of a column's name in the source. */
export const sourceNameLengthMax = 1024;

/**
 * Plans how a table takes in a stream; null makes the table. Changes nothing where the stream
 * brings nothing new. Throws Permanent `usage.unknown_key_column` for a key without its column, and
 * SchemaIncompatible `schema.too_many_columns` and `schema.name_too_long` past the bounds.
 */
export function planEvolution(
  table: TableSchema | null,
  incoming: StreamSchema,
  options: EvolutionOptions,
): EvolutionPlan {
  checkNames(incoming);
  const mode = options.contract.tables;
  if (table === null && mode !== "evolve") {
    const violation: SchemaViolation = { kind: "new_table" };
    if (mode === "freeze") return { kind: "refused", violations: [violation] };
    return { kind: "discarded", mode, violation };
  }
  const old = table ?? emptyTable;
  const placed = placeFields(old, incoming, options);
  const violations = placed.flatMap((one) => (one.kind === "refused" ? [one.violation] : []));
  if (violations.length > 0) return { kind: "refused", violations };
  const placements = placed.flatMap((one) => (one.kind === "placed" ? [one] : []));
  const key = planKey(old, incoming, placements);
  if (key.kind === "refused") return { kind: "refused", violations: [key.violation] };
  return evolve(old, placements, key.primaryKey);
}

/** What a new table evolves from. */
const emptyTable: TableSchema = { version: 0, columns: [], nextColumnId: 1, primaryKey: [] };

function checkNames({ fields, primaryKey }: StreamSchema): void {
  const names = new Set(fields.map((field) => field.name));
  for (const name of names) {
    if (name.length > sourceNameLengthMax) {
      const shown = name.slice(0, 80).toWellFormed();
      throw pastBound(
        "name_too_long",
        `expected column names of at most ${sourceNameLengthMax} characters, ` +
          `got one of ${name.length} that starts with '${shown}'`,
      );
    }
  }
  for (const name of primaryKey) {
    if (names.has(name)) continue;
    const meant = nearest(name, [...names]);
    throw usageError(
      "unknown_key_column",
      `expected the primary key to be columns of the stream, got '${name}'`,
      meant === null ? "name columns of the stream" : `did you mean '${meant}'?`,
    );
  }
}

function pastBound(code: string, message: string): HakiriError {
  const hint = "choose the columns to read, or read the rows as json";
  return new HakiriError({ kind: "SchemaIncompatible", code: `schema.${code}`, message, hint });
}

function placeFields(
  old: TableSchema,
  incoming: StreamSchema,
  options: EvolutionOptions,
): readonly (Placement | Refusal)[] {
  const names = incoming.fields.map((field) => field.name);
  const matches = matchColumns(names, old.columns, options.naming);
  let nextColumnId = old.nextColumnId;
  return incoming.fields.map((field, index) => {
    const match = matches[index];
    if (match === undefined) throw new Error(`expected a match for each field, none at ${index}`);
    const rules = rulesOf(field.name, match.kind === "existing" ? match.column : null, {
      old,
      incoming,
      options,
    });
    if (match.kind === "existing") return placeExisting(field, match.column, rules);
    const placed = placeNew(field, { id: nextColumnId, name: match.name }, rules);
    // An id that no column took isn't used up.
    if (placed.kind === "placed" && placed.column !== null) nextColumnId += 1;
    return placed;
  });
}

interface Evolution {
  readonly old: TableSchema;
  readonly incoming: StreamSchema;
  readonly options: EvolutionOptions;
}

function rulesOf(
  sourceName: string,
  column: Column | null,
  { old, incoming, options }: Evolution,
): FieldRules {
  const isNewTable = old.version === 0;
  return {
    contract: isNewTable ? openContract : options.contract,
    onConflict: options.onConflict,
    isNewTable,
    isKey:
      column === null
        ? isNewTable && incoming.primaryKey.includes(sourceName)
        : old.primaryKey.includes(column.id),
    incomingBounds: options.incomingBounds.get(sourceName),
    columnBounds: column === null ? undefined : options.columnBounds.get(column.id),
  };
}

type KeyPlan =
  | { readonly kind: "planned"; readonly primaryKey: readonly number[] }
  | { readonly kind: "refused"; readonly violation: SchemaViolation };

/** The key after; a stream that tells none leaves it, and so does another order of its columns. */
function planKey(
  old: TableSchema,
  { fields, primaryKey: names }: StreamSchema,
  placements: readonly Placement[],
): KeyPlan {
  if (names.length === 0) return { kind: "planned", primaryKey: old.primaryKey };
  const ids = names.flatMap((name) => {
    const target = placements[fields.findIndex((field) => field.name === name)]?.target;
    return target?.columnId ?? [];
  });
  const isOld = new Set(ids).symmetricDifference(new Set(old.primaryKey)).size === 0;
  if (isOld && ids.length === names.length) return { kind: "planned", primaryKey: old.primaryKey };
  if (old.primaryKey.length === 0 && ids.length === names.length) {
    return { kind: "planned", primaryKey: ids };
  }
  const byId = new Map(old.columns.map((column) => [column.id, column.name]));
  const oldKey = old.primaryKey.map((id) => byId.get(id) ?? "");
  return { kind: "refused", violation: { kind: "changed_key", oldKey, newKey: names } };
}

function evolve(
  old: TableSchema,
  placements: readonly Placement[],
  primaryKey: readonly number[],
): EvolutionPlan {
  const changes = placements.flatMap((placement) => placement.changes);
  const placed = new Map(
    placements.flatMap(({ column }) => (column === null ? [] : [[column.id, column]])),
  );
  const columns = old.columns.map((column) => {
    const after = placed.get(column.id);
    placed.delete(column.id);
    if (after !== undefined || column.nullable) return after ?? column;
    changes.push({ kind: "made_nullable", columnId: column.id });
    return { ...column, nullable: true };
  });
  // What is left has no column yet, and stands in the order of the new ids.
  columns.push(...placed.values());
  if (columns.length > columnsMax) {
    throw pastBound(
      "too_many_columns",
      `expected at most ${columnsMax} columns in a table, got ${columns.length}`,
    );
  }
  if (primaryKey !== old.primaryKey) changes.push({ kind: "added_key", primaryKey });
  const targets = placements.map((placement) => placement.target);
  // A new table gets its first version even where the stream has no columns.
  if (changes.length === 0 && old.version > 0) {
    return { kind: "planned", schema: old, changes, targets };
  }
  const nextColumnId = old.nextColumnId + placed.size;
  const schema = { version: old.version + 1, columns, nextColumnId, primaryKey };
  return { kind: "planned", schema, changes, targets };
}
