/** Temporary folders that belong to one server or one test, and are removed by who made them. */
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { User } from "./user.ts";

/** The environment variable that names a test run's folder; unset, it's the system's. */
export const runFolderVariable = "HAKIRI_TEST_FOLDER";

/** A folder that exists until it's removed. */
export interface TemporaryFolder extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** Removes the folder and all in it; does nothing the second time. */
  remove(): Promise<void>;
}

/**
 * Makes an empty folder that only its owner may enter.
 * @param label appears in its name.
 * @param owner whom it belongs to; absent: who runs this. Giving a folder away needs root.
 */
export async function makeTemporaryFolder(label: string, owner?: User): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(process.env[runFolderVariable] ?? tmpdir(), `${label}-`));
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  // A server's last child may still write while the folder is emptied: rm tries again.
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 10 });
  return { path, remove, [Symbol.asyncDispose]: remove };
}
