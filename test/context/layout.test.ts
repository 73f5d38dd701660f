/** Paths of the store, and the ids in them. */
import { expect, test } from "vitest";
import {
  committedManifestPath,
  folderOf,
  isId,
  journalPath,
  manifestPath,
  newId,
  partPath,
  pinTemporaryPath,
  runTemporaryPath,
  sideFilePath,
  temporaryOwner,
  temporaryPath,
} from "../../src/context/layout.ts";
import { seededRandom } from "../platform/seeded-random.ts";
import { runId, tableId } from "./fixtures.ts";

test("paths are spelled as docs/format/store.md says", () => {
  const part = { runId, tableId, epoch: 12, seq: 3 };
  expect(partPath({ ...part, partition: "" })).toBe(`runs/${runId}/${tableId}/12-all-3.parquet`);
  expect(partPath({ ...part, partition: "p-07" })).toBe(
    `runs/${runId}/${tableId}/12-p-07-3.parquet`,
  );
  expect(sideFilePath(runId, 12, 0)).toBe(`runs/${runId}/12-0.lines`);
  expect(journalPath(runId, 12)).toBe(`runs/${runId}/journal-12.jsonl`);
  expect(manifestPath(runId, 12, 2)).toBe(`runs/${runId}/_manifest-12-2.json`);
  expect(committedManifestPath(runId)).toBe(`runs/${runId}/_manifest.json`);
  expect(folderOf("runs/a/b.parquet")).toBe("runs/a");
  expect(folderOf("empty.parquet")).toBe("");
});

test("an id has 26 characters of Crockford's base 32, all of them used evenly", () => {
  const random = seededRandom(1);
  const ids = Array.from({ length: 2000 }, () => newId(random));
  expect(ids.every((id) => isId(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  const counts = Map.groupBy(ids.join(""), (character) => character);
  expect(counts.size).toBe(32);
  const share = ids.length * 26 * (1 / 32);
  for (const found of counts.values()) expect(Math.abs(found.length / share - 1)).toBeLessThan(0.2);
});

test.each(["", runId.slice(1), `${runId}0`, "O".repeat(26), "../../../../etc/passwd0000"])(
  "what is no id never gets into a path: %j",
  (text) => {
    expect(isId(text)).toBe(false);
    expect(() => journalPath(text, 1)).toThrow("expected an id");
  },
);

test.each(["A", "a/b", "..", "a".repeat(41), "a.b", "del"])(
  "what is no partition never gets into a path: %j",
  (partition) => {
    expect(() => partPath({ runId, tableId, epoch: 1, partition, seq: 0 })).toThrow("partition");
  },
);

test.each([-1, 1.5, 2 ** 53, Number.NaN])(
  "what is no count never gets into a path: %j",
  (epoch) => {
    expect(() => journalPath(runId, epoch)).toThrow("expected a count");
  },
);

test("whose a temporary folder is, its name says", () => {
  const pinName = `12-${"0f".repeat(10)}`;
  expect(runTemporaryPath(runId, 12)).toBe(`temp/${runId}-12`);
  expect(pinTemporaryPath(pinName)).toBe(`temp/${pinName}`);
  expect(temporaryOwner(`${runId}-12`)).toEqual({ kind: "run", pipelineId: runId });
  expect(temporaryOwner(pinName)).toEqual({ kind: "pin", pinName });
  expect(() => pinTemporaryPath("../x")).toThrow("expected a pin's name");
  for (const name of [
    "mine",
    runId,
    `${runId}-`,
    `${runId}-1-2`,
    "012-x",
    `01-${"0".repeat(20)}`,
  ]) {
    expect(temporaryOwner(name)).toBeNull();
  }
});

test("two temporary names of one path differ", () => {
  const random = seededRandom(2);
  const names = new Set(Array.from({ length: 100 }, () => temporaryPath("a/b.parquet", random)));
  expect(names.size).toBe(100);
  for (const name of names) expect(name).toMatch(/^a\/b\.parquet\.tmp-[0-9a-z]{10}$/u);
});
