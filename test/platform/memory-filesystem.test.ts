/** The double passes the port's contract, and behaves as node:fs does under random calls. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeFilesystem } from "../../src/platform/node-filesystem.ts";
import { filesystemContract } from "./filesystem-contract.ts";
import { anyCall, perform, treeOf } from "./filesystem-model.ts";
import { memoryFilesystem } from "./memory-filesystem.ts";

filesystemContract("the filesystem in memory", async () => ({
  filesystem: memoryFilesystem(),
  remove: async () => undefined,
}));

test("any calls have the same answers and leave the same tree as on node:fs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 30 }), async (calls) => {
      const folder = await mkdtemp(join(tmpdir(), "hakiri-memory-"));
      try {
        const [real, memory] = [nodeFilesystem(folder), memoryFilesystem()];
        for (const call of calls) {
          expect(await perform(memory, call)).toEqual(await perform(real, call));
        }
        expect(await treeOf(memory)).toEqual(await treeOf(real));
      } finally {
        await rm(folder, { recursive: true });
      }
    }),
    { numRuns: 150 },
  );
});
