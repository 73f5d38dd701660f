/** Any changes of files between any runs leave the table and the counts of a naive model. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Disposition, PipelineSpec } from "../../src/core/pipeline.ts";
import { FilesModel, type FileRules, type ModelRow } from "./files-model.ts";
import { InlineActors } from "./inline-actors.ts";
import { pipelineOf } from "./request.ts";
import { failure } from "./sources/director.ts";
import { storeOfTest, withViews, type TestStore } from "./test-store.ts";

const name = fc.constantFrom("a.csv", "b.csv", "c.csv");

/** Lines `key,value`; null is an empty file, none a header alone. Few keys, so that they meet. */
const content = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 9,
    arbitrary: fc.array(
      fc.tuple(fc.nat(4), fc.nat(2)).map((pair) => pair.join(",")),
      { maxLength: 3 },
    ),
  },
);

type Step =
  | { readonly type: "write"; readonly name: string; readonly content: readonly string[] | null }
  | { readonly type: "remove"; readonly name: string }
  | { readonly type: "rename" | "copy" | "swap"; readonly name: string; readonly to: string }
  /** Reads on; `scans` is null for a whole run, else it is ended after so many. */
  | { readonly type: "run"; readonly scans: number | null; readonly end: "fail" | "cancel" };

const end = fc.constantFrom("fail", "cancel");

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("write" as const), name, content }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("remove" as const), name }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom("rename", "copy", "swap"), name, to: name }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("run" as const),
      scans: fc.option(fc.nat(3), { freq: 2 }),
      end,
    }),
  },
);

const rules = fc.record({
  disposition: fc.constantFrom<Disposition>("merge", "merge", "append", "replace"),
  onChange: fc.constantFrom("replace", "replace", "append"),
  onMissing: fc.constantFrom("keep", "delete"),
}) satisfies fc.Arbitrary<FileRules>;

test("a table of files is what a model makes of them", { timeout: 60_000 }, async () => {
  const runner = new InlineActors();
  const store = await storeOfTest({ seed: 0, version: 1, streams: [] }, runner);
  let number = 0;
  await fc.assert(
    fc.asyncProperty(rules, fc.array(step, { maxLength: 14 }), async (ruled, steps) => {
      number += 1;
      await follow(store, `t${number}`, ruled, [
        ...steps,
        { type: "run", scans: null, end: "fail" },
      ]);
    }),
    { numRuns: 20 },
  );
});

async function follow(
  store: TestStore,
  table: string,
  ruled: FileRules,
  steps: readonly Step[],
): Promise<void> {
  const folder = join(store.project, table);
  await mkdir(folder);
  const spec = pipelineOf(
    [
      {
        stream: "files",
        table,
        disposition: ruled.disposition,
        primaryKey: ["k"],
      },
    ],
    {
      name: table,
      connector: "file_by_file",
      source: { glob: `${table}/*.csv` },
      onChange: ruled.onChange,
      onMissing: ruled.onMissing,
    },
  );
  const model = new FilesModel(ruled);
  for (const done of steps) {
    if (done.type !== "run") {
      await change(folder, done);
      continue;
    }
    const present = contentsOf(folder);
    // Without a file, and without one before, a run is a mistake of whoever asked for it.
    if (present.size === 0 && !model.mayRunOnNothing) continue;
    const scansMax = done.scans ?? Number.POSITIVE_INFINITY;
    const result = await runEnded(store, spec, scansMax, done.end);
    const expected = model.run(present, scansMax);
    expect(result.error === null || expected === null, JSON.stringify(result.error)).toBe(true);
    expect(result.status === "succeeded").toBe(expected !== null);
    if (expected !== null) {
      const [counts] = result.report.tables;
      const { inserted, updated, deleted } = counts ?? { inserted: 0, updated: 0, deleted: 0 };
      expect({ inserted, updated, deleted }).toEqual(expected);
    }
    expect(await rowsOf(store, table)).toEqual(textsOf(model.table));
  }
}

async function runEnded(
  store: TestStore,
  spec: PipelineSpec,
  scansMax: number,
  by: "fail" | "cancel",
) {
  const cancelling = new AbortController();
  let left = scansMax;
  const undo = store.director.rule(({ at }) => {
    if (at !== "next") return null;
    left -= 1;
    if (left >= 0) return null;
    if (by === "fail") return failure("Permanent");
    cancelling.abort();
    return { kind: "go" };
  });
  try {
    return await store.run(spec, { signal: cancelling.signal });
  } finally {
    undo();
  }
}

async function change(folder: string, done: Exclude<Step, { type: "run" }>): Promise<void> {
  const path = join(folder, done.name);
  const present = new Set(await readdir(folder));
  if (done.type === "write") {
    const lines = done.content?.map((row) => `${row}\n`).join("");
    return writeFile(path, lines === undefined ? "" : `k,v\n${lines}`);
  }
  if (!present.has(done.name)) return;
  if (done.type === "remove") return rm(path);
  const to = join(folder, done.to);
  if (done.name === done.to) return;
  if (done.type === "copy") return copyFile(path, to);
  if (done.type === "swap" && present.has(done.to)) {
    await rename(to, `${to}.swapped`);
    await rename(path, to);
    return rename(`${to}.swapped`, path);
  }
  return rename(path, to);
}

/** Rows by file, and null for an empty one. */
function contentsOf(folder: string): ReadonlyMap<string, readonly string[] | null> {
  return new Map(
    readdirSync(folder).map((file) => {
      const text = readFileSync(join(folder, file), "utf8");
      return [file, text === "" ? null : text.split("\n").slice(1, -1)] as const;
    }),
  );
}

function textsOf(rows: readonly ModelRow[]): readonly string[] {
  return rows.map(({ file, text }) => `${file}:${text}`).toSorted();
}

async function rowsOf(store: TestStore, table: string): Promise<readonly string[]> {
  // Nothing shows a store that has no snapshot yet.
  if (!existsSync(join(store.project, ".hakiri/views.sql"))) return [];
  return withViews(store.project, async (query) => {
    const known = await query(
      `SELECT view_name::VARCHAR AS n FROM duckdb_views() WHERE view_name = '${table}'`,
    );
    if (known.length === 0) return [];
    const columns = await query(
      `SELECT column_name AS n FROM duckdb_columns() WHERE table_name = '${table}'`,
    );
    if (!columns.some(({ n }) => n === "k")) return [];
    const rows = await query(
      `SELECT string_split(_hakiri_file, '/')[-1] || ':' || k || ',' || v AS text FROM ${table}`,
    );
    return rows.map(({ text }) => text ?? "").toSorted();
  });
}
