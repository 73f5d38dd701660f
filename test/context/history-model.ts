/** What a history of runs must give, computed naively: every table as lists of rows. */
import type { HistoryRow, TableWork } from "./history.ts";

interface ModelTable {
  readonly schemaVersion: number;
  readonly rows: readonly HistoryRow[];
}

/** The tables after each snapshot. */
export class HistoryModel {
  readonly snapshots = new Map<number, ReadonlyMap<string, readonly HistoryRow[]>>();
  readonly #tables = new Map<string, ModelTable>();

  /** Takes in what a run did, and that its commit answered this sequence. */
  commit(sequence: number, work: readonly TableWork[]): void {
    for (const one of work) {
      this.#tables.set(one.table, after(this.#tables.get(one.table), one));
    }
    this.same(sequence);
  }

  /** Takes in a snapshot that changed no row. */
  same(sequence: number): void {
    const rows = [...this.#tables].map(([name, table]) => [name, table.rows] as const);
    this.snapshots.set(sequence, new Map(rows));
  }

  /** The names of all tables. */
  get names(): readonly string[] {
    return [...this.#tables.keys()];
  }

  /** The rows of a table after a snapshot; null where there was no table yet. */
  rows(sequence: number, table: string): readonly HistoryRow[] | null {
    const rows = this.snapshots.get(sequence)?.get(table);
    return rows === undefined ? null : sorted(rows);
  }
}

/** Rows in an order that depends on nothing but the rows. */
export function sorted(rows: readonly HistoryRow[]): readonly HistoryRow[] {
  const keyed = rows.map((row) => ({ row, key: JSON.stringify([row.id, row.v, row.n]) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ row }) => row);
}

function after(before: ModelTable | undefined, work: TableWork): ModelTable {
  const schemaVersion = Math.max(1, before?.schemaVersion ?? 0, work.schemaVersion ?? 0);
  const rows = work.rows.map(({ id, v, n }) => ({
    id,
    v,
    n: schemaVersion === 1 ? null : (n ?? null),
  }));
  const old = before?.rows ?? [];
  switch (work.disposition) {
    case "append":
      return { schemaVersion, rows: [...old, ...rows] };
    case "replace":
      return { schemaVersion, rows };
    case "merge":
      return { schemaVersion, rows: merged(old, rows, work.deleted ?? []) };
  }
}

/** Of rows of one key the last stays, and a tombstone comes after all of them. */
function merged(
  old: readonly HistoryRow[],
  rows: readonly HistoryRow[],
  deleted: readonly number[],
): readonly HistoryRow[] {
  const last = new Map(rows.map((row) => [row.id, row]));
  const gone = new Set([...last.keys(), ...deleted]);
  const kept = old.filter(({ id }) => !gone.has(id));
  return [...kept, ...[...last.values()].filter(({ id }) => !deleted.includes(id))];
}
