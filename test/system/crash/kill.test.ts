/**
 * Kill -9 of the whole process, at points drawn from a seed: after each kill readers see exactly
 * one version in all tables, the one before the run or the run's own, and the next run ends it.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seededRandom, withSeed, type SeededRandom } from "../../platform/seeded-random.ts";
import { makeMemoryFolder } from "./memory-folder.ts";
import {
  auditFiles,
  auditJournals,
  auditManifests,
  auditRepairedViews,
  auditVisible,
  withFoundStore,
  type FoundStore,
} from "./audit.ts";
import { auditRebuild, auditUpkeep } from "./audit-upkeep.ts";
import { drawDeck, readCounts } from "./kill-deck.ts";
import { actorKinds, controlKinds, upkeepKinds, type KillKind } from "./kill-switch.ts";
import { inLanes } from "./lanes.ts";
import { storeHere } from "./run-here.ts";
import { runVictim, type VictimOrder } from "./victims.ts";

/** More than in CI: `npm run torture` sets it. */
const kills = Number(process.env["HAKIRI_TORTURE_KILLS"] ?? 200);

/** Kills of one store, so that none gets long. */
const killsPerStore = 25;

/** Of so many stores one is also compacted and collected. */
const upkeepEvery = 4;

/** Stores that are killed side by side. */
const lanes = 2;

/** Kills of each kind at least, of 200. */
const kindKillsMin = 5;

const kinds = [...controlKinds, ...upkeepKinds, ...actorKinds, "any moment"] as const;
type Kind = (typeof kinds)[number];

/** How often each kind comes up beside the others; 1 where left out. */
const weights: Readonly<Partial<Record<Kind, number>>> = {
  write: 2,
  journal: 2,
  commit: 2,
  compute: 2,
  // Most stores have none of these.
  compact: 4,
  collect: 4,
  "any moment": 3,
};

const timeout = 100_000 + kills * 2000;

test(
  `${kills} kills leave each an old or a new snapshot, and the next run ends it`,
  { timeout },
  async () => {
    await withSeed(async (seed) => {
      const random = seededRandom(seed);
      const counts = await countPoints();
      const tortures = Array.from({ length: Math.ceil(kills / killsPerStore) }, (_, index) => {
        const hasUpkeep = index % upkeepEvery === 1;
        const count = Math.min(killsPerStore, kills - index * killsPerStore);
        return {
          seed: random.below(2 ** 32),
          hasUpkeep,
          kinds: deck({ hasUpkeep, count }, random),
        };
      });
      const killed = new Map<Kind, number>(kinds.map((kind) => [kind, 0]));
      await inLanes(lanes, tortures, async (torture) => {
        for (const kind of await tortureStore(torture, counts)) {
          killed.set(kind, (killed.get(kind) ?? 0) + 1);
        }
      });
      const line = kinds.map((kind) => `${killed.get(kind)} ${kind}`).join(", ");
      process.stdout.write(`seed ${seed}: ${line}\n`);
      expect([...killed.values()].reduce((sum, count) => sum + count)).toBe(kills);
      for (const [kind, count] of killed) {
        expect(count, kind).toBeGreaterThanOrEqual(Math.min(kindKillsMin, Math.floor(kills / 40)));
      }
    });
  },
);

test("a store whose maker died is made by the next one", async () => {
  await using folder = await makeMemoryFolder("kill");
  const made = join(folder.path, "made");
  mkdirSync(made);
  const points = (await countOf({ project: made, from: 1, to: 0 })).get("make") ?? 0;
  expect(points).toBeGreaterThan(5);
  const deaths = Array.from({ length: points }, (_, index) => index + 1);
  await inLanes(lanes, deaths, async (nth) => {
    const project = join(folder.path, String(nth));
    mkdirSync(project);
    const plan = { kind: "make", nth, signal: "SIGKILL", delayMicros: 0 } as const;
    expect((await runVictim({ project, from: 1, to: 0, plan })).isKilled, `${nth}`).toBe(true);
    await storeHere(project, 1);
    await withFoundStore(project, (store) => auditVisible(store, { ended: 1, begun: 1 }));
    await auditUpkeep(project, 1);
  });
});

test("commits whose writers died right after them come back with a lost catalog", async () => {
  await using folder = await makeMemoryFolder("kill");
  const project = join(folder.path, "project");
  mkdirSync(project);
  const plan = { kind: "commit", nth: 3, signal: "SIGKILL", delayMicros: 0 } as const;
  for (const version of [1, 2, 3]) {
    expect(await runVictim({ project, from: version, to: version, plan })).toMatchObject({
      isKilled: true,
      begun: version,
    });
    await withFoundStore(project, (store) =>
      auditVisible(store, { ended: version, begun: version }),
    );
  }
  await runVictim({ project, from: 4, to: 4 });
  await auditRebuild(project, join(folder.path, "copy"), 4);
});

