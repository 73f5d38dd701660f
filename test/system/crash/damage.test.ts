/**
 * Files that are not as they were left: torn, cut, changed or gone. What was staged is read anew,
 * what was committed is reported by name, and nothing is lost by the report.
 */
import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../src/cli/exit-code.ts";
import { storeFolder } from "../../../src/context/layout.ts";
import { allFiles } from "../../../src/context/snapshot/table-files.ts";
import { crc32c } from "../../../src/core/crc32c.ts";
import { HakiriError, type ErrorRecord } from "../../../src/core/error.ts";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import type { TemporaryFolder } from "../servers/temporary-folder.ts";
import { auditVisible, withFoundStore } from "./audit.ts";
import { findingsOf } from "./audit-upkeep.ts";
import { makeMemoryFolder } from "./memory-folder.ts";
import { placeHere, storeHere } from "./run-here.ts";
import { runTo } from "./world-run.ts";
import type { StreamName } from "./world.ts";

let folder: TemporaryFolder;

/** A store of version 1 with a run to version 2 that broke off. */
let base: string;

beforeAll(async () => {
  folder = await makeMemoryFolder("damage");
  base = join(folder.path, "base");
  await storeHere(base, 1);
  const error = await runHere(base, 3);
  expect(error?.code).toBe("test.broken");
});

afterAll(() => folder.remove());

let copies = 0;

/** A copy of the base that the test may damage. */
async function copyOfBase(): Promise<string> {
  copies += 1;
  const project = join(folder.path, String(copies));
  await cp(base, project, { recursive: true });
  return project;
}

/**
 * Runs to version 2, and breaks off when the reader of files is asked so often; answers how it
 * failed, null where it didn't.
 */
async function runHere(project: string, filesAsked = Infinity): Promise<ErrorRecord | null> {
  let left = filesAsked;
  const atStep = (step: string): void => {
    if (step === "next files") left -= 1;
    if (left <= 0) throw broken;
  };
  try {
    const store = await openStore(project, "existing");
    try {
      return (await runTo(store, placeHere({ atStep }), { version: 2 })).error;
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof HakiriError) return error.toRecord();
    throw error;
  }
}

const broken = new HakiriError({
  kind: "Permanent",
  code: "test.broken",
  message: "expected a source that works, got a test of what happens otherwise",
  hint: "",
});

async function expectVersion(project: string, version: number): Promise<void> {
  await withFoundStore(project, (store) => auditVisible(store, { ended: version, begun: version }));
}

/** Absolute paths below the runs' folders whose relative path matches, sorted. */
async function filesIn(project: string, pattern: RegExp): Promise<readonly string[]> {
  const root = join(project, storeFolder, "runs");
  const names = await readdir(root, { recursive: true });
  const found = names.filter((name) => pattern.test(name)).toSorted();
  return found.map((name) => join(root, name));
}

/** The journal of the run that broke off: the longer one names no other. */
async function journalOf(project: string): Promise<string> {
  const run = await withFoundStore(project, async ({ catalog }) => {
    const [last] = await catalog.runs({ pipelineId: null, beforeRunId: null, limit: 1 });
    return last ?? null;
  });
  if (run?.state.kind !== "partial_failure") throw new Error("expected a run that broke off");
  return join(project, storeFolder, `runs/${run.runId}/journal-${run.epoch}.jsonl`);
}

/** Files that the broken run staged. */
async function stagedFiles(project: string, pattern: RegExp): Promise<readonly string[]> {
  const runFolder = join(await journalOf(project), "..");
  return (await filesIn(project, pattern)).filter((path) => path.startsWith(`${runFolder}/`));
}

async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x20;
  await writeFile(path, bytes);
}

describe("a journal", () => {
  test.each([1, 7, 150])(
    "that lost its last %i bytes is gone on from before them",
    async (lost) => {
      const project = await copyOfBase();
      const path = await journalOf(project);
      await truncate(path, (await readFile(path)).byteLength - lost);
      expect(await runHere(project)).toBeNull();
      await expectVersion(project, 2);
    },
  );

  test("with a changed byte is reported by file and line, and the next run begins anew", async () => {
    const project = await copyOfBase();
    const path = await journalOf(project);
    await flipByte(path, Math.floor((await readFile(path)).byteLength / 2));
    const error = await runHere(project);
    expect(error).toMatchObject({ code: "journal.damaged", kind: "Permanent" });
    expect(error?.message).toContain(path.slice(path.indexOf("runs/")));
    expect(error?.message).toMatch(/line \d+/u);
    await expectVersion(project, 1);
    expect(await runHere(project)).toBeNull();
    await expectVersion(project, 2);
  });

  test("of a newer hakiri is not touched, and the next run begins anew", async () => {
    const project = await copyOfBase();
    const path = await journalOf(project);
    const [header = "", ...lines] = (await readFile(path, "utf8")).split("\n");
    const text = header
      .slice(0, header.lastIndexOf(',"crc"'))
      .replace('"version":1', '"version":2');
    const crc = crc32c(new TextEncoder().encode(`${text}}`))
      .toString(16)
      .padStart(8, "0");
    const changed = [`${text},"crc":"${crc}"}`, ...lines].join("\n");
    await writeFile(path, changed);
    expect(await runHere(project)).toMatchObject({ code: "journal.newer_format" });
    await expectVersion(project, 1);
    expect(await readFile(path, "utf8")).toBe(changed);
    expect(await runHere(project)).toBeNull();
    await expectVersion(project, 2);
  });
});

type Harm = (path: string) => Promise<void>;

