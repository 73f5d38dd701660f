/** The order of commits, told by their files. */
import { expect, test } from "vitest";
import { lineageOf } from "../../../src/context/rebuild/lineage.ts";
import type { RecordedCommit } from "../../../src/context/rebuild/recorded-commit.ts";
import { epochOf, type Manifest } from "../../../src/core/snapshot.ts";
import { manifestOf } from "../../catalog/commands.ts";
import { seededRandom, withSeed } from "../../platform/seeded-random.ts";

/** A commit with this digest after that one. */
function commit(
  sha256: string,
  parent: string | null,
  sequence: number | null,
  over: Partial<Manifest> = {},
): RecordedCommit {
  const epoch = over.epoch ?? (sequence ?? 0) * 10;
  const grant = { runId: `run-${sha256}`, epoch, loadedAt: "1" };
  const manifest = manifestOf("pipeline", grant, {
    kind: sequence === null ? "cursor" : "run",
    ...over,
  });
  const reference = { sha256, sizeBytes: 1, path: `runs/${sha256}/_manifest-1-1.json` };
  return { sequence, at: String(100 * (sequence ?? 0)), parent, reference, manifest };
}

const history = [
  commit("c0", null, null, { epoch: 1 }),
  commit("s1", null, 1),
  commit("s2", "s1", 2),
  commit("c1", "s2", null, { epoch: 21 }),
  commit("c2", "s2", null, { epoch: 22 }),
  commit("s3", "s2", 3),
];

const none = { checkpoint: [], unproven: [] };
const digests = (commits: readonly RecordedCommit[]) =>
  commits.map(({ reference }) => reference.sha256);

test("parents tell the order, however the files come", () =>
  withSeed((seed) => {
    const { fraction } = seededRandom(seed);
    const keyed = history.map((each) => ({ each, key: fraction() }));
    const commits = keyed.toSorted((a, b) => a.key - b.key).map(({ each }) => each);
    const lineage = lineageOf({ ...none, commits });
    expect(digests(lineage.commits)).toEqual(["c0", "s1", "s2", "c1", "c2", "s3"]);
    expect(lineage).toMatchObject({ recovered: [], others: [], gapAt: null });
  }));

test("the checkpoint's form of a commit goes before that of its run", () => {
  const [, first] = history;
  if (first === undefined) throw new Error("expected a commit");
  const cut = { ...first, at: "7" };
  const lineage = lineageOf({ ...none, checkpoint: [cut], commits: history });
  expect(lineage.commits).toContain(cut);
  expect(lineage.commits).not.toContain(first);
});

test("a manifest that the next snapshot names was committed between its neighbours", () => {
  const commits = history.filter(({ reference }) => reference.sha256 !== "s2");
  const { reference, manifest } = commit("s2", null, 2);
  const stray = commit("x", null, 9);
  const lineage = lineageOf({ ...none, commits, unproven: [{ reference, manifest }, stray] });
  expect(digests(lineage.commits)).toEqual(["c0", "s1", "s2", "c1", "c2", "s3"]);
  expect(lineage.recovered).toMatchObject([{ sequence: 2, at: "299", parent: "s1" }]);
  expect(lineage.unproven).toEqual([stray]);
});

test("a snapshot that is nowhere is a gap, and what follows is left out", () => {
  const commits = history.filter(({ reference }) => reference.sha256 !== "s2");
  const lineage = lineageOf({ ...none, commits });
  expect(lineage.gapAt).toBe(2);
  expect(digests(lineage.commits)).toEqual(["c0", "s1"]);
  expect(digests(lineage.others)).toEqual(["c1", "c2", "s3"]);
});

test("a history that was left is told apart from a gap by its incarnation", () => {
  const next = commit("n2", "s1", 2, { epoch: epochOf(1, 5) });
  const lineage = lineageOf({ ...none, commits: [...history, next] });
  expect(digests(lineage.commits)).toEqual(["c0", "s1", "n2"]);
  expect(digests(lineage.others)).toEqual(["s2", "c1", "c2", "s3"]);
  expect(lineage.gapAt).toBeNull();
});
