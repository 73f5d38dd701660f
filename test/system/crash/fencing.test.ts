/**
 * A holder that was replaced and doesn't know it: its executor stands still while its control
 * process is killed and another process claims the pipeline and commits; then it goes on.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { storeFolder } from "../../../src/context/layout.ts";
import { seededRandom, withSeed } from "../../platform/seeded-random.ts";
import { waitUntil } from "../servers/deadline.ts";
import { auditFiles, auditManifests, auditVisible, withFoundStore } from "./audit.ts";
import { markFiles, touchedFiles } from "./file-marks.ts";
import type { KillKind, KillPlan } from "./kill-switch.ts";
import { inLanes } from "./lanes.ts";
import { makeMemoryFolder } from "./memory-folder.ts";
import { stateOf } from "./process-state.ts";
import { storeHere } from "./run-here.ts";
import type { Victim } from "./victim-process.ts";
import { startVictim } from "./victims.ts";

/** Where executors stand still, and how many such points a run passes at least. */
const stops: readonly (readonly [KillKind, number])[] = [
  ["extract", 20],
  ["encode", 10],
  ["write", 20],
  ["fsync", 20],
  ["name", 20],
  ["journal", 20],
  ["lines", 4],
  ["manifest", 5],
  ["compute", 6],
];

test(
  "what a replaced executor goes on with is never seen, and touches nothing",
  { timeout: 120_000 },
  async () => {
    await withSeed(async (seed) => {
      const random = seededRandom(seed);
      const plans = stops.map(([kind, points]): KillPlan => {
        const nth = 1 + random.below(points);
        return { kind, nth, signal: "SIGSTOP", delayMicros: random.below(500) };
      });
      await inLanes(2, plans, async (plan) => {
        try {
          await replaceHolder(plan);
        } catch (error) {
          throw new Error(`${JSON.stringify(plan)}: ${String(error)}`, { cause: error });
        }
      });
    });
  },
);

test(
  "an executor whose control process dies at the commit ends by itself",
  { timeout: 120_000 },
  async () => {
    for (const nth of [1, 2, 3]) {
      await using folder = await makeMemoryFolder("fencing");
      const project = folder.path;
      await runHere(project, 1);
      const plan: KillPlan = { kind: "commit", nth, signal: "SIGKILL", delayMicros: 0 };
      const victim = startVictim({ project, from: 2, to: 2, where: "executor", plan });
      expect(await victim.exited).toMatchObject({ isKilled: true });
      const pid = await executorOf(victim);
      await waitUntil("the executor to end", async () => (await stateOf(pid)) === "gone");
      const progress = { ended: 1, begun: 2 };
      const stored = await withFoundStore(project, (store) => auditVisible(store, progress));
      await runHere(project, (stored ?? 0) + 1);
    }
  },
);

async function replaceHolder(plan: KillPlan): Promise<void> {
  await using folder = await makeMemoryFolder("fencing");
  const project = folder.path;
  await runHere(project, 1);
  const old = startVictim({ project, from: 2, to: 2, where: "executor", plan });
  const pid = await executorOf(old);
  try {
    await waitUntil("the executor to stand still", async () => (await stateOf(pid)) === "stopped");
    old.kill();
    await old.exited;
    await runHere(project, 2);
    const before = await markFiles(join(project, storeFolder));
    process.kill(pid, "SIGCONT");
    await waitUntil("the executor to end", async () => (await stateOf(pid)) === "gone");
    const after = await markFiles(join(project, storeFolder));
    await auditReplaced(project, touchedFiles(before, after));
  } finally {
    if ((await stateOf(pid)) !== "gone") process.kill(pid, "SIGKILL");
  }
  await runHere(project, 3);
}

/** The new holder's commit stands, and whatever the old one wrote is a leftover of its own. */
async function auditReplaced(project: string, touched: readonly string[]): Promise<void> {
  await withFoundStore(project, async (store) => {
    await auditVisible(store, { ended: 2, begun: 2 });
    await auditManifests(store);
    const named = await auditFiles(store);
    for (const path of touched) {
      expect(named, path).not.toContain(path);
      expect(await store.catalog.isReferenced(path), path).toBe(false);
    }
    const [run] = await store.catalog.runs({ pipelineId: null, beforeRunId: null, limit: 1 });
    expect(run?.state).toMatchObject({ kind: "succeeded", snapshot: 2 });
  });
}

/** Claims the pipeline in this process, and stores a version. */
async function runHere(project: string, version: number): Promise<void> {
  await storeHere(project, version);
  await withFoundStore(project, (found) => auditVisible(found, { ended: version, begun: version }));
}

async function executorOf(victim: Victim): Promise<number> {
  await waitUntil("an executor", () => victim.executorPid() !== null);
  return victim.executorPid() ?? 0;
}
