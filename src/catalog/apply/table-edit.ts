/**
 * A manifest by tables. A run that changed a table's schema more than once has several entries for
 * it, one for each new version in their order; together they are one edit of the table.
 */
import type { TableSchema } from "../../core/schema.ts";
import type { Manifest, TableChange } from "../../core/snapshot.ts";
import { tableKey } from "../../core/table-name.ts";
import { refused } from "../../core/refusal.ts";
import { named } from "./table-rows.ts";

/** All that a manifest does to one table. What is removed was live before the run. */
export interface TableEdit {
  /** The table's entries as one; its `schema` is the newest. */
  readonly change: TableChange;
  /** The new versions in order; empty where the schema stays. */
  readonly schemas: readonly TableSchema[];
}

/**
 * The edits in the order in which the manifest first names their tables. Throws Permanent
 * `refused.manifest` for entries of one table that don't go together.
 */
export function tableEdits({ tables }: Manifest): readonly TableEdit[] {
  const byId = new Map<string, readonly TableChange[]>();
  for (const change of tables) {
    byId.set(change.tableId, [...(byId.get(change.tableId) ?? []), change]);
  }
  const names = new Set(tables.map((change) => tableKey(change)));
  if (names.size !== byId.size) {
    throw refused("manifest", `expected a name for each of ${byId.size} tables, got ${names.size}`);
  }
  return [...byId.values()].flatMap((changes) => {
    const [first, ...rest] = changes;
    return first === undefined ? [] : [editOf(first, rest)];
  });
}

function editOf(first: TableChange, rest: readonly TableChange[]): TableEdit {
  for (const later of rest) checkLater(first, later);
  const all = [first, ...rest];
  const schemas = all.flatMap(({ schema }) => (schema === null ? [] : [schema]));
  const added = all.flatMap((change) => change.added);
  return { change: { ...first, schema: schemas.at(-1) ?? null, added }, schemas };
}

/** A later entry brings the next schema and the files that were written under it, and no more. */
function checkLater(first: TableChange, later: TableChange): void {
  const isSameTable = first.namespace === later.namespace && first.name === later.name;
  const isMore = later.disposition === first.disposition && later.schema !== null;
  if (isSameTable && isMore && later.created === null && later.removed.length === 0) return;
  throw refused("manifest", `expected one entry a schema version of ${named(first)}`);
}
