/**
 * A temporary project in which a gate plants a violation, so that the work tree stays clean.
 *
 * It lies in the system's temporary folder and borrows the installed packages by a link; the
 * caller's function gets its path, and it is removed when the function ends.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rootFolder } from "./tree.ts";

/** What the temporary project holds: paths copied from the checkout, and texts by path. */
export interface ScratchContent {
  readonly copied: readonly string[];
  readonly planted: Readonly<Record<string, string>>;
}

/** Makes the temporary project, calls `use` with its folder, removes it, and returns the result. */
export async function withScratch<Result>(
  content: ScratchContent,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "hakiri-gate-"));
  try {
    for (const path of content.copied) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(rootFolder, path), join(folder, path));
    }
    for (const [path, text] of Object.entries(content.planted)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    symlinkSync(join(rootFolder, "node_modules"), join(folder, "node_modules"));
    return await use(folder);
  } finally {
    // The link is removed, not what it points to.
    rmSync(folder, { recursive: true, force: true });
  }
}
