/** Runs over real files: what they take away, and what they leave. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import { noParameters, pipelineOf } from "./request.ts";
import { failure } from "./sources/director.ts";
import type { SourceEvent } from "./sources/direction.ts";
import { storeOfTest, withViews, type TestStore } from "./test-store.ts";

/** A store, and what writes files into its project. */
async function storeOfFiles(): Promise<{
  readonly store: TestStore;
  readonly write: (name: string, ...lines: readonly string[]) => Promise<void>;
}> {
  const store = await storeOfTest({ seed: 0, version: 1, streams: [] });
  return {
    store,
    write: async (name, ...lines) => {
      const path = join(store.project, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, ["k,v", ...lines, ""].join("\n"));
    },
  };
}

/** A pipeline of the files of a folder, into the table `t`. */
function pipelineFor(folder: string, more: Partial<PipelineSpec> = {}): PipelineSpec {
  const stream = { stream: "files", table: "t", disposition: "merge", primaryKey: ["k"] } as const;
  return pipelineOf([stream], {
    name: folder,
    connector: "file",
    source: { glob: `${folder}/*.csv` },
    ...more,
  });
}

const appending = {
  streams: pipelineOf([{ stream: "files", table: "t", disposition: "append" }]).streams,
};

/** `file:k,v` of every row, sorted. */
function rowsOf({ project }: TestStore): Promise<readonly string[]> {
  return withViews(project, async (query) => {
    const rows = await query("SELECT _hakiri_file || ':' || k || ',' || v AS text FROM t");
    return rows.map(({ text }) => text ?? "").toSorted();
  });
}

describe("a merge of files", () => {
  test("takes several of them in one scan, and what they lost in one commit", async () => {
    const { store, write } = await storeOfFiles();
    const spec = pipelineFor("in", { onMissing: "delete" });
    await write("in/a.csv", "1,a", "2,a", "3,a");
    await write("in/b.csv", "3,b", "4,b");
    await write("in/c.csv", "5,c");
    await store.run(spec);
    // 1 moves to a later file, 4 to an earlier one; 2 is nowhere, 5 is gone with its file.
    await write("in/a.csv", "3,a2", "4,a2");
    await write("in/b.csv", "1,b2", "6,b2");
    await rm(join(store.project, "in/c.csv"));
    const { report } = await store.run(spec);
    expect(report.tables).toMatchObject([{ rows: 4, inserted: 1, updated: 3, deleted: 2 }]);
    const rows = ["in/a.csv:3,a2", "in/a.csv:4,a2", "in/b.csv:1,b2", "in/b.csv:6,b2"];
    expect(await rowsOf(store)).toEqual(rows);
  });

  test("leaves a key that a file took over and lost to be read from the other one", async () => {
    const { store, write } = await storeOfFiles();
    const spec = pipelineFor("in");
    await write("in/a.csv", "1,a");
    await store.run(spec);
    await write("in/b.csv", "1,b", "2,b");
    await store.run(spec);
    expect(await rowsOf(store)).toEqual(["in/b.csv:1,b", "in/b.csv:2,b"]);
    await write("in/b.csv", "2,b");
    await store.run(spec);
    expect(await rowsOf(store)).toEqual(["in/b.csv:2,b"]);
    const parameters = { ...noParameters, fullRefresh: true };
    await store.run(spec, { parameters });
    expect(await rowsOf(store)).toEqual(["in/a.csv:1,a", "in/b.csv:2,b"]);
  });

  test("is computed anew against what another pipeline appended meanwhile", async () => {
    const { store, write } = await storeOfFiles();
    const owner = pipelineFor("in", { shared: true });
    const other = pipelineFor("other", { shared: true, ...appending });
    await write("in/a.csv", "1,a", "2,a");
    await store.run(owner);
    await write("in/a.csv", "2,a2", "3,a2");
    await write("other/x.csv", "1,x", "2,x", "3,x");
    const stop = store.director.stopAt(({ at }) => at === "next");
    const merging = store.run(owner);
    await stop.reached;
    expect(await store.run(other)).toMatchObject({ status: "succeeded", sequence: 2 });
    stop.go();
    const { report } = await merging;
    expect(report.tables).toMatchObject([{ inserted: 0, updated: 2, deleted: 2 }]);
    expect(await rowsOf(store)).toEqual(["in/a.csv:2,a2", "in/a.csv:3,a2", "other/x.csv:1,x"]);
  });

  test("goes on once a key that was missing is there", async () => {
    const { store, write } = await storeOfFiles();
    const spec = pipelineFor("in");
    await write("in/a.csv", "1,a", ",b");
    expect(await store.run(spec)).toMatchObject({
      status: "failed",
      error: { code: "schema.null_key" },
    });
    await write("in/a.csv", "1,a", "2,b");
    expect(await store.run(spec)).toMatchObject({ status: "succeeded", error: null });
    expect(await rowsOf(store)).toEqual(["in/a.csv:1,a", "in/a.csv:2,b"]);
  });
});

