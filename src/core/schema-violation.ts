/** What a stream brings that its table's schema or contract doesn't take, and the error of it. */
import { HakiriError } from "./error.ts";
import type { Json } from "./json.ts";
import { cutName } from "./name-text.ts";
import { typeName } from "./type-name.ts";
import type { DataType } from "./type.ts";

/** One such thing. Columns by their name in the table, or the one that they would get. */
export type SchemaViolation =
  | { readonly kind: "new_table" }
  | { readonly kind: "new_column"; readonly column: string; readonly newType: DataType }
  /** A promotion would take it in, but the contract forbids it. */
  | TypeViolation<"new_type">
  /** No type takes both in. */
  | TypeViolation<"incompatible_type">
  /** Columns in key order. */
  | {
      readonly kind: "changed_key";
      readonly oldKey: readonly string[];
      readonly newKey: readonly string[];
    };

interface TypeViolation<Kind extends string> {
  readonly kind: Kind;
  readonly column: string;
  /** Null for a column that the table doesn't have. */
  readonly oldType: DataType | null;
  readonly newType: DataType;
  /** Why, for people. */
  readonly reason: string;
}

/** Where a violation was found. */
export interface ViolationPlace {
  /** The table's name as it is printed. */
  readonly table: string;
  /** A value that shows it, as text; null where none is at hand. */
  readonly example: string | null;
  /** The key of that value's row, as text; null where it has none. */
  readonly primaryKey: string | null;
  /** The input file of that value; absent or null where it has none. */
  readonly file?: string | null;
  /** Whether the source is one of JSON, which may keep values of several types as JSON. */
  readonly isJson?: boolean;
}

/** The code of the error over rows with a NULL in their key. */
export const nullKeyCode = "schema.null_key";

/** Longer examples are cut. */
const exampleBytesMax = 200;

/**
 * The error of kind SchemaIncompatible, with the code `schema.` and the violation's kind. Its
 * evidence says the same as its message, for those who repair by program.
 */
export function schemaIncompatible(violation: SchemaViolation, place: ViolationPlace): HakiriError {
  return new HakiriError({
    kind: "SchemaIncompatible",
    code: `schema.${violation.kind}`,
    message: describe(violation, place.table) + describeExample(place),
    hint: hint(violation, place),
    ...(typeof place.file === "string" && { where: { file: place.file } }),
    evidence: evidence(violation, place),
  });
}

function evidence(violation: SchemaViolation, place: ViolationPlace): Json {
  const row = {
    table: place.table,
    example: place.example === null ? null : cutExample(place.example),
    primary_key: place.primaryKey === null ? null : cutExample(place.primaryKey),
  };
  switch (violation.kind) {
    case "new_table":
      return row;
    case "new_column":
      return { ...row, column: violation.column, new_type: typeName(violation.newType) };
    case "new_type":
    case "incompatible_type": {
      const { column, oldType, newType } = violation;
      const old = oldType === null ? null : typeName(oldType);
      return { ...row, column, old_type: old, new_type: typeName(newType) };
    }
    case "changed_key":
      return { ...row, old_key: violation.oldKey, new_key: violation.newKey };
  }
}

function describe(violation: SchemaViolation, table: string): string {
  switch (violation.kind) {
    case "new_table":
      return `expected the table ${table} to exist, since the contract takes no new tables`;
    case "new_column":
      return (
        `expected no new columns in ${table}, as the contract says, ` +
        `got '${violation.column}' (${typeName(violation.newType)})`
      );
    case "new_type":
    case "incompatible_type": {
      const { column, oldType, newType, reason } = violation;
      const expected = oldType === null ? "a type that a table can have" : typeName(oldType);
      return `expected ${expected} in '${column}' of ${table}, got ${typeName(newType)}: ${reason}`;
    }
    case "changed_key":
      return (
        `expected the primary key (${violation.oldKey.join(", ")}) of ${table}, ` +
        `got (${violation.newKey.join(", ")})`
      );
  }
}

function describeExample({ example, primaryKey, file = null }: ViolationPlace): string {
  if (example === null) return "";
  const row = primaryKey === null ? "" : ` in the row ${cutExample(primaryKey)}`;
  const from = file === null ? "" : `${row === "" ? " in" : " of"} '${file}'`;
  return `; for example ${cutExample(example)}${row}${from}`;
}

function cutExample(text: string): string {
  const cut = cutName(text.toWellFormed(), exampleBytesMax);
  return cut.length < text.length ? `${cut}...` : cut;
}

function hint(violation: SchemaViolation, { isJson = false }: ViolationPlace): string {
  switch (violation.kind) {
    case "new_table":
      return 'let it make tables: contract.tables = "evolve"';
    case "new_column":
      return 'take it in (contract.columns = "evolve") or drop it ("discard_value")';
    case "new_type":
      return 'let types grow (contract.data_type = "evolve") or drop the values ("discard_value")';
    case "incompatible_type":
      return (
        'quarantine the rows (contract.data_type = "discard_row"), drop the values ' +
        `("discard_value"), ${isJson ? 'keep them as JSON (on_conflict = "json"), ' : ""}` +
        "or give the stream another table"
      );
    case "changed_key":
      return "name the old key in the pipeline (primary_key), or give the stream another table";
  }
}
