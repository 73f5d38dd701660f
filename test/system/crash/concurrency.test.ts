/** Several processes at one store: one writes a pipeline at a time, and nobody sees half a run. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Catalog } from "../../../src/core/ports/catalog.ts";
import { openSqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { storeFolder } from "../../../src/context/layout.ts";
import { waitUntil } from "../servers/deadline.ts";
import { auditVisible, withFoundStore } from "./audit.ts";
import type { KillPlan } from "./kill-switch.ts";
import { makeMemoryFolder } from "./memory-folder.ts";
import { stateOf } from "./process-state.ts";
import { readByCatalog, readByViews, versionOf } from "./reader.ts";
import { storeHere } from "./run-here.ts";
import { runVictim, startVictim } from "./victims.ts";

test("of processes that run one pipeline at once exactly one gets the claim", async () => {
  await using folder = await makeMemoryFolder("claim");
  const project = folder.path;
  await storeHere(project, 1);
  const plan: KillPlan = { kind: "extract", nth: 9, signal: "SIGSTOP", delayMicros: 0 };
  const holder = startVictim({ project, from: 2, to: 2, plan });
  await waitUntil(
    "the holder to stand still",
    async () => (await stateOf(holder.pid)) === "stopped",
  );
  const others = [0, 1].map(() => runVictim({ project, from: 2, to: 2 }));
  for (const { refused, ended } of await Promise.all(others)) {
    expect({ refused, ended }).toEqual({ refused: "refused.claim_held", ended: null });
  }
  await withFoundStore(project, (store) => auditVisible(store, { ended: 1, begun: 1 }));
  process.kill(holder.pid, "SIGCONT");
  expect(await holder.exited).toMatchObject({ ended: 2, refused: null });
  await withFoundStore(project, (store) => auditVisible(store, { ended: 2, begun: 2 }));
});

test("processes that race for a pipeline store it once, and are refused or find it done", async () => {
  await using folder = await makeMemoryFolder("race");
  const project = folder.path;
  await storeHere(project, 1);
  for (const version of [2, 3]) {
    const racers = [0, 1, 2].map(() => runVictim({ project, from: version, to: version }));
    const ends = await Promise.all(racers);
    expect(ends.some(({ ended }) => ended === version)).toBe(true);
    for (const { ended, refused } of ends) {
      expect([`${version} null`, "null refused.claim_held"]).toContain(`${ended} ${refused}`);
    }
    await withFoundStore(project, async ({ catalog }) => {
      const { sequence } = await catalog.head();
      // Who came late found nothing new in three of the streams, and the others as they were.
      versionOf(await readByCatalog({ project, catalog }, sequence), [version]);
    });
  }
});

/** Versions that each of two pipelines stores while readers look. */
const versions = 6;

const namespaces = ["left", "right"] as const;

test("two pipelines commit at once, and readers never see half a run", async () => {
  await using folder = await makeMemoryFolder("pair");
  const project = folder.path;
  // A store of its own, so that both find it made.
  await storeHere(project, 1);
  const writers = namespaces.map((namespace) =>
    runVictim({ project, from: 1, to: versions, namespace }),
  );
  let areDone = false;
  const done = Promise.all(writers).finally(() => (areDone = true));
  const looks = await watch(project, () => areDone);
  for (const end of await done) expect(end).toMatchObject({ ended: versions, refused: null });
  expect(looks).toBeGreaterThan(3);
  await withFoundStore(project, async ({ catalog }) => {
    // Each commit has a sequence of its own, and none is left out.
    expect((await catalog.head()).sequence).toBe(1 + namespaces.length * versions);
    await expectHistory(project, catalog);
  });
});

/** Reads until the writers are done, as other processes do; answers how often. */
async function watch(project: string, areDone: () => boolean): Promise<number> {
  const path = join(project, storeFolder, "catalog.sqlite");
  const last = { left: 0, right: 0 };
  const lastViewed = { left: 0, right: 0 };
  let looks = 0;
  while (!areDone()) {
    const catalog = openSqliteCatalog(path, { kind: "existing" });
    try {
      const { sequence } = await catalog.head();
      for (const namespace of namespaces) {
        const seen = await readByCatalog({ project, catalog }, sequence, namespace);
        last[namespace] = versionOf(seen, versionsFrom(last[namespace]));
        const viewed = await readByViews(project, namespace);
        lastViewed[namespace] = versionOf(viewed, versionsFrom(lastViewed[namespace]));
      }
    } finally {
      await catalog.close();
    }
    looks += 1;
  }
  return looks;
}

/** No reader ever goes back. */
function versionsFrom(version: number): readonly number[] {
  return Array.from({ length: versions - version + 1 }, (_, index) => version + index);
}

async function expectHistory(project: string, catalog: Catalog): Promise<void> {
  const { sequence } = await catalog.head();
  let stored = { left: 0, right: 0 };
  for (let at = 2; at <= sequence; at += 1) {
    const now = { ...stored };
    for (const namespace of namespaces) {
      const seen = await readByCatalog({ project, catalog }, at, namespace);
      now[namespace] = versionOf(seen, versionsFrom(stored[namespace]));
    }
    expect(now.left + now.right).toBe(stored.left + stored.right + 1);
    stored = now;
  }
}
