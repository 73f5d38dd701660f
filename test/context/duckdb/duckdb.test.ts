/** DuckDB as the store uses it: answers, types, and what it throws. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lazyDuckDb } from "../../../src/context/duckdb/lazy-duckdb.ts";
import { openDuckDb, type DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { sqlType } from "../../../src/context/duckdb/sql-type.ts";
import { duckDbFault } from "../../../src/context/duckdb/duckdb-fault.ts";
import type { DataType } from "../../../src/core/type.ts";
import { flatTypes } from "../../columns/arbitrary-values.ts";
import { rejectionOf } from "../thrown.ts";
import { withFolder } from "../temporary-folder.ts";

async function withDuckDb(
  use: (duckDb: DuckDb, folder: string) => Promise<void>,
  memoryLimit = "256MiB",
): Promise<void> {
  await withFolder(async (folder) => {
    const temporaryFolder = join(folder, "tmp");
    const duckDb = await openDuckDb({ threads: 1, memoryLimit, temporaryFolder });
    try {
      await use(duckDb, folder);
    } finally {
      duckDb.close();
    }
  });
}

test("rows come with their columns' names, exact numbers as texts, moments in UTC", async () => {
  await withDuckDb(async (duckDb) => {
    await duckDb.run("CREATE TABLE t AS SELECT 1 AS a");
    expect(
      await duckDb.rows(
        "SELECT a, 9007199254740993 AS big, 1.50::DECIMAL(5,2) AS price, " +
          "'2024-01-01 10:00:00+02'::TIMESTAMPTZ AS at, NULL AS nothing FROM t",
      ),
    ).toEqual([
      {
        a: 1,
        big: "9007199254740993",
        price: "1.50",
        at: "2024-01-01 08:00:00+00",
        nothing: null,
      },
    ]);
  });
});

test("our types are DuckDB's and back", async () => {
  const list: DataType = { kind: "list", item: { kind: "uuid" } };
  const struct: DataType = {
    kind: "struct",
    fields: [
      { name: 'a "b"', type: list, nullable: true },
      { name: "c", type: { kind: "json" }, nullable: true },
    ],
  };
  const types = [...flatTypes, list, struct];
  await withDuckDb(async (duckDb) => {
    const columns = types.map((type, index) => `NULL::${sqlType(type)} AS c${index}`);
    const found = await duckDb.columns(`SELECT ${columns.join(", ")}`);
    expect(found).toEqual(
      types.map((type, index) => ({ name: `c${index}`, type, nullable: true })),
    );
  });
});

test("types that we have no word for become the next that holds their values", async () => {
  const found: readonly (readonly [string, DataType])[] = [
    ["HUGEINT", { kind: "decimal", precision: 38, scale: 0 }],
    ["UHUGEINT", { kind: "text", tag: "numeric" }],
    ["INTERVAL", { kind: "text", tag: "interval" }],
    ["TIMESTAMP_NS", { kind: "timestamp", zoned: false }],
    ["TIMETZ", { kind: "text" }],
    ["BIT", { kind: "text" }],
    ["MAP(VARCHAR, INTEGER)", { kind: "json" }],
    ["INTEGER[3]", { kind: "list", item: { kind: "int", bits: 32, signed: true } }],
  ];
  await withDuckDb(async (duckDb) => {
    for (const [name, type] of found) {
      expect(await duckDb.columns(`SELECT NULL::${name} AS c`)).toEqual([
        { name: "c", type, nullable: true },
      ]);
    }
  });
});

test("statements wait for each other, and one that fails doesn't harm the next", async () => {
  await withDuckDb(async (duckDb) => {
    const outcomes = await Promise.allSettled([
      duckDb.run("CREATE TABLE t (a INTEGER)"),
      duckDb.run("INSERT INTO t VALUES (1)"),
      duckDb.run("nonsense"),
      duckDb.run("INSERT INTO t VALUES (2)"),
      duckDb.rows("SELECT count(*)::INT AS n FROM t"),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(outcomes[4]).toMatchObject({ value: [{ n: 2 }] });
  });
});

test("an interrupted statement fails as such, and the instance goes on", async () => {
  await withDuckDb(async (duckDb) => {
    const endless = duckDb.rows(
      "SELECT sum(a.range + b.range) FROM range(10000000) a, range(10000000) b",
    );
    let isOver = false;
    const over = rejectionOf(endless).finally(() => {
      isOver = true;
    });
    // It is heard only by a statement that has begun, and nothing tells that it has.
    while (!isOver) {
      duckDb.interrupt();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await over).code).toBe("duckdb.interrupted");
    expect(await duckDb.rows("SELECT 1 AS a")).toEqual([{ a: 1 }]);
  });
});

test("what doesn't fit into memory goes to disk, and what fits nowhere is told", async () => {
  await withDuckDb(async (duckDb) => {
    const sorted =
      "SELECT max(a) AS a FROM (SELECT a FROM range(3000000) r(a) ORDER BY hash(a) LIMIT 2000000)";
    expect(await duckDb.rows(sorted)).toHaveLength(1);
    await duckDb.run("SET max_temp_directory_size = '1MB'");
    const error = await rejectionOf(
      duckDb.run(
        "CREATE TABLE t AS SELECT a, hash(a) AS b, hash(a + 1) AS c FROM range(9000000) r(a)",
      ),
    );
    expect(error.kind).toBe("Permanent");
    expect(["disk.full", "duckdb.out_of_memory"]).toContain(error.code);
  }, "64MiB");
});

test.each([
  ["SELECT nonsense", "usage.sql"],
  ["SELEC 1", "usage.sql"],
  ["SELECT * FROM nowhere", "usage.sql"],
  ["SELECT 'x'::INTEGER", "data.invalid"],
  ["SELECT 300::TINYINT", "data.invalid"],
  ["SELECT error('x')", "data.invalid"],
  ["SELECT * FROM read_csv('/nowhere/a.csv')", "file.unreadable"],
])("%s fails as %s", async (sql, code) => {
  await withDuckDb(async (duckDb) => {
    const error = await rejectionOf(duckDb.rows(sql));
    expect(error).toMatchObject({ kind: "Permanent", code });
    expect(error.message).toMatch(/^DuckDB: /u);
  });
});

test("a file that is no Parquet, and a folder that can't be written, are told", async () => {
  await withDuckDb(async (duckDb, folder) => {
    const file = join(folder, "a.parquet");
    await writeFile(file, "no Parquet");
    const unreadable = await rejectionOf(duckDb.rows(`SELECT * FROM read_parquet('${file}')`));
    expect(unreadable.kind).toBe("Permanent");
    const closed = join(folder, "closed", "deeper");
    await mkdir(join(folder, "closed"));
    await chmod(join(folder, "closed"), 0o500);
    const unwritable = await rejectionOf(
      duckDb.run(`COPY (SELECT 1) TO '${join(closed, "b.parquet")}' (FORMAT parquet)`),
    );
    expect(unwritable.kind).toBe("Permanent");
  });
});

test("what DuckDB never said before is still an error of DuckDB's", () => {
  const error = duckDbFault(new Error("Novel Error: something"));
  expect(error).toMatchObject({ kind: "Permanent", code: "duckdb.failed" });
  expect(duckDbFault(error)).toBe(error);
});

test("a lazy instance is opened by its first statement, and a closed one by none", async () => {
  await withFolder(async (folder) => {
    const options = { threads: 1, memoryLimit: "64MiB", temporaryFolder: join(folder, "tmp") };
    const duckDb = lazyDuckDb(options);
    duckDb.interrupt();
    expect(await duckDb.rows("SELECT 1 AS a")).toEqual([{ a: 1 }]);
    expect((await duckDb.columns("SELECT 1 AS a"))[0]?.name).toBe("a");
    duckDb.close();
    await expect(duckDb.run("SELECT 1")).rejects.toThrow("closed");
    const unused = lazyDuckDb(options);
    unused.close();
    await expect(unused.rows("SELECT 1")).rejects.toThrow("closed");
  });
});
