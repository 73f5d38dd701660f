/** The statement that reads rows of a relation. */
import { quoteIdentifier } from "../../../src/connector.ts";
import type { Relation } from "../discover/find-relations.ts";
import type { ColumnPlan } from "../types/column-plan.ts";

/** What is read. */
export interface Selection {
  readonly relation: Pick<Relation, "from">;
  readonly columns: readonly ColumnPlan[];
  /** Conditions that all hold. */
  readonly where: readonly string[];
  /** A column; null for any order. */
  readonly orderBy: string | null;
  /** Null without a limit. */
  readonly rowsMax: number | null;
}

/** A `COPY` of the selection in the binary format. */
export function copySql(selection: Selection): string {
  return `COPY (${selectSql(selection)}) TO STDOUT (FORMAT binary)`;
}

function selectSql({ relation, columns, where, orderBy, rowsMax }: Selection): string {
  const items = columns.map((plan) => plan.select(quoteIdentifier(plan.name)));
  const parts = [
    `SELECT ${items.join(", ")} FROM ${relation.from}`,
    ...(where.length === 0 ? [] : [`WHERE ${where.join(" AND ")}`]),
    ...(orderBy === null ? [] : [`ORDER BY ${quoteIdentifier(orderBy)}`]),
    ...(rowsMax === null ? [] : [`LIMIT ${rowsMax}`]),
  ];
  return parts.join(" ");
}