/** The kinds in the order in which they are drawn. */
function deck(
  of: { readonly hasUpkeep: boolean; readonly count: number },
  random: SeededRandom,
): readonly Kind[] {
  const upkeep: ReadonlySet<Kind> = new Set(upkeepKinds);
  const all = kinds
    .filter((kind) => of.hasUpkeep || !upkeep.has(kind))
    .flatMap((kind) => Array.from({ length: weights[kind] ?? 1 }, () => kind));
  return drawDeck(all, of.count, random);
}

/**
 * How many points of each kind a run passes that nobody kills: the second one, which has a base.
 */
async function countPoints(): Promise<ReadonlyMap<KillKind, number>> {
  await using folder = await makeMemoryFolder("kill");
  await runVictim({ project: folder.path, from: 1, to: 1 });
  return await countOf({ project: folder.path, from: 2, to: 2, hasUpkeep: true });
}

async function countOf(order: VictimOrder): Promise<ReadonlyMap<KillKind, number>> {
  const countsPath = join(order.project, "counts");
  await runVictim({ ...order, countsPath });
  return readCounts(countsPath);
}

interface Torture {
  readonly seed: number;
  /** Whether victims also compact, and collect garbage without any grace. */
  readonly hasUpkeep: boolean;
  readonly kinds: readonly Kind[];
}

/** Most victims that may get away for one that dies. */
const missesMax = 8;

/** Kills one store's writers one after the other, and answers the kinds of those that died. */
async function tortureStore(
  torture: Torture,
  counts: ReadonlyMap<KillKind, number>,
): Promise<readonly Kind[]> {
  await using folder = await makeMemoryFolder("kill");
  const project = join(folder.path, "project");
  mkdirSync(project);
  const random = seededRandom(torture.seed);
  const killed: Kind[] = [];
  const history: string[] = [];
  let stored = 0;
  try {
    for (const kind of torture.kinds) {
      for (let misses = 0; ; misses += 1) {
        if (misses > missesMax) throw new Error(`nobody died by '${kind}'`);
        const order: VictimOrder = {
          project,
          from: stored + 1,
          to: stored + 2,
          hasUpkeep: torture.hasUpkeep,
          ...deathOf(kind, counts, random),
        };
        const end = await runVictim(order);
        const { plan, killAfterMs } = order;
        history.push(JSON.stringify({ from: stored + 1, ...(plan ?? { killAfterMs }), ...end }));
        const ended = end.ended ?? stored;
        const begun = end.begun ?? stored;
        stored = await auditAfterDeath(project, { ended, begun }, random);
        if (!end.isKilled) continue;
        killed.push(kind);
        break;
      }
    }
    await runVictim({ project, from: stored + 1, to: stored + 1 });
    await withFoundStore(project, (store) => auditEnd(store, stored + 1));
    await auditRebuild(project, join(folder.path, "copy"), stored + 1);
    await auditUpkeep(project, stored + 1);
    return killed;
  } catch (error) {
    throw new Error(`${history.join("\n")}\n${String(error)}`, { cause: error });
  }
}

/** Longer than a run takes. */
const killAfterMsMax = 700;

/** Longer than any statement of these runs takes. */
const delayMicrosMax = 6000;

function deathOf(
  kind: Kind,
  counts: ReadonlyMap<KillKind, number>,
  random: SeededRandom,
): Pick<VictimOrder, "plan" | "killAfterMs"> {
  if (kind === "any moment") return { killAfterMs: random.below(killAfterMsMax) };
  const nth = 1 + random.below(counts.get(kind) ?? 1);
  return { plan: { kind, nth, signal: "SIGKILL", delayMicros: random.below(delayMicrosMax) } };
}

/** Answers the version that is stored. */
async function auditAfterDeath(
  project: string,
  progress: { readonly ended: number; readonly begun: number },
  random: SeededRandom,
): Promise<number> {
  const stored = await withFoundStore(project, async (store) => {
    const version = await auditVisible(store, progress);
    await auditJournals(store);
    // Else it stays behind, as it does where nobody looks.
    if (random.chance(0.5)) await auditRepairedViews(store, version);
    return version;
  });
  if (stored === null && progress.ended > 0) throw new Error("the catalog is gone");
  return stored ?? 0;
}

async function auditEnd(store: FoundStore, version: number): Promise<void> {
  await auditVisible(store, { ended: version, begun: version });
  await auditRepairedViews(store, version);
  await auditFiles(store);
  await auditManifests(store);
}