test("rows that a resumed run staged and took back were never in the table", async () => {
  const { store, write } = await storeOfFiles();
  const spec = pipelineFor("in", { connector: "file_by_file", ...appending });
  await write("in/a.csv", "1,a", "2,a");
  await store.run(spec);
  await write("in/a.csv", "1,b", "2,b", "3,b");
  await write("in/b.csv", "4,b");
  let asked = 0;
  store.director.breakAt(({ at }) => at === "next" && (asked += 1) === 2, failure("Permanent"));
  expect(await store.run(spec)).toMatchObject({ status: "partial_failure" });
  await write("in/a.csv", "1,c");
  const { report } = await store.run(spec);
  expect(report.tables).toMatchObject([{ rows: 5, inserted: 2, updated: 0, deleted: 2 }]);
  expect(await rowsOf(store)).toEqual(["in/a.csv:1,c", "in/b.csv:4,b"]);
});

test("a run begins anew once what it took over and what it met were of no common type", async () => {
  const { store, write } = await storeOfFiles();
  const spec = pipelineFor("in", { connector: "file_by_file" });
  const fails = async (status: string): Promise<void> => {
    const error = { code: "schema.incompatible_type" };
    expect(await store.run(spec)).toMatchObject({ status, error });
  };
  await write("in/a.csv", "1,1");
  await write("in/b.csv", "2,text");
  await fails("partial_failure");
  // Not the file that the error names is made to fit, but the one that was staged.
  await write("in/a.csv", "1,one");
  await fails("failed");
  expect(await store.run(spec)).toMatchObject({ status: "succeeded" });
  expect(await rowsOf(store)).toEqual(["in/a.csv:1,one", "in/b.csv:2,text"]);
});

describe("files that are a stream each", () => {
  const countsOf = ({ project }: TestStore): Promise<unknown> =>
    withViews(project, async (query) => {
      const [row] = await query(
        "SELECT (SELECT count(*) FROM in_a_csv)::VARCHAR AS a, count(*)::VARCHAR AS b FROM in_b_csv",
      );
      return row;
    });

  test.each([
    ["keep", "append", "1"],
    ["delete", "append", "0"],
    ["delete", "merge", "0"],
    ["delete", "replace", "0"],
  ] as const)("on_missing = %s, %s: a gone one leaves %s rows", async (onMissing, mode, left) => {
    const { store, write } = await storeOfFiles();
    const streams = ["in_a_csv", "in_b_csv"].map((stream) => ({
      stream,
      disposition: mode,
      primaryKey: ["k"],
    }));
    const spec = pipelineFor("in", {
      source: { glob: "in/*.csv", stream_per_file: true },
      streams: pipelineOf(mode === "append" ? [] : streams).streams,
      onMissing,
    });
    await write("in/a.csv", "1,a");
    await write("in/b.csv", "2,b");
    await store.run(spec);
    expect(await countsOf(store)).toEqual({ a: "1", b: "1" });
    await rm(join(store.project, "in/a.csv"));
    expect(await store.run(spec)).toMatchObject({ status: "succeeded", error: null });
    expect(await countsOf(store)).toEqual({ a: left, b: "1" });
    if (mode === "replace") return;
    // And no longer then.
    expect(await store.run(spec)).toMatchObject({ sequence: null });
  });
});

test("a run begins anew without a stream whose file went while it rested", async () => {
  const { store, write } = await storeOfFiles();
  const spec = pipelineFor("in", {
    source: { glob: "in/*.csv", stream_per_file: true },
    streams: [],
    parallel: 1,
  });
  await write("in/a.csv", "1,a");
  await write("in/b.csv", "2,b");
  const isB = (event: SourceEvent): boolean => event.at === "next" && event.stream === "in_b_csv";
  store.director.breakAt(isB, failure("Permanent"));
  expect(await store.run(spec)).toMatchObject({ status: "partial_failure" });
  await rm(join(store.project, "in/a.csv"));
  const error = { code: "source.partitions_changed", kind: "Transient" };
  expect(await store.run(spec)).toMatchObject({ status: "failed", error });
  expect(await store.run(spec)).toMatchObject({ status: "succeeded", error: null });
  expect(await store.tables(["in_b_csv"])).toEqual({ in_b_csv: [{ k: "2", v: "b" }] });
});

describe.each([
  ["append", appending],
  ["merge", {}],
] as const)("a run with a limit, by %s", (_, disposition) => {
  test("takes away no row of a file that changed", async () => {
    const { store, write } = await storeOfFiles();
    const spec = pipelineFor("in", disposition);
    await write("in/a.csv", "1,a", "2,a", "3,a");
    await store.run(spec);
    await write("in/a.csv", "4,b", "5,b", "6,b");
    const parameters = { ...noParameters, limit: 1 };
    await store.run(spec, { parameters });
    const old = ["in/a.csv:1,a", "in/a.csv:2,a", "in/a.csv:3,a"];
    expect(await rowsOf(store)).toEqual([...old, "in/a.csv:4,b"]);
    await store.run(spec);
    expect(await rowsOf(store)).toEqual(["in/a.csv:4,b", "in/a.csv:5,b", "in/a.csv:6,b"]);
  });
});
