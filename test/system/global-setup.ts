/**
 * One folder for everything that a run of the system tests puts on the disk, and the check at its
 * end that no process and no file of the run is left. A leftover fails the run.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expectNothingLeft } from "./servers/leftovers.ts";
import { runFolderVariable } from "./servers/temporary-folder.ts";

/** Makes the run's folder and passes it to the test processes in their environment. */
export async function setup(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-system-"));
  // Servers that run as another user pass through it to their own folder.
  await chmod(folder, 0o755);
  process.env[runFolderVariable] = folder;
}

/** Fails when a server was not stopped or a folder not removed, then removes what is left. */
export async function teardown(): Promise<void> {
  const folder = process.env[runFolderVariable];
  if (folder === undefined) throw new Error(`expected ${runFolderVariable}, which setup sets`);
  try {
    await expectNothingLeft(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
