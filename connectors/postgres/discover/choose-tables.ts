/**
 * Which tables of a database are streams, and what those are called.
 *
 *   T1. A table of `public` is called by its name, any other `schema.table`; no two are called
 *       alike.
 *   T2. A view is a stream, but one that is read only where it is named.
 */
import { nearest, usageError, type HakiriError } from "../../../src/connector.ts";
import type { Table } from "./list-tables.ts";

/** What the settings say. */
export interface Choice {
  /** Empty for all. */
  readonly schemas: readonly string[];
  /** `table` or `schema.table`, with `*` for any characters; empty for all. */
  readonly tables: readonly string[];
  /** Written as `tables` are. */
  readonly exclude: readonly string[];
}

/** A table that is a stream. */
export interface ChosenTable {
  readonly stream: string;
  readonly table: Table;
  /** T2. */
  readonly isOptional: boolean;
}

/**
 * Chooses. Throws `usage.unknown_schema` for a schema without tables, and `usage.unknown_table` for
 * a name in `tables` that no table has.
 */
export function chooseTables(all: readonly Table[], choice: Choice): readonly ChosenTable[] {
  const { schemas, tables, exclude } = choice;
  const known = new Set(all.map(({ schema }) => schema));
  for (const schema of schemas) if (!known.has(schema)) throw unknownSchema(schema, [...known]);
  const within = all.filter(({ schema }) => schemas.length === 0 || schemas.includes(schema));
  const wanted = tables.map((text) => ({ text, matches: matcher(text) }));
  for (const { text, matches } of wanted) {
    if (!text.includes("*") && !within.some(matches)) throw unknownTable(text, within);
  }
  const unwanted = exclude.map(matcher);
  const chosen = within.filter(
    (table) =>
      (wanted.length === 0 || wanted.some(({ matches }) => matches(table))) &&
      !unwanted.some((matches) => matches(table)),
  );
  const taken = new Set(chosen.filter(({ schema }) => schema !== "public").map(fullName));
  return chosen.map((table) => {
    const isView = table.kind === "view" || table.kind === "materialized_view";
    const isNamed = wanted.some(({ text, matches }) => text !== "*" && matches(table));
    const isPlain = table.schema === "public" && !taken.has(table.name);
    return {
      stream: isPlain ? table.name : fullName(table),
      table,
      isOptional: isView && !isNamed,
    };
  });
}

/** T1: a dot in a name of `public` may look like a schema. */
function fullName({ schema, name }: Table): string {
  return `${schema}.${name}`;
}

type Matcher = (table: Table) => boolean;

/** Of the name alone, or of both with a dot between. */
function matcher(pattern: string): Matcher {
  const parts = pattern.split("*").map((part) => RegExp.escape(part));
  const text = new RegExp(`^${parts.join(".*")}$`, "su");
  return ({ schema, name }) => text.test(name) || text.test(`${schema}.${name}`);
}

function unknownSchema(schema: string, known: readonly string[]): HakiriError {
  const near = nearest(schema, known);
  return usageError(
    "unknown_schema",
    `expected a schema with tables, got '${schema}'`,
    near === null
      ? `there are: ${known.slice(0, 20).join(", ") || "none"}; is it the right database?`
      : `did you mean '${near}'?`,
  );
}

function unknownTable(text: string, tables: readonly Table[]): HakiriError {
  const near = nearest(
    text,
    tables.flatMap((table) => [table.name, fullName(table)]),
  );
  const shown = tables.slice(0, 20).map(({ name }) => name);
  return usageError(
    "unknown_table",
    `expected a table of this database, got '${text}'`,
    near === null
      ? `there are: ${shown.join(", ") || "none"}; see 'hakiri discover'`
      : `did you mean '${near}'?`,
  );
}
