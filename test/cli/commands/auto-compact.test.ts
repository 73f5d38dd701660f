/** Compaction by the rules of hakiri.toml: when it is asked for, and after runs by itself. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import { oneShotSlack } from "../../../src/context/compaction/rules.ts";
import { allFiles } from "../../../src/context/snapshot/table-files.ts";
import { testProject, type TestProject } from "./command-line.ts";

/** A story of one table, which each test goes on with. */
let project: TestProject;
/** Runs so far; each adds one row in one file. */
let days = 0;

beforeAll(async () => {
  project = await testProject();
  await settings("small_files = 1");
});
afterAll(() => project.remove());

const settings = (rules: string) => project.write("hakiri.toml", `[store.compaction]\n${rules}\n`);

async function runOnce(): Promise<{ readonly err: string; readonly document: unknown }> {
  days += 1;
  await project.write(`days/${days}.csv`, `id\n${days}\n`);
  const { exitCode, out, err } = await project.type("ingest", "days/*.csv", "--as", "d", "--json");
  expect(exitCode).toBe(0);
  return { err, document: JSON.parse(out) };
}

async function expectEveryRowOnce(): Promise<void> {
  const rows = Array.from({ length: days }, (_, index) => ({ id: String(index + 1) }));
  expect(await project.document(0, "query", "select id from d order by id")).toEqual(rows);
}

/** Live files of the table, in the order of their ids. */
async function liveFiles(): Promise<readonly string[]> {
  const { catalog, close } = await openStore(project.folder, "existing");
  try {
    const { sequence } = await catalog.head();
    const [table] = await catalog.tables(sequence);
    return (await allFiles(catalog, table?.tableId ?? "", sequence)).map(({ path }) => path);
  } finally {
    await close();
  }
}

test("compact rewrites past small_files that are below small_file, and only then", async () => {
  await runOnce();
  await runOnce();
  const unchanged = { tables: [{ table: "d", outcome: "unchanged", before: { files: 2 } }] };
  await settings("small_files = 2");
  expect(await project.document(0, "compact")).toMatchObject(unchanged);
  await settings('small_files = 1\nsmall_file = "1 B"');
  expect(await project.document(0, "compact")).toMatchObject(unchanged);
  await settings("small_files = 1");
  expect(await project.document(0, "compact")).toMatchObject({
    tables: [{ outcome: "compacted", before: { files: 2 }, after: { files: 1 } }],
  });
  await expectEveryRowOnce();
});

test("a compaction after a run that fails leaves the run succeeded, and says so", async () => {
  while ((await liveFiles()).length < oneShotSlack) {
    expect((await runOnce()).err).not.toContain("compacted");
  }
  const [first] = await liveFiles();
  const damaged = join(project.folder, ".hakiri", first ?? "?");
  const bytes = await readFile(damaged);
  await writeAgain(damaged, bytes.subarray(1));
  const { err, document } = await runOnce();
  await writeAgain(damaged, bytes);
  expect(document).toMatchObject({ status: "succeeded", tables: [{ table: "d", inserted: 1 }] });
  expect(document).not.toHaveProperty("error");
  expect(err).toContain("the tables were not compacted: ");
  expect(await liveFiles()).toHaveLength(oneShotSlack + 1);
  await expectEveryRowOnce();
});

/** Parts are read-only: another file in its place. */
async function writeAgain(path: string, bytes: Uint8Array): Promise<void> {
  await rm(path);
  await writeFile(path, bytes);
}

test("no run compacts where hakiri.toml says so, or where no file is small", async () => {
  await settings("small_files = 1\nautomatic = false");
  expect((await runOnce()).err).not.toContain("compacted");
  await settings('small_files = 1\nsmall_file = "1 B"');
  expect((await runOnce()).err).not.toContain("compacted");
  expect(await liveFiles()).toHaveLength(oneShotSlack + 3);
});

test("a run compacts a table with far more small files than it may have", async () => {
  await settings("small_files = 1");
  const { err, document } = await runOnce();
  expect(err).toContain(`compacted d: ${oneShotSlack + 4} files became 1`);
  const { snapshot_id: sequence } = document as { snapshot_id: number };
  expect(await project.document(0, "snapshots", "--limit", "2")).toMatchObject({
    snapshots: [
      { snapshot_id: sequence + 1, kind: "compaction" },
      { snapshot_id: sequence, kind: "run" },
    ],
  });
  expect(await liveFiles()).toHaveLength(1);
  await expectEveryRowOnce();
});

test("runs go on from what was compacted, and older snapshots stay readable", async () => {
  expect(await project.document(0, "run", "days")).toMatchObject({ snapshot_id: null });
  await runOnce();
  expect(await liveFiles()).toHaveLength(2);
  await expectEveryRowOnce();
  const count = ["query", "select count(*) as n from d"] as const;
  expect(await project.document(0, ...count, "--at", "2")).toEqual([{ n: "2" }]);
});
