/** Tables compared by what they hold, whatever the order of their rows. */
import { expect } from "vitest";
import { crc32c } from "../../src/core/crc32c.ts";
import type { RowTexts } from "./sources/world.ts";
import type { TestStore } from "./test-store.ts";

/** A table's count, and a checksum of each of its columns. */
interface TableDigest {
  readonly count: number;
  readonly columns: Readonly<Record<string, number>>;
}

/** The digest of rows: equal for the same rows in any order. */
function digestOf(rows: readonly RowTexts[]): TableDigest {
  const sums = new Map<string, number>();
  const encoder = new TextEncoder();
  for (const row of rows) {
    const id = row["id"] ?? "";
    for (const [name, value] of Object.entries(row)) {
      // With the row's id, so that values that changed places are noticed.
      const text = JSON.stringify([id, value]);
      sums.set(name, (sums.get(name) ?? 0) + crc32c(encoder.encode(text)));
    }
  }
  return { count: rows.length, columns: Object.fromEntries(sums) };
}

/** Expects exactly these rows in each of these tables. */
export async function expectTables(
  store: TestStore,
  tables: Readonly<Record<string, readonly RowTexts[]>>,
): Promise<void> {
  const found = await store.tables(Object.keys(tables));
  for (const [table, rows] of Object.entries(tables)) {
    const actual = found[table] ?? [];
    if (isEqual(digestOf(actual), digestOf(rows))) continue;
    expect(sorted(actual), table).toEqual(sorted(rows));
    throw new Error(`the digests of ${table} differ, but its rows don't`);
  }
}

function isEqual(a: TableDigest, b: TableDigest): boolean {
  const names = Object.keys(a.columns);
  if (a.count !== b.count || names.length !== Object.keys(b.columns).length) return false;
  return names.every((name) => a.columns[name] === b.columns[name]);
}

function sorted(rows: readonly RowTexts[]): readonly string[] {
  return rows
    .map((row) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .toSorted((a, b) => (a < b ? -1 : 1));
}
