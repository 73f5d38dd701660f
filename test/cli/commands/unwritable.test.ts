/**
 * Projects that may be read and not written. Who runs the tests as root may write everywhere, so
 * the command lines are typed by a process of an ordinary user then.
 */
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { chmod, cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import { testProject, type TestProject } from "./command-line.ts";

const entry = fileURLToPath(new URL("../../../src/profiles/core.ts", import.meta.url));
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

let project: TestProject;

async function protect(path: string): Promise<void> {
  for (const entryOf of await readdir(path, { recursive: true, withFileTypes: true })) {
    const at = join(entryOf.parentPath, entryOf.name);
    await chmod(at, entryOf.isDirectory() ? 0o555 : 0o444);
  }
  await chmod(path, 0o555);
}

/** Takes a protected folder away: its folders get their write bit back, which root never misses. */
async function removeProtected(path: string): Promise<void> {
  await chmod(path, 0o755);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  for (const each of entries.filter((found) => found.isDirectory())) {
    await chmod(join(each.parentPath, each.name), 0o755);
  }
  await rm(path, { recursive: true });
}

/** Types a command line as a user who may write nothing there. */
function type(cwd: string, ...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", entry, ...args], {
    cwd,
    encoding: "utf8",
    timeout: 60_000,
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  });
}

function document(cwd: string, ...args: readonly string[]): unknown {
  const { stdout, stderr, status } = type(cwd, ...args, "--json");
  if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  project = await testProject({ "orders.csv": "id\n1\n2\n" });
  await chmod(project.folder, 0o755);
  await project.document(0, "ingest", "orders.csv");
  await protect(project.folder);
}, 60_000);
afterAll(async () => {
  await removeProtected(project.folder);
});

describe("a store that can't be written", () => {
  test("is queried, and says that nothing is pinned", () => {
    expect(document(project.folder, "query", "from orders select id order by id")).toEqual([
      { id: "1" },
      { id: "2" },
    ]);
    expect(type(project.folder, "query", "from orders").stderr).toContain("isn't pinned");
    const csv = ["query", "select count(*) as n from orders", "--format", "csv"];
    expect(type(project.folder, ...csv).stdout).toBe("n\r\n2\r\n");
  });

  test.each([
    [["runs"], { runs: [{ pipeline: "orders", status: "succeeded" }] }],
    [["preview", "orders.csv"], { streams: [{ rows: [{ id: "1" }, { id: "2" }] }] }],
    [["plan", "orders"], { streams: [{ files: { unchanged: 1 } }] }],
    [["doctor", "store"], { ok: true }],
  ])("answers %j", (args, expected) => {
    expect(document(project.folder, ...args)).toMatchObject(expected);
  });

  test.each([[["gc"]], [["run", "orders"]]])("refuses %j with 3 and a hint", (args) => {
    const { stdout, status } = type(project.folder, ...args, "--json");
    expect([status, stdout]).toEqual([3, expect.stringMatching(/"code":"disk\.[a-z_]+"/u)]);
    expect(stdout).not.toContain('"hint":""');
  });
});

test("a folder that can't be written gets no store, which is no defect", async () => {
  const empty = `${project.folder}-empty`;
  await mkdir(empty);
  await cp(join(project.folder, "orders.csv"), join(empty, "orders.csv"));
  await protect(empty);
  const { stdout, status } = type(empty, "ingest", "orders.csv", "--json");
  expect([status, JSON.parse(stdout)]).toMatchObject([3, { error: { code: "disk.permission" } }]);
  expect(stdout).toContain("owner and mode");
  await removeProtected(empty);
});

test("what another process has committed and not yet moved into the file is read, too", async () => {
  const copied = `${project.folder}-log`;
  await cp(project.folder, copied, { recursive: true });
  for (const path of [".hakiri", ".hakiri/catalog.sqlite"]) await chmod(join(copied, path), 0o755);
  const store = await openStore(copied, "existing");
  await store.catalog.apply<"register_pipeline">({
    kind: "register_pipeline",
    version: 1,
    pipelineId: "0".repeat(26),
    key: "other",
    spec: { ...(await theSpec(store)), name: "written_later" },
    at: "1",
  });
  expect(await readdir(join(copied, ".hakiri"))).toContain("catalog.sqlite-wal");
  await protect(copied);
  expect(JSON.stringify(document(copied, "pipeline", "list"))).toContain("written_later");
  await chmod(join(copied, ".hakiri"), 0o755);
  await store.close();
  await removeProtected(copied);
});

async function theSpec({ catalog }: Awaited<ReturnType<typeof openStore>>) {
  const record = await catalog.pipeline({ name: "orders" });
  if (record === null) throw new Error("expected the pipeline");
  return record.spec;
}
