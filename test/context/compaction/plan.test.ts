/** Which files a compaction rewrites. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planCompaction } from "../../../src/context/compaction/plan.ts";
import {
  maskedRowsMin,
  oneShotSlack,
  partBytesTarget,
  partInputsMax,
} from "../../../src/context/compaction/rules.ts";
import type { LiveFile } from "../../../src/core/snapshot.ts";
import { fileOf } from "../../catalog/commands.ts";

const full = { kind: "full" } as const;
const bounds = { smallFiles: 128, smallFileBytes: 64 * 1024 * 1024 };
const { smallFiles, smallFileBytes } = bounds;
const automatic = { kind: "automatic", bounds, slack: 1 } as const;

/** The nth file: ten rows, small, of a snapshot of its own, unless said otherwise. */
function file(n: number, over: Partial<LiveFile> = {}): LiveFile {
  return { ...fileOf({ epoch: 1 }, n), addedSequence: n, ...over };
}

/** The nth file, as deletes of so many rows of each of these. */
function deletes(n: number, ...masked: readonly (readonly [LiveFile, number])[]): LiveFile {
  const masks = masked.map(([{ fileId }, rows]) => ({ fileId, rows }));
  return file(n, { kind: "deletes", masks });
}

const small = (count: number, over: Partial<LiveFile> = {}) =>
  Array.from({ length: count }, (_, n) => file(n, over));

const large = { sizeBytes: smallFileBytes };

describe("a full compaction", () => {
  test("makes one part of all small files, in the order of their ids", () => {
    const files = small(5);
    expect(planCompaction(files.toReversed(), full, 1)?.parts).toEqual([files]);
  });

  test("leaves what is as it would be written, at the beginning only", () => {
    const big = { sizeBytes: partBytesTarget };
    const files = [file(0, big), file(1, big), file(2), file(3), file(4, big)];
    expect(planCompaction(files, full, 1)?.parts).toEqual([files.slice(2)]);
    expect(planCompaction(files.slice(0, 2), full, 1)).toBeNull();
    expect(planCompaction([file(7)], full, 1)).toBeNull();
  });

  test("rewrites a file of an older schema, or with a masked row", () => {
    const [one, other] = [file(0), file(1, { sizeBytes: partBytesTarget })];
    expect(planCompaction([one], full, 2)?.parts).toEqual([[one]]);
    const mask = deletes(2, [other, 1]);
    const plan = planCompaction([other, mask], full, 1);
    expect(plan).toEqual({ parts: [[other]], droppedDeletes: [mask], mergedDeletes: [] });
  });

  test("splits parts by bytes, and by the number of their inputs", () => {
    const files = small(4, { sizeBytes: partBytesTarget / 2 });
    expect(planCompaction(files, full, 1)?.parts.map(({ length }) => length)).toEqual([2, 2]);
    const lengths = (count: number) =>
      planCompaction(small(count), full, 1)?.parts.map(({ length }) => length);
    expect(lengths(partInputsMax)).toEqual([partInputsMax]);
    expect(lengths(partInputsMax + 1)).toEqual([partInputsMax, 1]);
  });

  test("has nothing to do in an empty table", () => {
    expect(planCompaction([], full, 1)).toBeNull();
  });
});

describe("an automatic compaction", () => {
  test("is due past the most small files, and later where it is given slack", () => {
    expect(planCompaction(small(smallFiles), automatic, 1)).toBeNull();
    expect(planCompaction(small(smallFiles + 1), automatic, 1)?.parts).toHaveLength(1);
    const oneShot = { kind: "automatic", bounds, slack: oneShotSlack } as const;
    expect(planCompaction(small(smallFiles * oneShotSlack), oneShot, 1)).toBeNull();
    const beyond = small(smallFiles * oneShotSlack + 1);
    expect(planCompaction(beyond, oneShot, 1)?.parts).toHaveLength(1);
  });

  test("leaves the files of one snapshot alone, and large ones", () => {
    const files = small(1000, { addedSequence: 5 });
    expect(planCompaction(files, automatic, 1)).toBeNull();
    expect(planCompaction([...files, file(1001)], automatic, 1)?.parts.flat()).toHaveLength(1001);
    expect(planCompaction(small(1000, large), automatic, 1)).toBeNull();
  });

  test("counts deletes among the small files, and makes one of those that stay", () => {
    const base = file(0, large);
    const masks = Array.from({ length: smallFiles + 1 }, (_, n) => deletes(n + 1, [base, 1]));
    const plan = planCompaction([base, ...masks], automatic, 1);
    expect(plan).toEqual({ parts: [], droppedDeletes: [], mergedDeletes: masks });
  });

  test("rewrites files of which many rows are masked, where it is worth it", () => {
    const rows = 4 * maskedRowsMin;
    const base = file(0, { ...large, rows });
    const other = file(1, { ...large, rows });
    const plan = (masked: number) =>
      planCompaction([base, other, deletes(2, [base, masked], [other, 1])], automatic, 1);
    expect(plan(maskedRowsMin - 1)).toBeNull();
    expect(plan(maskedRowsMin)?.parts).toEqual([[base]]);
    // The deletes mask a row of the other file too.
    expect(plan(maskedRowsMin)?.droppedDeletes).toEqual([]);
  });
});

/** Files of some snapshots, with deletes that mask some of them. */
const table = fc
  .array(
    fc.record({
      sizeBytes: fc.constantFrom(100, smallFileBytes, partBytesTarget),
      addedSequence: fc.integer({ min: 1, max: 4 }),
      schemaVersion: fc.integer({ min: 1, max: 2 }),
      masked: fc.integer({ min: 0, max: 10 }),
      isDeletes: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((all) =>
    all.reduce<readonly LiveFile[]>((files, { masked, isDeletes, ...over }, n) => {
      const targets = files.filter(({ kind }) => kind === "data");
      if (!isDeletes || targets.length === 0) return [...files, file(n, over)];
      const masks = targets.slice(masked % targets.length).map((each) => [each, masked] as const);
      return [...files, { ...deletes(n, ...masks), ...over }];
    }, []),
  );

test("no plan drops deletes of a file that stays, and none takes a file twice", () => {
  fc.assert(
    fc.property(table, fc.boolean(), (files, isFull) => {
      const rules = isFull ? full : ({ ...automatic, slack: 0 } as const);
      const plan = planCompaction(files, rules, 2);
      if (plan === null) return;
      const gone = [...plan.parts.flat(), ...plan.droppedDeletes, ...plan.mergedDeletes];
      expect(new Set(gone).size).toBe(gone.length);
      expect(files).toEqual(expect.arrayContaining(gone));
      const staying = files.filter((each) => each.kind === "data" && !gone.includes(each));
      const ids = new Set(staying.map(({ fileId }) => fileId));
      for (const { masks } of plan.droppedDeletes) {
        expect(masks.some(({ fileId }) => ids.has(fileId))).toBe(false);
      }
    }),
  );
});
