/** Where commands put what memory doesn't hold: where gc finds what a killed one left. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockPins } from "../../src/catalog/pins.ts";
import { temporaryOwner } from "../../src/context/layout.ts";
import { systemRandom } from "../../src/platform/system-random.ts";
import { temporaryFolder } from "../../src/profiles/engine/temporary-folder.ts";

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "hakiri-project-"));
});
afterEach(() => rm(project, { recursive: true, force: true }));

test("a project's store has the folder, in use until it is removed", async () => {
  const store = join(project, ".hakiri");
  await mkdir(store);
  const folder = await temporaryFolder(project);
  expect(dirname(folder.path)).toBe(join(store, "temp"));
  const pins = lockPins(store, systemRandom);
  const owner = temporaryOwner(basename(folder.path));
  expect(owner).toEqual({ kind: "pin", pinName: pins.names()[0] });
  // It holds no snapshot.
  expect(pins.live()).toEqual([]);
  await mkdir(join(folder.path, "spill"), { recursive: true });
  await folder.remove();
  expect(existsSync(folder.path)).toBe(false);
  expect(pins.names()).toEqual([]);
  expect(await readdir(join(store, "pins"))).toEqual([]);
  await folder.remove();
});

test("without a store, and without a project, it is the system's", async () => {
  for (const place of [project, null]) {
    const folder = await temporaryFolder(place);
    expect(dirname(folder.path)).toBe(tmpdir());
    await folder.remove();
    expect(existsSync(folder.path)).toBe(false);
  }
  expect(await readdir(project)).toEqual([]);
});
