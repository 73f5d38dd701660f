/**
 * A run by range appends rows that no cursor remembers, so it needs a table that has none of them
 * yet; a merge takes their place instead.
 */
import { tableRelation } from "../../context/views/table-relation.ts";
import { sqlType } from "../../context/duckdb/sql-type.ts";
import { HakiriError, usageError } from "../../core/error.ts";
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import type { Column } from "../../core/schema.ts";
import { formatTableName } from "../../core/table-name.ts";
import type { RunParameters } from "../protocol.ts";
import { basedTable, rootOf, wantedTable } from "./base-files.ts";
import type { RunFrame } from "./run-frame.ts";
import type { TableKeeper } from "./table-keeper.ts";

/**
 * Throws Permanent `usage.range_not_empty` where the run appends by a range of which the table has
 * rows, and `usage.range_value` for a value that isn't of the column's type.
 */
export async function checkEmptyRange(frame: RunFrame, keeper: TableKeeper): Promise<void> {
  const { parameters } = frame.order;
  const { plan, base } = keeper;
  if (parameters.from === null && parameters.to === null) return;
  const column = base?.schema.columns.find(({ sourceName }) => sourceName === plan.incremental);
  if (plan.disposition !== "append" || column === undefined) return;
  const rows = await rowsWithin(frame, keeper, column);
  if (rows === 0) return;
  throw usageError(
    "range_not_empty",
    `expected no rows of the range in '${formatTableName(plan.table)}', which is appended to, ` +
      `got ${rows}: they would be there twice`,
    "merge by a primary key, or choose a range that isn't there yet",
  );
}

async function rowsWithin(frame: RunFrame, keeper: TableKeeper, column: Column): Promise<number> {
  const { order, duckDb } = frame;
  const { table, schemas } = await basedTable(frame, wantedTable(keeper), order.base.sequence);
  const relation = tableRelation({ table, schemas, root: rootOf(frame), columns: [column.id] });
  const where = conditions(order.parameters, column).join(" AND ");
  try {
    const [row] = await duckDb.rows(
      `SELECT count(*)::BIGINT AS n FROM (${relation}) WHERE ${where}`,
    );
    return Number(row?.["n"]);
  } catch (error) {
    if (!(error instanceof HakiriError) || error.code !== "data.invalid") throw error;
    const { from, to } = order.parameters;
    throw usageError(
      "range_value",
      `expected values of '${column.name}' for --from and --to, ` +
        `got ${from ?? "none"} and ${to ?? "none"}`,
      "write them as the column's type has them",
    );
  }
}

/** Half open. */
function conditions({ from, to }: RunParameters, column: Column): readonly string[] {
  const name = quoteIdentifier(column.name);
  const value = (text: string): string => `CAST(${quoteText(text)} AS ${sqlType(column.type)})`;
  return [
    ...(from === null ? [] : [`${name} >= ${value(from)}`]),
    ...(to === null ? [] : [`${name} < ${value(to)}`]),
  ];
}
