/** What a reader sees of a shop that was ingested, and which of its versions that is. */
import { repairViews, type FoundStore } from "../audit.ts";
import { catalogViews, storedViews, withViews } from "../reader.ts";
import { shopTables, sumsSql, type ShopTable } from "./shop.ts";
import type { ShopSums } from "./shop-database.ts";

/** What the catalog says that the tables hold now; null where it has none. */
export async function sumsNow(
  { project, catalog }: FoundStore,
  tables: readonly ShopTable[] = shopTables,
): Promise<ShopSums | null> {
  const { sequence } = await catalog.head();
  return readSums(project, await catalogViews(catalog, sequence), tables);
}

/** What `views.sql` says, as it lies there; null where it has no tables. */
export async function sumsByViews(
  { project }: FoundStore,
  tables: readonly ShopTable[] = shopTables,
): Promise<ShopSums | null> {
  return readSums(project, storedViews(project), tables);
}

/** What `views.sql` says once it was brought up to the head. */
export async function sumsByRepairedViews(
  store: FoundStore,
  tables: readonly ShopTable[] = shopTables,
): Promise<ShopSums | null> {
  await repairViews(store);
  return sumsByViews(store, tables);
}

async function readSums(
  project: string,
  views: string,
  tables: readonly ShopTable[],
): Promise<ShopSums | null> {
  if (views === "") return null;
  return withViews(project, views, async (connection) => {
    const reader = await connection.runAndReadAll(`${sumsSql("duckdb", tables)} ORDER BY 1`);
    return new Map(reader.getRows().map(([stream, sums]) => [String(stream), String(sums)]));
  });
}

/** Of each of its parts what they hold together; rows that came twice. */
const states = `
SELECT 'accounts', count(*)::varchar, sum(amount)::varchar, sum(id * amount)::varchar FROM accounts
UNION ALL SELECT 'mirror', count(*)::varchar, sum(amount)::varchar, sum(id * amount)::varchar
  FROM mirror
UNION ALL SELECT 'stamp', accounts::varchar, total::varchar, weighted::varchar FROM stamp
UNION ALL SELECT 'twice', (count(*) - count(DISTINCT id))::varchar, '', '' FROM orders
UNION ALL SELECT 'twice', (count(*) - count(DISTINCT payload))::varchar, '', '' FROM events
  WHERE kind = 'churn'
`;

/**
 * Checks that views are of one state of a shop that was written to all the time, by what its
 * writers keep true in each transaction, and that nothing in them came twice.
 */
export async function auditState(project: string, views: string): Promise<void> {
  await withViews(project, views, async (connection) => {
    const reader = await connection.runAndReadAll(states);
    const rows = reader.getRows().map((row) => row.join(" "));
    const parts = rows.filter((row) => !row.startsWith("twice "));
    const held = new Set(parts.map((row) => row.slice(row.indexOf(" "))));
    const isWhole = parts.length === 3 && held.size === 1;
    const twice = rows.filter((row) => row.startsWith("twice ") && row.trim() !== "twice 0");
    if (isWhole && twice.length === 0) return;
    throw new Error(`expected one state, got ${rows.join("; ")}`);
  });
}

/** The one of these versions that was seen; version 0 is of no tables. Throws where none was. */
export async function shownVersion(
  seen: ShopSums | null,
  versions: readonly number[],
  sumsAt: (version: number) => Promise<ShopSums>,
): Promise<number> {
  const misses: string[] = [];
  for (const version of versions) {
    const expected = version === 0 ? null : await sumsAt(version);
    const difference = differenceOf(seen, expected);
    if (difference === null) return version;
    misses.push(`version ${version}: ${difference}`);
  }
  throw new Error(`expected the tables of one version, got\n${misses.join("\n")}`);
}

/** Where what was seen differs from what is expected; null where it doesn't. */
function differenceOf(seen: ShopSums | null, expected: ShopSums | null): string | null {
  if (seen === null || expected === null) {
    if (seen === expected) return null;
    return seen === null ? "no tables" : "tables where there should be none";
  }
  const names = [...new Set([...seen.keys(), ...expected.keys()])];
  const lines = names
    .filter((name) => seen.get(name) !== expected.get(name))
    .map((name) => `${name}: ${seen.get(name) ?? "gone"}, not ${expected.get(name) ?? "there"}`);
  return lines.length === 0 ? null : lines.join("\n  ");
}
