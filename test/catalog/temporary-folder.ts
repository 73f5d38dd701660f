/** Folders that are gone after the test. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty folder of the test that calls it, by its absolute path. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hakiri-catalog-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
