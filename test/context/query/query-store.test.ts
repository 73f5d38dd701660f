/** Queries over a store with a real catalog: what they see, as of when, and what they must not. */
import { existsSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { storeFolder } from "../../../src/context/layout.ts";
import { rejectionOf } from "../thrown.ts";
import { date, decimal, int, text, timestamp } from "../views/literals.ts";
import { columnOf, rowOf, schemaWith } from "../views/stored-table.ts";
import { withStore, type TestStore } from "../views/test-store.ts";
import { clientOfFile, contextOf, documentOf, rowsOf, startQuery } from "./queries.ts";

const client = clientOfFile();
const schema = schemaWith(1, [columnOf(1, "id", int(32)), columnOf(2, "name", text)]);
const load = (name: string, ...rows: readonly string[][]) => ({
  name,
  schema,
  rows: rows.map((row) => rowOf(...row)),
});

/** A store with one query context. */
async function withQueries<T>(
  use: (store: TestStore, context: ReturnType<typeof contextOf>) => Promise<T>,
): Promise<T> {
  return withStore((store) => use(store, contextOf(store, client)));
}

describe("tables", () => {
  test("are read by their names, in any namespace", async () => {
    await withQueries(async (store, context) => {
      await store.commit([
        load("orders", ["1", "'a'"], ["2", "'b'"]),
        { ...load("Kund innen", ["1", "'crm'"]), namespace: 'c.r"m' },
        { ...load("orders", ["9", "'other'"]), namespace: "crm" },
      ]);
      expect(
        await rowsOf(
          context,
          'SELECT o.name AS a, k.name AS b FROM orders o JOIN "c.r""m"."Kund innen" k USING (id)',
        ),
      ).toEqual([{ a: "a", b: "crm" }]);
      expect(await rowsOf(context, "FROM crm.orders")).toEqual([{ id: 9, name: "other" }]);
      expect(await rowsOf(context, "FROM MAIN.Orders WHERE id = 2")).toEqual([
        { id: 2, name: "b" },
      ]);
    });
  });

  test("are shown as their schema is now, files of older ones too", async () => {
    await withQueries(async (store, context) => {
      const before = schemaWith(1, [columnOf(1, "n", int(32)), columnOf(2, "d", date)]);
      const after = schemaWith(2, [
        columnOf(1, "n", decimal(12, 2)),
        columnOf(2, "d", timestamp),
        columnOf(3, "more", text),
      ]);
      await store.commit([{ name: "t", schema: before, rows: [rowOf("5", "'2021-05-05'")] }]);
      await store.commit([
        { name: "t", schema: after, rows: [rowOf("5.25", "'2021-05-05 12:00'", "'x'")] },
      ]);
      expect(await rowsOf(context, "FROM t WHERE n = 5.25 OR d = '2021-05-05' ORDER BY n")).toEqual(
        [
          { n: "5.00", d: "2021-05-05T00:00:00.000000", more: null },
          { n: "5.25", d: "2021-05-05T12:00:00.000000", more: "x" },
        ],
      );
      expect(await rowsOf(context, "FROM t", { at: "1" })).toEqual([{ n: 5, d: "2021-05-05" }]);
    });
  });

  test("are listed with their columns, and a listed one isn't taken for an empty one", async () => {
    await withQueries(async (store, context) => {
      await store.commit([load("a", ["1", "'x'"]), { ...load("b"), namespace: "other" }]);
      expect(await rowsOf(context, "SHOW TABLES")).toEqual([{ name: "a" }]);
      expect(
        await rowsOf(
          context,
          "SELECT table_schema, table_name, column_name FROM information_schema.columns " +
            "WHERE table_catalog = 'memory' ORDER BY ALL",
        ),
      ).toEqual([
        { table_schema: "main", table_name: "a", column_name: "id" },
        { table_schema: "main", table_name: "a", column_name: "name" },
        { table_schema: "other", table_name: "b", column_name: "id" },
        { table_schema: "other", table_name: "b", column_name: "name" },
      ]);
      const described = await rowsOf(context, "DESCRIBE a");
      expect(described.map((row) => row["column_type"])).toEqual(["INTEGER", "VARCHAR"]);
      const both = "SELECT count(*) AS n FROM a, duckdb_views()";
      expect(Number((await rowsOf(context, both))[0]?.["n"])).toBeGreaterThan(0);
    });
  });

  test("a store without snapshots answers what needs no table", async () => {
    await withQueries(async (_, context) => {
      const result = await startQuery(context, "SELECT 1 AS one");
      expect(result.sequence).toBe(0);
      await result.close();
      const error = await rejectionOf(documentOf(context, "FROM orders"));
      expect(error).toMatchObject({
        code: "usage.unknown_table",
        hint: "there are no tables yet; begin with: hakiri ingest FILE",
      });
    });
  });
});

describe("time travel", () => {
  test("reads a snapshot by its number, and by any time from its own to the next", async () => {
    await withQueries(async (store, context) => {
      const at = (clock: string) => String(Date.parse(`2026-01-02T${clock}Z`) * 1000);
      await store.commit([load("t", ["1", "'x'"])], at("10:00:00"));
      await store.commit([load("t", ["2", "'x'"])], at("12:00:00"));
      const count = async (moment: string | null) => {
        const rows = await rowsOf(context, "SELECT count(*) AS n FROM t", { at: moment });
        return rows[0]?.["n"];
      };
      expect(await count(null)).toBe("2");
      expect(await count("1")).toBe("1");
      expect(await count("2")).toBe("2");
      expect(await count("2026-01-02T10:00:00Z")).toBe("1");
      expect(await count("2026-01-02T11:59:59.999999Z")).toBe("1");
      expect(await count("2026-01-02T12:00:00.000000Z")).toBe("2");
      expect(await count("2026-01-02T14:00:00+02:00")).toBe("2");
      expect(await count("2026-01-02T13:59:59+02:00")).toBe("1");
      expect(await count("2026-01-02 11:00")).toBe("1");
      expect(await count("2026-01-03")).toBe("2");
    });
  });

  test("names the snapshots that are kept where there is none", async () => {
    await withQueries(async (store, context) => {
      for (const hour of [10, 11, 12]) {
        const at = String(Date.parse(`2026-01-02T${hour}:00:00Z`) * 1000);
        await store.commit([load("t", ["1", "'x'"])], at);
      }
      await store.catalog.apply<"expire_snapshots">({
        kind: "expire_snapshots",
        version: 1,
        keep: 2,
        since: "8000000000000000",
        pinned: [],
        at: "1",
      });
      for (const at of ["1", "4", "2026-01-02T09:59:59Z", "2026-01-02T10:30:00Z"]) {
        expect(await rejectionOf(documentOf(context, "FROM t", { at }))).toMatchObject({
          code: "usage.unknown_snapshot",
          message: `expected a snapshot that is kept, but there is none at '${at}'`,
          hint:
            "kept are 2 (2026-01-02T11:00:00.000000Z) to 3 (2026-01-02T12:00:00.000000Z); " +
            "list them with: hakiri snapshots",
        });
      }
      for (const at of ["", "yesterday", "2026-13-01", "2026-01-02T10:00:00.0000001Z", "-1"]) {
        const error = await rejectionOf(documentOf(context, "FROM t", { at }));
        expect(error.code, at).toBe("usage.snapshot");
      }
    });
  });
});

describe("what a query reads stays while it is read", () => {
  test("what it spills lies under the name of its pin, on an empty store too", async () => {
    await withQueries(async ({ folder, pins }, context) => {
      const result = await startQuery(context, "SELECT 1 AS a", {
        format: { kind: "parquet" },
      });
      const pieces = result.pieces();
      await pieces.next();
      expect(pins.names()).toHaveLength(1);
      expect(pins.live()).toEqual([]);
      expect(readdirSync(`${folder}/${storeFolder}/temp`)).toEqual(pins.names());
      await result.close();
      expect(readdirSync(`${folder}/${storeFolder}/temp`)).toEqual([]);
      expect(pins.names()).toEqual([]);
    });
  });

  test("its snapshot is pinned from the start to the end of its result", async () => {
    await withQueries(async (store, context) => {
      await store.commit([load("t", ["1", "'x'"])]);
      const result = await startQuery(context, "FROM t");
      expect(store.pins.live()).toEqual([1]);
      const pieces: Uint8Array[] = [];
      for await (const piece of result.pieces()) pieces.push(piece);
      expect(pieces).toHaveLength(1);
      expect(store.pins.live()).toEqual([]);
    });
  });

  test("the pin is given up when the reader leaves early, closes, or the query fails", async () => {
    await withQueries(async (store, context) => {
      await store.commit([load("t", ["1", "'x'"])]);
      const early = await startQuery(
        context,
        "SELECT i, repeat('x', 100) FROM range(1000000) r(i)",
      );
      for await (const piece of early.pieces()) {
        expect(piece.byteLength).toBeGreaterThan(1000);
        break;
      }
      expect(store.pins.live()).toEqual([]);
      const closed = await startQuery(context, "FROM t");
      await closed.close();
      await closed.close();
      expect(store.pins.live()).toEqual([]);
      await rejectionOf(documentOf(context, "SELECT nosuch FROM t"));
      await rejectionOf(documentOf(context, "SELECT error('late') FROM t"));
      expect(store.pins.live()).toEqual([]);
    });
  });

  test("a snapshot that expired before its pin held isn't read", async () => {
    await withQueries(async (store, context) => {
      await store.commit([load("t", ["1", "'x'"])]);
      await store.commit([load("t", ["2", "'x'"])]);
      let asked = 0;
      const snapshotAt: typeof store.catalog.snapshotAt = async (by) => {
        asked += 1;
        // It is found, and is gone when it is looked at under the pin.
        return asked > 1 ? null : store.catalog.snapshotAt(by);
      };
      const catalog = { ...store.catalog, snapshotAt };
      const error = await rejectionOf(documentOf({ ...context, catalog }, "FROM t", { at: "1" }));
      expect(error.code).toBe("usage.unknown_snapshot");
      expect(store.pins.live()).toEqual([]);
    });
  });

  test("nothing is left behind", async () => {
    await withQueries(async (store, context) => {
      await store.commit([load("t", ["1", "'x'"])]);
      await documentOf(context, "FROM t");
      await documentOf(context, "FROM t", { format: { kind: "parquet" } });
      await rejectionOf(documentOf(context, "SELECT error('x') FROM t"));
      expect(readdirSync(`${store.folder}/${storeFolder}/temp`)).toEqual([]);
    });
  });
});

describe("names that are no table's", () => {
  test.each([
    ["FROM ordesr", "did you mean orders?", { line: 1, column: 6 }],
    ["SELECT 1\nFROM\n  Custmers", "did you mean customers?", { line: 3, column: 3 }],
    ["FROM invoices", "did you mean crm.invoices?", { line: 1, column: 6 }],
    ["FROM crm.orders", "did you mean orders?", { line: 1, column: 6 }],
    ["EXPLAIN FROM ordesr", "did you mean orders?", { line: 1, column: 14 }],
    [
      "SELECT '\u{1f600}' FROM x.y",
      "the tables are: crm.invoices, customers, orders",
      { line: 1, column: 17 },
    ],
  ])("%s: %s", async (sql, hint, evidence) => {
    await withQueries(async (store, context) => {
      await store.commit([
        load("orders"),
        load("customers"),
        { ...load("invoices"), namespace: "crm" },
      ]);
      const error = await rejectionOf(documentOf(context, sql));
      expect(error).toMatchObject({ code: "usage.unknown_table", evidence });
      const all = "the tables are: crm.invoices, customers, orders";
      expect(error.hint).toBe(hint === all ? all : `${hint} ${all}`);
    });
  });

  test("that look like a file's say how to read one", async () => {
    await withQueries(async (store, context) => {
      await store.commit([load("t")]);
      for (const name of ["'x.csv'", "'data/x'", '"a.parquet"']) {
        const error = await rejectionOf(documentOf(context, `FROM ${name}`));
        expect(error.code).toBe("usage.sql_file");
        expect(error.hint).toContain("hakiri ingest FILE");
      }
    });
  });
});

test("a damaged or missing file of the store is named, with what to type", async () => {
  await withQueries(async (store, context) => {
    await store.commit([load("t", ["1", "'x'"])]);
    const [file] = await store.catalog.files(
      (await store.catalog.tables(1))[0]?.tableId ?? "",
      1,
      -1,
    );
    const path = `${context.root}/${file?.path}`;
    expect(existsSync(path)).toBe(true);
    truncateSync(path, 20);
    const damaged = await rejectionOf(documentOf(context, "FROM t"));
    expect(damaged).toMatchObject({
      kind: "Permanent",
      code: "store.damaged_file",
      where: { file: path },
      hint: "find what is damaged with: hakiri doctor",
    });
    writeFileSync(path, "no Parquet at all, but long enough to look at it twice");
    expect((await rejectionOf(documentOf(context, "FROM t"))).code).toBe("store.damaged_file");
  });
});
