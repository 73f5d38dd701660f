/** A folder of files for a test of config, gone after it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** Texts of files by path. */
export interface Files {
  readonly [path: string]: string;
}

/** Makes a folder with these files, `x` in each that isn't said; its real path. */
export function scratchFolder(files: readonly string[] | Files): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hakiri-config-")));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const texts = isList(files) ? files.map((file) => [file, "x"] as const) : Object.entries(files);
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

function isList(files: readonly string[] | Files): files is readonly string[] {
  return Array.isArray(files);
}
