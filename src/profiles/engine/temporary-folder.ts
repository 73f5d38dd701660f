/** Folders for what one command needs while it is at work. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TemporaryFolder } from "../../cli/commands/engine.ts";
import { storeFolder } from "../../context/layout.ts";
import { onDisk } from "../../platform/disk-error.ts";

/**
 * As `Engine.makeTemporaryFolder`: where a project has a store that may be written, the folder is
 * its own, so that `gc` finds what a killed process left. Throws Permanent `disk.*`.
 */
export async function temporaryFolder(project: string | null): Promise<TemporaryFolder> {
  const store = project === null ? null : join(project, storeFolder);
  if (store !== null && existsSync(store)) {
    // Loads SQLite, which no command does without over a project with a store.
    const { pinnedFolder } = await import("./pinned-folder.ts");
    const pinned = pinnedFolder(store);
    if (pinned !== null) return pinned;
  }
  const path = await systemFolder();
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Makes an empty folder outside of any project and answers its path. Throws Permanent `disk.*`. */
export async function systemFolder(): Promise<string> {
  const path = tmpdir();
  const hint = "make room there, or name another folder for temporary files: TMPDIR=/path";
  return onDisk({ deed: "make a folder in", path, hint }, () => mkdtemp(join(path, "hakiri-")));
}
