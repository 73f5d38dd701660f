/** The bounds of integer columns in a table's files, which decide whether floats may join them. */
import { tableRelation } from "../../context/views/table-relation.ts";
import { quoteIdentifier } from "../../core/identifier.ts";
import type { Column } from "../../core/schema.ts";
import { asLive, basedTable, rootOf, stagedFiles, wantedTable } from "./base-files.ts";
import { queryBounds, type BoundsByName } from "./incoming-values.ts";
import type { RunFrame } from "./run-frame.ts";
import type { TableKeeper } from "./table-keeper.ts";

/**
 * Bounds by the columns' names: of what the base holds, and of the run's durable parts. Rows that a
 * commit masked are left out.
 */
export async function storedIntegers(
  frame: RunFrame,
  keeper: TableKeeper,
  columns: readonly Column[],
): Promise<BoundsByName> {
  if (columns.length === 0) return new Map();
  const { table, schemas } = await basedTable(
    frame,
    wantedTable(keeper),
    frame.order.base.sequence,
  );
  const files = [...table.files, ...asLive(stagedFiles(frame, keeper))];
  const relation = tableRelation({
    table: { ...table, files },
    schemas,
    root: rootOf(frame),
    columns: columns.map(({ id }) => id),
  });
  return queryBounds(
    frame.duckDb,
    relation,
    columns.map(({ name }) => ({ name, column: quoteIdentifier(name) })),
  );
}
