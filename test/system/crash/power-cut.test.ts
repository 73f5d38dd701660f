/**
 * Power cuts, which killing a process can't show: what was written and not synced is lost, torn or
 * in another order. A store is recorded from its making on, over a run that succeeds, one that
 * breaks off, and one that resumes it; then each disk that a cut may leave is opened.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { storeFolder } from "../../../src/context/layout.ts";
import { HakiriError } from "../../../src/core/error.ts";
import type { Disk } from "../../platform/power-cut/disk.ts";
import { materialise } from "../../platform/power-cut/materialise.ts";
import { disksAfter, type Recording } from "../../platform/power-cut/recording.ts";
import { seededRandom, withSeed, type SeededRandom } from "../../platform/seeded-random.ts";
import { makeMemoryFolder } from "./memory-folder.ts";
import { auditJournals, auditManifests, auditVisible, withFoundStore } from "./audit.ts";
import { inLanes } from "./lanes.ts";
import { openRecordedStore } from "./recorded-store.ts";
import { placeHere, storeHere } from "./run-here.ts";
import { runTo } from "./world-run.ts";

/** Disks that are drawn for each cut, each kind of loss among them. */
const disksDrawn = 8;

/** Of these are looked at; more than in CI by `npm run torture`. */
const disksPerCut = Number(process.env["HAKIRI_TORTURE_DISKS"] ?? 2);

/** Of so many disks one is also run on. */
const disksPerRun = 6;

/** Disks that are looked at side by side. */
const lanes = 3;

/** The step of the source at which a run breaks off: more than half of its parts are there then. */
const brokenStep = 17;

const timeout = 120_000 * disksPerCut;

test("every disk that a power cut leaves has an old or a new snapshot", { timeout }, async () => {
  await withSeed(async (seed) => {
    const random = seededRandom(seed);
    const recording = await recordRuns();
    let [disks, runs] = [0, 0];
    await inLanes(lanes, possibleDisks(recording, random), async (cut) => {
      disks += 1;
      const mayRun = random.below(disksPerRun) === 0;
      if (mayRun) runs += 1;
      await auditDisk(cut, mayRun);
    });
    const { length } = recording.steps;
    process.stdout.write(`seed ${seed}: ${length} steps, ${disks} disks, ${runs} run on\n`);
    expect(disks).toBeGreaterThan(length / 2);
    expect(runs).toBeGreaterThan(disks / 12);
  });
});

/** A disk, and what was known to be stored when the power went. */
interface CutDisk {
  readonly disk: Disk;
  readonly stored: Stored;
}

/** What the steps before a cut had made durable. */
interface Stored {
  readonly version: number;
  /** Batches that the run under way had told to be in its journal. */
  readonly batches: number;
}

/** Some disks of every cut, each content once. */
function* possibleDisks(recording: Recording, random: SeededRandom): Generator<CutDisk> {
  const seen = new Set<string>();
  for (let cut = 0; cut <= recording.steps.length; cut += 1) {
    const stored = storedBefore(recording, cut);
    const drawn = [...disksAfter(recording, cut, random.below(2 ** 32), disksDrawn)];
    for (let count = 0; count < disksPerCut && drawn.length > 0; count += 1) {
      for (const disk of drawn.splice(random.below(drawn.length), 1)) {
        if (seen.has(disk.digest)) continue;
        seen.add(disk.digest);
        yield { disk, stored };
      }
    }
  }
}

/** A commit is visible once its transaction is durable, and never before. */
function storedBefore({ steps }: Recording, cut: number): Stored {
  let [version, batches] = [0, 0];
  for (const step of steps.slice(0, cut)) {
    if (step.type !== "durable") continue;
    const told = /^told (\d+)$/u.exec(step.name)?.[1];
    if (told !== undefined) batches = Number(told);
    // Its new attempt has no journal yet, and a run that is over needs none.
    else if (step.name === "claim_run") batches = 0;
    else if (step.name === "commit_snapshot") [version, batches] = [version + 1, 0];
  }
  return { version, batches };
}

/** To version 1; half way to version 2; and from there on. */
async function recordRuns(): Promise<Recording> {
  await using folder = await makeMemoryFolder("cut");
  const store = await openRecordedStore(folder.path);
  try {
    const { filesystem, recorder } = store;
    let stepsLeft = Infinity;
    const atStep = (): void => {
      stepsLeft -= 1;
      if (stepsLeft <= 0) throw broken;
    };
    const place = placeHere({ openFilesystem: () => filesystem, atStep });
    const told = (batches: number): void => {
      void recorder.durableStep(`told ${batches}`, async () => []);
    };
    expect((await runTo(store, place, { version: 1, told })).status).toBe("succeeded");
    stepsLeft = brokenStep;
    expect((await runTo(store, place, { version: 2, told })).status).toBe("partial_failure");
    stepsLeft = Infinity;
    const resumed = await runTo(store, place, { version: 2, told });
    expect(resumed).toMatchObject({ status: "succeeded", sequence: 2, attempts: 2 });
    return recorder.recording();
  } finally {
    await store.close();
  }
}

const broken = new HakiriError({
  kind: "Permanent",
  code: "test.broken",
  message: "expected a source that works, got a test of what happens otherwise",
  hint: "",
});

async function auditDisk({ disk, stored }: CutDisk, mayRun: boolean): Promise<void> {
  await using folder = await makeMemoryFolder("cut");
  const project = folder.path;
  const { version, batches } = stored;
  try {
    await materialise(disk, join(project, storeFolder));
    await withFoundStore(project, async (store) => {
      await auditVisible(store, { ended: version, begun: version });
      expect(await auditJournals(store)).toBeGreaterThanOrEqual(batches);
      await auditManifests(store);
    });
    if (mayRun) await runOn(project, version + 1);
  } catch (error) {
    throw new Error(`${disk.label}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** The next run resumes or begins anew, and stores what the source holds. */
async function runOn(project: string, version: number): Promise<void> {
  await storeHere(project, version);
  await withFoundStore(project, (store) => auditVisible(store, { ended: version, begun: version }));
}
