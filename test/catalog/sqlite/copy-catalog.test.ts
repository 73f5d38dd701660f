/** Copies of a catalog that others may be writing. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { copyCatalog, copyTriesMax } from "../../../src/catalog/sqlite/copy-catalog.ts";
import { caught } from "../../core/caught.ts";
import { temporaryFolder } from "../temporary-folder.ts";

let from: string;
let to: string;

beforeEach(() => {
  const folder = temporaryFolder();
  from = join(folder, "catalog.sqlite");
  to = join(folder, "copy.sqlite");
  writeFileSync(from, "one");
});

test("a file that is written meanwhile is copied again", () => {
  let tries = 0;
  copyCatalog(from, to, () => {
    tries += 1;
    if (tries < copyTriesMax) appendFileSync(from, "+");
  });
  expect(tries).toBe(copyTriesMax);
  expect(readFileSync(to, "utf8")).toBe(`one${"+".repeat(copyTriesMax - 1)}`);
});

test("a file that is written all the time is busy", () => {
  const error = caught(() => copyCatalog(from, to, () => appendFileSync(from, "+")));
  expect(error).toMatchObject({ code: "catalog.busy", kind: "Transient" });
});

test("a log that was begun anew meanwhile is no part of what was copied", () => {
  let tries = 0;
  writeFileSync(`${from}-wal`, "a".repeat(64));
  copyCatalog(from, to, () => {
    tries += 1;
    if (tries === 1) writeFileSync(`${from}-wal`, "b".repeat(64));
    // Only its end grows while others write on.
    if (tries === 2) appendFileSync(`${from}-wal`, "c");
  });
  expect(tries).toBe(2);
  expect(readFileSync(`${to}-wal`, "utf8")).toBe("b".repeat(64));
});
