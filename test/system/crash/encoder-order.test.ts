/** Encoders work side by side and end in any order; a journal is whole all the same. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockClaims } from "../../../src/catalog/claims.ts";
import { openSqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { ensureEmptyPart } from "../../../src/context/derive/empty-part.ts";
import { newId, runFolder } from "../../../src/context/layout.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { encodePart, type EncodePart } from "../../../src/context/stage/encode-part.ts";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import type { ControlStore } from "../../../src/runtime/control/run-request.ts";
import { memoryFilesystem, type MemoryFilesystem } from "../../platform/memory-filesystem.ts";
import { possibleDisks } from "../../platform/power-cut/possible-disks.ts";
import { seededRandom, withSeed, type SeededRandom } from "../../platform/seeded-random.ts";
import { auditJournal } from "./audit.ts";
import { inProcessPlace } from "./in-process-actors.ts";
import { makeMemoryFolder } from "./memory-folder.ts";
import { runTo, worldPipeline } from "./world-run.ts";
import { worldSource } from "./world-source.ts";

/** 15 batches of one stream beside three partitions of another, of which each has few. */
const version = 4;
const streams = ["events", "prices"] as const;

const rounds = 5;

/** Possible disks that are looked at whenever an encoder ends. */
const disksMax = 4;

test("no order in which encoders end leaves a gap in a journal", async () => {
  await withSeed(async (seed) => {
    const random = seededRandom(seed);
    let batches = 0;
    for (let round = 0; round < rounds; round += 1) batches += await runOutOfOrder(random);
    expect(batches).toBe(rounds * (15 + 3));
  });
});

/** Answers how many batches the run's journal has at last. */
async function runOutOfOrder(random: SeededRandom): Promise<number> {
  await using folder = await makeMemoryFolder("order");
  const filesystem = memoryFilesystem();
  const store = await openStoreOver(filesystem, folder.path);
  const pool = new UnorderedPool(random);
  const place = inProcessPlace({
    openSource: async (_connector, settings) => worldSource(settings, async () => undefined),
    openFilesystem: () => filesystem,
    encode: pool.encode,
  });
  try {
    const run = runTo(store, place, { version, spec: worldPipeline("main", streams) });
    let least = 0;
    await pool.drain(run, async () => {
      for (const disk of possibleDisks(filesystem.volume, { seed: random.below(1000), disksMax })) {
        const batches = await auditAll(memoryFilesystem(disk));
        // A line is durable when the next encoder ends, whatever the power does.
        expect(batches).toBeGreaterThanOrEqual(least);
      }
      least = await auditAll(filesystem);
    });
    expect((await run).status).toBe("succeeded");
    return await auditAll(filesystem);
  } finally {
    await store.close();
  }
}

async function openStoreOver(
  filesystem: MemoryFilesystem,
  project: string,
): Promise<ControlStore & { close(): Promise<void> }> {
  await ensureEmptyPart(createPublisher(filesystem, systemRandom));
  const opening = { kind: "create", storeId: newId(systemRandom) } as const;
  const catalog = openSqliteCatalog(join(project, "catalog.sqlite"), opening);
  return {
    project,
    filesystem,
    catalog,
    claims: lockClaims(project),
    clock: systemClock,
    random: systemRandom,
    // Nothing of a journal follows from it.
    derive: async () => undefined,
    close: () => catalog.close(),
  };
}

async function auditAll(filesystem: Filesystem): Promise<number> {
  let batches = 0;
  for (const runId of await filesystem.list("runs")) {
    for (const name of await filesystem.list(runFolder(runId))) {
      if (!/^journal-\d+\.jsonl$/u.test(name)) continue;
      batches += await auditJournal(filesystem, `${runFolder(runId)}/${name}`);
    }
  }
  return batches;
}

/** Encoders that end one at a time, in an order that the seed draws. */
class UnorderedPool {
  readonly #random: SeededRandom;
  readonly #waiting: (() => void)[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  readonly encode: EncodePart = async (request) => {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return encodePart(request);
  };

  /** Ends encoders until the work is over, and calls `look` before each. */
  async drain(work: Promise<unknown>, look: () => Promise<void>): Promise<void> {
    let isOver = false;
    const over = (): void => void (isOver = true);
    work.then(over, over);
    while (!isOver) {
      // All that can go on without an encoder does so first.
      await new Promise(setImmediate);
      if (this.#waiting.length === 0) continue;
      await look();
      for (const end of this.#waiting.splice(this.#random.below(this.#waiting.length), 1)) end();
    }
  }
}
