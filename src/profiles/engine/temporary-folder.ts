/** Folders for what one command needs while it is at work. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onDisk } from "../../platform/disk-error.ts";

/** Makes an empty folder outside of any project and answers its path. Throws Permanent `disk.*`. */
export async function temporaryFolder(): Promise<string> {
  const path = tmpdir();
  const hint = "make room there, or name another folder for temporary files: TMPDIR=/path";
  return onDisk({ deed: "make a folder in", path, hint }, () => mkdtemp(join(path, "hakiri-")));
}
