/** A project that begins, through the command line. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
afterEach(() => project.remove());

test("init makes a project that is valid and runs at once", async () => {
  project = await testProject();
  expect(await project.document(0, "init", "shop")).toMatchObject({
    folder: join(project.folder, "shop"),
    created: ["hakiri.toml", "pipelines/example.toml", "data/example.csv", ".gitignore"],
    next: ["cd shop", "hakiri run example", "hakiri query 'from example'"],
  });
  const shop = ["--project", join(project.folder, "shop")];
  expect(await project.document(0, "validate", ...shop)).toMatchObject({ ok: true });
  expect(await project.document(0, "run", "example", ...shop)).toMatchObject({
    pipeline: "example",
    status: "succeeded",
    snapshot_id: 1,
    tables: [{ table: "example", rows: 3, inserted: 3 }],
  });
});

test("init overwrites nothing, and makes nothing where it would", async () => {
  project = await testProject({ "pipelines/example.toml": "mine" });
  const { exitCode, err } = await project.type("init", ".");
  expect(exitCode).toBe(2);
  expect(err).toContain("expected no file at 'pipelines/example.toml', but there is one");
  await expect(readFile(join(project.folder, "hakiri.toml"))).rejects.toThrow("ENOENT");
  expect(await readFile(join(project.folder, "pipelines/example.toml"), "utf8")).toBe("mine");
});

test.each([
  ["node_modules", "node_modules\n.hakiri/\n"],
  [".hakiri/\n", ".hakiri/\n"],
  ["", ".hakiri/\n"],
])("init adds the store to what %j ignores, once", async (before, after) => {
  project = await testProject({ ".gitignore": before });
  expect((await project.type("init", ".")).exitCode).toBe(0);
  expect(await readFile(join(project.folder, ".gitignore"), "utf8")).toBe(after);
});

test("init says where it can't make files", async () => {
  project = await testProject({ "a-file": "" });
  const { exitCode, err } = await project.type("init", "a-file/below");
  expect(exitCode).toBe(3);
  expect(err).toMatch(/expected to make files at '.*a-file\/below.*', got ENOTDIR/u);
});

test("init makes folders above its own, and ends where a filesystem makes none", async () => {
  project = await testProject({});
  expect((await project.type("init", "a/b c/d")).exitCode).toBe(0);
  expect(await readFile(join(project.folder, "a/b c/d/hakiri.toml"), "utf8")).toContain("[store]");
  const { exitCode, err } = await project.type("init", "/proc/absent/below");
  expect(exitCode).toBe(3);
  expect(err).toMatch(/expected to make files at '\/proc\/absent\/below', got ENOENT/u);
});
