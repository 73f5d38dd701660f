/** docs/format/store.md names every path of a store, and none that nothing writes. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { witnessPath } from "../../src/context/garbage/clock-witness.ts";
import { garbageLock } from "../../src/context/garbage/collect-garbage.ts";
import {
  committedManifestPath,
  deletesPath,
  emptyPartPath,
  journalPath,
  manifestPath,
  partPath,
  pinTemporaryPath,
  runTemporaryPath,
  sideFilePath,
  viewsPath,
} from "../../src/context/layout.ts";
import { checkpointPath } from "../../src/context/rebuild/checkpoint.ts";
import { damagedPath, rebuiltPath } from "../../src/context/rebuild/swap.ts";
import { idOf, runId, tableId } from "./fixtures.ts";

const pipelineId = idOf("4");
const pinName = `12-${"0f".repeat(10)}`;

/** One of each kind of path that hakiri writes. */
const written = [
  "catalog.sqlite",
  "catalog.sqlite-wal",
  "catalog.sqlite-shm",
  rebuiltPath,
  damagedPath(2),
  checkpointPath,
  witnessPath,
  `claims/${pipelineId}.lock`,
  `claims/${garbageLock}.lock`,
  "claims/views.lock",
  partPath({ runId, tableId, epoch: 7, partition: "", seq: 0 }),
  partPath({ runId, tableId, epoch: 7, partition: "p-1", seq: 12 }),
  deletesPath(runId, tableId, { epoch: 7, attempt: 1 }),
  sideFilePath(runId, 7, 0),
  journalPath(runId, 7),
  manifestPath(runId, 7, 1),
  committedManifestPath(runId),
  `pins/${pinName}.lock`,
  `${runTemporaryPath(pipelineId, 7)}/`,
  `${pinTemporaryPath(pinName)}/`,
  viewsPath,
  emptyPartPath,
];

/** What the page's words in angle brackets stand for. */
const placeholders: Readonly<Record<string, string>> = {
  pipeline_id: "[0-9a-hjkmnp-tv-z]{26}",
  run_id: "[0-9a-hjkmnp-tv-z]{26}",
  table_id: "[0-9a-hjkmnp-tv-z]{26}",
  epoch: "\\d+",
  partition: "(?!del-\\d+\\.)[a-z0-9-]{1,40}",
  seq: "\\d+",
  try: "\\d+",
  n: "\\d+",
  sequence: "\\d+",
  random: "[0-9a-f]{20}",
};

function patternOf(spelled: string): RegExp {
  const text = spelled.replaceAll(".", "\\.").replaceAll(/<(\w+)>/gu, (_, word: string) => {
    const pattern = placeholders[word];
    if (pattern === undefined) throw new Error(`expected a known word in ${spelled}, got ${word}`);
    return pattern;
  });
  return new RegExp(`^${text}$`, "u");
}

async function pathsOfPage(): Promise<readonly string[]> {
  const page = await readFile(new URL("../../docs/format/store.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) =>
    (row.split("|")[1] ?? "").split(",").map((cell) => cell.trim().replaceAll("`", "")),
  );
}

test("each path that is written has one row, and each row is written", async () => {
  const spelled = await pathsOfPage();
  expect(spelled.length).toBeGreaterThan(15);
  const rowsOf = (path: string) => spelled.filter((each) => patternOf(each).test(path));
  expect(written.filter((path) => rowsOf(path).length !== 1)).toEqual([]);
  const met = new Set(written.flatMap(rowsOf));
  expect(spelled.filter((each) => !met.has(each))).toEqual([]);
  expect(rowsOf("catalog.db")).toEqual([]);
});
