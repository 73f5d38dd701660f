/** Names of partitions, which stand in file names. */
import { expect, test } from "vitest";
import { deletesPath, partPath } from "../../src/context/layout.ts";
import { isPartitionId } from "../../src/core/partition-id.ts";

test.each(["a", "0", "-", "p-07", "a".repeat(40), "all", "del-1", "dela"])("%j is one", (id) => {
  expect(isPartitionId(id)).toBe(true);
});

test.each(["", "del", "A", "a".repeat(41), "a_b", "a/b", "..", "a\n"])("%j is none", (id) => {
  expect(isPartitionId(id)).toBe(false);
});

test("no part is called as position deletes are", () => {
  const [runId, tableId, epoch] = ["0".repeat(26), "1".repeat(26), 7];
  const deletes = deletesPath(runId, tableId, { epoch, attempt: 1 });
  const parts = ["d", "de", "del-", "-del", "dela"].map((partition) =>
    partPath({ runId, tableId, epoch, partition, seq: 1 }),
  );
  expect(parts).not.toContain(deletes);
  expect(() => partPath({ runId, tableId, epoch, partition: "del", seq: 1 })).toThrow("partition");
});
