/**
 * Golden files: bytes on disk that only change by intent. `HAKIRI_GOLDEN=rewrite` writes them anew;
 * the difference is then reviewed as code, with the page in docs/format that it follows.
 */
import { readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";

const folder = new URL("./golden/", import.meta.url);

/** Expects bytes to be those of a golden file, or makes the file of them on request. */
export async function expectGolden(name: string, bytes: Uint8Array): Promise<void> {
  // The ending keeps formatters away from what is held byte by byte.
  const file = new URL(`${name}.golden`, folder);
  if (process.env["HAKIRI_GOLDEN"] === "rewrite") await writeFile(file, bytes);
  expect(new TextDecoder().decode(bytes)).toBe(await readFile(file, "utf8"));
}
