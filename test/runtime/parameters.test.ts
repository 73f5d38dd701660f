/** Runs that are asked for a part of a stream, and types that depend on the values. */
import { describe, expect, test } from "vitest";
import { expectTables } from "./compare-tables.ts";
import { noParameters, pipelineOf, requestOf } from "./request.ts";
import { filesAt } from "./sources/world-files.ts";
import { livingTables, livingTexts, type ColumnWorld, type World } from "./sources/world.ts";
import { storeOfTest, type TestStore } from "./test-store.ts";

const world: World = {
  seed: 7,
  version: 1,
  streams: [
    { name: "orders", kind: "keyset", rows: 40, batchRows: 10, updates: 6, inserts: 4 },
    { name: "plain", kind: "plain", rows: 10, batchRows: 10 },
  ],
};

const merge = pipelineOf([{ stream: "orders", incremental: "changed" }]);
const append = pipelineOf([{ stream: "orders", incremental: "changed", disposition: "append" }]);

const asked = (parameters: Partial<typeof noParameters>) => ({
  parameters: { ...noParameters, ...parameters },
});

async function cursorOf(store: TestStore): Promise<string | null | undefined> {
  const [pipeline] = await store.store.catalog.pipelines(null);
  const [cursor] = await store.store.catalog.cursors(pipeline?.pipelineId ?? "");
  return cursor?.cursor.value;
}

describe("a run of a range", () => {
  test("merges it, half open, and leaves the stored cursor alone", async () => {
    const store = await storeOfTest(world);
    await store.run(merge, asked({ from: "10", to: "12" }));
    const all = livingTexts(store.director.world, "orders");
    const within = all.filter(({ changed }) => changed === "10" || changed === "11");
    await expectTables(store, { orders: within });
    expect(await cursorOf(store)).toBeUndefined();
    await store.run(merge);
    expect(await cursorOf(store)).toBe("12");
    await store.run(merge, asked({ from: "11" }));
    expect(await cursorOf(store)).toBe("12");
    await expectTables(store, { orders: all });
  });

  test("appends it where the table has no row of it, and refuses to where it has", async () => {
    const store = await storeOfTest(world);
    expect(await store.run(append, asked({ to: "11" }))).toMatchObject({ status: "succeeded" });
    expect(await store.run(append, asked({ from: "11", to: "12" }))).toMatchObject({
      status: "succeeded",
    });
    const twice = await store.run(append, asked({ from: "11" }));
    expect(twice).toMatchObject({ status: "failed", error: { code: "usage.range_not_empty" } });
    expect(twice.error?.message).toContain("got 14");
    expect(await store.run(append, asked({ from: "x" }))).toMatchObject({
      error: { code: "usage.range_value" },
    });
    expect(await store.run(append, asked({ from: "12" }))).toMatchObject({ status: "succeeded" });
    await expectTables(store, livingTables(store.director.world, "orders"));
  });

  test.each([
    ["range_of_replace", { from: "1" }, { stream: "plain" }],
    ["range_needs_incremental", { to: "1" }, { stream: "plain", disposition: "append" }],
    ["limit_of_replace", { limit: 5 }, { stream: "plain" }],
  ] as const)("is refused with usage.%s", async (code, parameters, stream) => {
    const store = await storeOfTest(world);
    expect(await store.run(pipelineOf([stream]), asked(parameters))).toMatchObject({
      status: "failed",
      error: { code: `usage.${code}` },
    });
  });
});

describe("a run with a limit", () => {
  test("reads so many rows of each stream, over its attempts, and moves no cursor", async () => {
    const store = await storeOfTest(world);
    store.director.breakAt((event) => event.at === "next" && event.row === 20, {
      kind: "throw",
      error: { kind: "Transient", code: "t.t", message: "m", hint: "" },
    });
    const limits = { ...requestOf("", merge).limits, batchRowsMax: 10 };
    const { report } = await store.run(merge, { ...asked({ limit: 25 }), limits });
    expect(report.tables).toMatchObject([{ rows: 25 }]);
    expect(await cursorOf(store)).toBeUndefined();
    await store.run(merge);
    await expectTables(store, livingTables(store.director.world, "orders"));
  });
});

describe("integers and floats in one column", () => {
  const float64 = { kind: "float", bits: 64 } as const;
  const int64 = { kind: "int", bits: 64, signed: true } as const;
  const typed = (...types: ColumnWorld["types"]): readonly ColumnWorld[] => [
    { name: "size", types },
  ];
  const stream = { name: "t", kind: "keyset", rows: 6, batchRows: 10, inserts: 4 } as const;
  const spec = pipelineOf([{ stream: "t", incremental: "changed" }]);
  const decimal = (texts: readonly Readonly<Record<string, string | null>>[]) =>
    texts.map((row) => ({
      ...row,
      size: row["size"] === null ? null : String(Number(row["size"])),
    }));

  test.each([
    ["integers that come to floats", float64, int64],
    ["floats that come to integers", int64, float64],
  ] as const)("are floats: %s", async (_, first, second) => {
    const columns = typed({ from: 1, type: first }, { from: 2, type: second });
    const store = await storeOfTest({ seed: 1, version: 1, streams: [{ ...stream, columns }] });
    await store.run(spec);
    store.moveTo(2);
    expect(await store.run(spec)).toMatchObject({ status: "succeeded" });
    const { t = [] } = await store.tables(["t"]);
    const expected = livingTexts(store.director.world, "t");
    expect(decimal(t).toSorted(byId)).toEqual(decimal(expected).toSorted(byId));
  });

  test.each([
    ["integers that come to floats", float64, int64],
    ["floats that come to integers", int64, float64],
  ] as const)("are floats in files too: %s", async (_, first, second) => {
    const columns = typed({ from: 1, type: first }, { from: 3, type: second });
    const files = { name: "t", kind: "files", rows: 4, batchRows: 1, columns } as const;
    const store = await storeOfTest({ seed: 1, version: 2, streams: [files] });
    await store.run(pipelineOf([{ stream: "t" }]));
    store.moveTo(3);
    expect(await store.run(pipelineOf([{ stream: "t" }]))).toMatchObject({ status: "succeeded" });
    const { t = [] } = await store.tables(["t"]);
    const expected = filesAt(store.director.world, files).flatMap(({ rows }) => rows);
    expect(decimal(t).toSorted(byId)).toEqual(decimal(expected).toSorted(byId));
  });

  test.each([
    ["integers that come to floats", float64, int64],
    ["floats that come to integers", int64, float64],
  ] as const)("are refused where a double rounds: %s", async (_, first, second) => {
    const columns = typed({ from: 1, type: first }, { from: 2, type: second });
    // Ids this large make integers beyond 2^53.
    const streams = [{ ...stream, columns, idBase: 1_000_000 }];
    const store = await storeOfTest({ seed: 1, version: 1, streams });
    await store.run(spec);
    store.moveTo(2);
    const { status, error } = await store.run(spec);
    expect(status).toBe("failed");
    expect(error?.code).toBe("schema.incompatible_type");
    expect(error?.message).toContain("2^53");
  });
});

function byId(
  a: Readonly<Record<string, string | null>>,
  b: Readonly<Record<string, string | null>>,
): number {
  return Number(a["id"]) - Number(b["id"]);
}
