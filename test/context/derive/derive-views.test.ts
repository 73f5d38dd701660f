/** Who keeps views.sql at the catalog's head, and what becomes of one that isn't. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { lockClaims } from "../../../src/catalog/claims.ts";
import { deriveViews, type ViewsContext } from "../../../src/context/derive/derive-views.ts";
import { storeFolder } from "../../../src/context/layout.ts";
import { parseViews, type ViewsFile } from "../../../src/context/views/views-sql.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { int } from "../views/literals.ts";
import { columnOf, rowOf, schemaWith } from "../views/stored-table.ts";
import { tableIdOf, withStore, type TestStore } from "../views/test-store.ts";

const schema = schemaWith(1, [columnOf(1, "v", int(32))]);
const load = (name: string, value = "1") => ({ name, schema, rows: [rowOf(value)] });

function contextOf(store: TestStore): ViewsContext {
  const claims = lockClaims(`${store.folder}/${storeFolder}`);
  const { catalog, filesystem } = store;
  return { catalog, filesystem, random: seededRandom(2), takeLock: () => claims.take("views") };
}

const pathOf = ({ folder }: TestStore): string => `${folder}/${storeFolder}/views.sql`;
const viewsOf = (store: TestStore): ViewsFile | null =>
  parseViews(readFileSync(pathOf(store), "utf8"));

/** The sum of `v` over the views, by a session that reads them from the project's folder. */
async function sumOf({ duckDb, folder }: TestStore, table: string): Promise<unknown> {
  const text = readFileSync(`${folder}/${storeFolder}/views.sql`, "utf8");
  // The tests of views-sql.ts start a process in the folder instead.
  await duckDb.run(text.replaceAll("'.hakiri/", `'${folder}/.hakiri/`));
  return (await duckDb.rows(`SELECT sum(v)::INTEGER AS s FROM ${table}`))[0]?.["s"];
}

describe("views.sql", () => {
  test("isn't made before the first snapshot", async () => {
    await withStore(async (store) => {
      await deriveViews(contextOf(store));
      expect(await store.filesystem.stat("views.sql")).toBeNull();
    });
  });

  test("is made, brought up to the head, and left alone there", async () => {
    await withStore(async (store) => {
      const context = contextOf(store);
      await store.commit([load("a", "1"), load("b", "10")]);
      await deriveViews(context);
      expect(viewsOf(store)?.sequence).toBe(1);
      expect(await sumOf(store, "b")).toBe(10);
      await store.commit([load("a", "2")]);
      await deriveViews(context);
      const blocks = viewsOf(store)?.blocks.map(({ tableId, sequence }) => [tableId, sequence]);
      expect(blocks).toEqual([
        [tableIdOf({ name: "a" }), 2],
        [tableIdOf({ name: "b" }), 1],
      ]);
      expect([await sumOf(store, "a"), await sumOf(store, "b")]).toEqual([3, 10]);
      const before = await store.filesystem.stat("views.sql");
      await deriveViews(context);
      expect(await store.filesystem.stat("views.sql")).toEqual(before);
    });
  });

  test("keeps the text of tables that didn't change", async () => {
    await withStore(async (store) => {
      const asked: string[] = [];
      const files: ViewsContext["catalog"]["files"] = (tableId, ...more) => {
        asked.push(tableId);
        return store.catalog.files(tableId, ...more);
      };
      const context = { ...contextOf(store), catalog: { ...store.catalog, files } };
      await store.commit([load("a"), load("b")]);
      await deriveViews(context);
      asked.length = 0;
      await store.commit([load("b")]);
      await deriveViews(context);
      expect(asked).toEqual([tableIdOf({ name: "b" })]);
    });
  });

  test.each([
    ["damaged", (text: string) => text.replace("SELECT t.c1", "SELECT 7 + t.c1")],
    ["cut", (text: string) => text.slice(0, -20)],
    ["of another format", (text: string) => text.replace("format 1", "format 9")],
    ["empty", () => ""],
    ["no text", () => new Uint8Array([255, 0, 254])],
  ])("is written anew where it is %s", async (_, damage) => {
    await withStore(async (store) => {
      await store.commit([load("a", "5")]);
      await deriveViews(contextOf(store));
      const whole = readFileSync(pathOf(store), "utf8");
      writeFileSync(pathOf(store), damage(whole));
      await deriveViews(contextOf(store));
      expect(readFileSync(pathOf(store), "utf8")).toBe(whole);
    });
  });

  test("is left to whoever holds the lock", async () => {
    await withStore(async (store) => {
      await store.commit([load("a")]);
      await deriveViews({ ...contextOf(store), takeLock: () => null });
      expect(await store.filesystem.stat("views.sql")).toBeNull();
    });
  });

  test("follows commits that come while it is written, and names no later sequence than it shows", async () => {
    await withStore(async (store) => {
      await store.commit([load("a", "1")]);
      const context = contextOf(store);
      let commits = 0;
      const tables: ViewsContext["catalog"]["tables"] = async (sequence) => {
        if (commits < 2) {
          commits += 1;
          await store.commit([load("a", "1")]);
        }
        return store.catalog.tables(sequence);
      };
      await deriveViews({ ...context, catalog: { ...store.catalog, tables } });
      expect(viewsOf(store)?.sequence).toBe(3);
      expect(await sumOf(store, "a")).toBe(3);
    });
  });

  test("ends after 100 rounds where the head never stands still", async () => {
    await withStore(async (store) => {
      await store.commit([load("a")]);
      const context = contextOf(store);
      let [asked, taken] = [0, 0];
      // As if each look came after one more commit of another table.
      const head: ViewsContext["catalog"]["head"] = async () => {
        asked += 1;
        return { ...(await store.catalog.head()), sequence: asked };
      };
      const takeLock = () => {
        taken += 1;
        return context.takeLock();
      };
      const shown = viewsAsOfHead(store);
      await deriveViews({ ...context, takeLock, catalog: { ...store.catalog, head, ...shown } });
      expect(taken).toBe(100);
    });
  });
});

/** Queries that answer for any later sequence what they answer for the newest. */
function viewsAsOfHead({ catalog }: TestStore): Pick<ViewsContext["catalog"], "tables" | "files"> {
  return {
    tables: () => catalog.tables(1),
    files: (tableId, _, after) => catalog.files(tableId, 1, after),
  };
}

test("several processes at once leave one whole file at the head, and nothing else", async () => {
  await withStore(async (store) => {
    await store.commit([load("a"), load("b")]);
    const program = fileURLToPath(new URL("./derive-process.ts", import.meta.url));
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, [program, "40"], { cwd: store.folder, stdio: "inherit" }),
    );
    const ends = Promise.all(children.map((child) => once(child, "exit")));
    for (const value of ["2", "3", "4", "5"]) {
      await store.commit([load("a", value)]);
      await deriveViews(contextOf(store));
    }
    expect((await ends).map(([code]) => code as unknown)).toEqual([0, 0, 0]);
    await deriveViews(contextOf(store));
    expect(viewsOf(store)?.sequence).toBe(5);
    expect(await sumOf(store, "a")).toBe(15);
    const names = await store.filesystem.list("");
    expect(names.filter((name) => name.startsWith("views"))).toEqual(["views.sql"]);
  });
});