const harms: readonly (readonly [string, Harm])[] = [
  ["cut", (path) => truncate(path, 100)],
  ["empty", (path) => truncate(path, 0)],
  ["changed in one byte", (path) => flipByte(path, 10)],
  ["gone", (path) => rm(path)],
];

describe("staged files", () => {
  test.each(harms)("that are %s are read anew", async (_, harm) => {
    const parts = (await stagedFiles(base, /\.parquet$/u)).length;
    expect(parts).toBeGreaterThan(5);
    for (let index = 0; index < parts; index += 3) {
      const project = await copyOfBase();
      const path = (await stagedFiles(project, /\.parquet$/u))[index];
      await harm(path ?? "");
      expect(await runHere(project), path).toBeNull();
      await expectVersion(project, 2);
    }
  });

  test.each(harms)("with lines beside a cursor that are %s are read anew", async (_, harm) => {
    const project = await copyOfBase();
    const paths = await stagedFiles(project, /\.lines$/u);
    expect(paths).not.toEqual([]);
    for (const path of paths) await harm(path);
    expect(await runHere(project)).toBeNull();
    await expectVersion(project, 2);
  });
});

async function committedPart(project: string, stream: StreamName): Promise<string> {
  const path = await withFoundStore(project, async ({ catalog }) => {
    const { sequence } = await catalog.head();
    const table = await catalog.table({ namespace: "main", name: stream }, sequence);
    const files = await allFiles(catalog, table?.tableId ?? "", sequence);
    return files.find(({ kind }) => kind === "data")?.path ?? null;
  });
  return join(project, storeFolder, path ?? "");
}

describe("a committed file", () => {
  test.each(harms.filter(([how]) => !how.startsWith("changed")))(
    "that is %s is named by the run that needs it, and back by a copy",
    async (_, harm) => {
      const project = await copyOfBase();
      const path = await committedPart(project, "orders");
      const bytes = await readFile(path);
      await harm(path);
      const error = await runHere(project);
      expect(error).toMatchObject({ code: "store.damaged_file" });
      expect(exitCodeOf(error ?? { kind: "Transient", code: "" })).toBe(3);
      expect(error?.message).toContain(path.slice(path.indexOf("runs/")));
      await writeFile(path, bytes);
      await expectVersion(project, 1);
      expect(await runHere(project)).toBeNull();
      await expectVersion(project, 2);
    },
  );

  test.each(harms)("with lines beside a cursor that are %s is named too", async (_, harm) => {
    const project = await copyOfBase();
    const staged = await stagedFiles(project, /\.lines$/u);
    const committed = await filesIn(project, /\.lines$/u);
    const paths = committed.filter((path) => !staged.includes(path));
    const saved = new Map<string, Uint8Array>();
    for (const path of paths) {
      saved.set(path, await readFile(path));
      await harm(path);
    }
    const error = await runHere(project);
    expect(["store.damaged_file", "disk.missing"]).toContain(error?.code);
    expect(error?.message).toMatch(/\.lines/u);
    await expectVersion(project, 1);
    for (const [path, bytes] of saved) await writeFile(path, bytes);
    expect(await runHere(project)).toBeNull();
    await expectVersion(project, 2);
  });
});

describe("a catalog", () => {
  const pathOf = (project: string): string => join(project, storeFolder, "catalog.sqlite");

  test("of a newer format is refused and not changed", async () => {
    const project = await copyOfBase();
    const database = new Database(pathOf(project));
    database.exec("update store set format_version = 2");
    database.close();
    const before = await readFile(pathOf(project));
    const error = await runHere(project);
    expect(error).toMatchObject({ code: "catalog.newer_format", kind: "Permanent" });
    expect(exitCodeOf(error ?? { kind: "Transient", code: "" })).toBe(3);
    expect((await readFile(pathOf(project))).equals(before)).toBe(true);
  });

  test("that is cut or no database is reported, with what makes it again", async () => {
    for (const harm of [
      (path: string) => truncate(path, 5000),
      (path: string) => writeFile(path, "no"),
    ]) {
      const project = await copyOfBase();
      await harm(pathOf(project));
      const error = await runHere(project);
      expect(error).toMatchObject({ code: "catalog.damaged", kind: "Permanent" });
      expect(error?.hint).toContain("doctor --rebuild-catalog");
    }
  });

  test("that is gone is not made anew beside the files that it knew", async () => {
    const project = await copyOfBase();
    await rm(pathOf(project));
    const error = await openStore(project, "create").then(
      async (store) => store.close(),
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "catalog.missing" });
  });
});

test("a views.sql that is cut or gone is written anew by the next commit", async () => {
  for (const harm of [(path: string) => truncate(path, 300), (path: string) => rm(path)]) {
    const project = await copyOfBase();
    await harm(join(project, storeFolder, "views.sql"));
    expect(await runHere(project)).toBeNull();
    await expectVersion(project, 2);
  }
});

test("doctor names a committed part that is damaged", async () => {
  const project = await copyOfBase();
  const part = await committedPart(project, "events");
  await flipByte(part, 60);
  expect(await findingsOf(project)).toContainEqual(
    expect.objectContaining({
      severity: "error",
      code: "store.damaged_file",
      path: part.slice(part.indexOf("runs/")),
    }),
  );
});

test("doctor tells when the manifest of a snapshot is gone", async () => {
  const project = await copyOfBase();
  for (const path of await filesIn(project, /_manifest.*\.json$/u)) await rm(path);
  const codes = (await findingsOf(project)).map(({ code }) => code);
  expect(codes).toContain("manifest.history_broken");
  // Readers go by the catalog.
  await expectVersion(project, 1);
  expect(await runHere(project)).toBeNull();
  await expectVersion(project, 2);
});
