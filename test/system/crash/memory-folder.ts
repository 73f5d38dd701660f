/**
 * Temporary folders in memory, where the machine has such: neither SIGKILL nor a modelled power cut
 * loses what the system was given, so that waiting for a real disk would show nothing more.
 */
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeTemporaryFolder, type TemporaryFolder } from "../servers/temporary-folder.ts";

const memory = "/dev/shm";

/** Makes an empty folder; without memory for it, one on disk. */
export async function makeMemoryFolder(label: string): Promise<TemporaryFolder> {
  if (!hasMemory()) return makeTemporaryFolder(label);
  const path = await mkdtemp(join(memory, `hakiri-${label}-`));
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 10 });
  return { path, remove, [Symbol.asyncDispose]: remove };
}

function hasMemory(): boolean {
  try {
    accessSync(memory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
