/** Which snapshot is held, while others come and go. */
import { describe, expect, test } from "vitest";
import {
  holdSnapshot,
  holdTriesMax,
  type SnapshotContext,
} from "../../../src/context/query/hold-snapshot.ts";
import type { SnapshotRecord } from "../../../src/core/ports/catalog.ts";
import { idOf } from "../fixtures.ts";

const recordOf = (sequence: number): SnapshotRecord => ({
  sequence,
  runId: idOf("1"),
  pipelineId: idOf("2"),
  kind: "run",
  at: String(sequence),
  manifestSha256: "",
  manifestPath: "",
  tables: [],
});

/** A store whose head moves on with each look, and whose first `gone` snapshots are expired. */
function movingStore(gone: number) {
  const held = new Set<number>();
  let sequence = 0;
  const context: SnapshotContext = {
    catalog: {
      head: async () => {
        sequence += 1;
        return { storeId: idOf("3"), incarnation: 0, sequence, manifestSha256: "", at: "1" };
      },
      snapshotAt: async (by) => ((by.sequence ?? 0) > gone ? recordOf(by.sequence ?? 0) : null),
      snapshots: async () => [],
    },
    pins: {
      pin: (pinned) => {
        held.add(pinned);
        return { name: `${pinned}-${"0".repeat(20)}`, release: () => void held.delete(pinned) };
      },
      live: () => [...held],
      names: () => [],
    },
  };
  return { context, held };
}

describe("the newest snapshot", () => {
  test("is held only where it is still kept under the pin, else the next one is", async () => {
    const { context, held } = movingStore(2);
    const snapshot = await holdSnapshot(context, null);
    expect(snapshot.sequence).toBe(3);
    expect([...held]).toEqual([3]);
    snapshot.release();
    expect([...held]).toEqual([]);
  });

  test("is tried 8 times, and not more often", async () => {
    const last = movingStore(holdTriesMax - 1);
    expect((await holdSnapshot(last.context, null)).sequence).toBe(holdTriesMax);
    const never = movingStore(holdTriesMax);
    await expect(holdSnapshot(never.context, null)).rejects.toThrow("tried 8");
    expect([...never.held]).toEqual([]);
  });
});

test("a pin is given up where the catalog fails under it", async () => {
  const { context, held } = movingStore(0);
  const snapshotAt: SnapshotContext["catalog"]["snapshotAt"] = async () => {
    throw new Error("no catalog");
  };
  const failing = { ...context, catalog: { ...context.catalog, snapshotAt } };
  await expect(holdSnapshot(failing, null)).rejects.toThrow("no catalog");
  expect([...held]).toEqual([]);
});
