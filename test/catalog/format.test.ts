/** The format on disk: what it was when it was fixed, and what its page says of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { formatVersion } from "../../src/catalog/apply/table-definitions.ts";
import { openSqliteCatalog } from "../../src/catalog/sqlite/sqlite-catalog.ts";
import { registerOf } from "./commands.ts";
import { answersOf, dumpOf, goldenText } from "./golden.ts";
import { goldenDatabase } from "./golden-scenario.ts";
import { logicalRows } from "./logical-rows.ts";
import { memoryDatabase } from "./memory-database.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const goldenSql = (): string => goldenText("catalog-v1.sql", () => dumpOf(goldenDatabase()));

/** The golden catalog as a file. */
function goldenCatalog() {
  const path = join(temporaryFolder(), "catalog.sqlite");
  const raw = new Database(path);
  raw.pragma("foreign_keys = off");
  raw.exec(goldenSql());
  raw.close();
  const catalog = openSqliteCatalog(path, { kind: "existing" });
  onTestFinished(() => catalog.close());
  return catalog;
}

describe("the golden catalog", () => {
  test("is what the same commands make today", () => {
    expect(dumpOf(goldenDatabase())).toBe(goldenSql());
  });

  test("opens, is sound and answers what it answered", async () => {
    const catalog = goldenCatalog();
    expect(await catalog.faults()).toEqual([]);
    const answers = await answersOf(catalog);
    expect(answers).toBe(goldenText("answers-v1.json", () => answers));
  });

  test("takes new commands", async () => {
    const catalog = goldenCatalog();
    const answer = await catalog.apply<"register_pipeline">(registerOf("p3"));
    expect(answer.created).toBe(true);
  });

  test("has something in every table, and in every column where it may", () => {
    const rows = logicalRows(goldenDatabase());
    // Only a rebuild sets these.
    const never = new Set(["store.restoring", "store.incarnation"]);
    const bare = Object.entries(rows).flatMap(([table, found]) => {
      const columns = Object.keys(found[0] ?? {});
      if (columns.length === 0) return [table];
      return columns
        .filter((column) => !found.some((row) => row[column] !== null && row[column] !== 0))
        .map((column) => `${table}.${column}`);
    });
    expect(bare.filter((name) => !never.has(name))).toEqual([]);
  });
});

describe("the page of the format", () => {
  const page = readFileSync(new URL("../../docs/format/catalog.md", import.meta.url), "utf8");

  test("names every table and column, and no other", () => {
    const sections = page.split(/^### /mu).slice(1);
    const described = sections.flatMap((section) => {
      const table = /^`([a-z_]+)`/u.exec(section)?.[1] ?? section.slice(0, 20);
      const rows = [...section.matchAll(/^\| `([a-z0-9_]+)`/gmu)];
      return rows.map(([, column = ""]) => `${table}.${column}`);
    });
    const database = memoryDatabase();
    const columns = database.all<{ name: string }>({
      sql: `select t.name || '.' || c.name as name from sqlite_schema t, pragma_table_info(t.name) c
        where t.type = 'table'`,
    });
    const real = columns.map(({ name }) => name);
    expect(described.toSorted()).toEqual(real.toSorted());
  });

  test("tells its version", () => {
    expect(page).toContain(`Version ${formatVersion}.`);
  });
});
