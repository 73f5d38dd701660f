/**
 * Kill -9 of runs that read seven tables of a real Postgres, at points drawn from a seed: after
 * each kill readers see exactly one version of the source in all tables, the one before the run or
 * the run's own, and the next run ends it.
 */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom, withSeed, type SeededRandom } from "../../../platform/seeded-random.ts";
import { startPostgres, type Postgres } from "../../servers/postgres.ts";
import {
  auditFiles,
  auditJournals,
  auditManifests,
  withFoundStore,
  type FoundStore,
} from "../audit.ts";
import { drawDeck, readCounts } from "../kill-deck.ts";
import { actorKinds, controlKinds, type KillKind } from "../kill-switch.ts";
import { inLanes } from "../lanes.ts";
import type { VictimEnd } from "../victim-process.ts";
import { shownVersion, sumsByRepairedViews, sumsByViews, sumsNow } from "./shop-audit.ts";
import { makeShop, makeShopTemplate, type ShopDatabase } from "./shop-database.ts";
import { openLane, type Lane } from "./shop-lane.ts";

/** More than in CI: `npm run torture` sets it. */
const kills = Number(process.env["HAKIRI_TORTURE_KILLS"] ?? 200);

/** Kills of one store, so that none gets long. */
const killsPerStore = 25;

/** Stores that are killed side by side. */
const lanes = 2;

const kinds = [...controlKinds, ...actorKinds, "any moment", "bytes"] as const;
type Kind = (typeof kinds)[number];

/** How often each kind comes up beside the others; 1 where left out. */
const weights: Readonly<Partial<Record<Kind, number>>> = {
  commit: 2,
  extract: 2,
  journal: 2,
  "any moment": 3,
  bytes: 5,
};

let server: Postgres;

beforeAll(async () => {
  // What a crash of the machine would lose isn't asked for here.
  server = await startPostgres({ settings: { fsync: "off" } });
  await makeShopTemplate(server);
});

// Undefined when the start failed, which is what to report.
afterAll(() => server?.stop());

test(
  `${kills} kills over a database leave each an old or a new snapshot, and the next run ends it`,
  { timeout: 100_000 + kills * 4000 },
  async () => {
    await withSeed(async (seed) => {
      const random = seededRandom(seed);
      const measures = await measureRun();
      const tortures = Array.from({ length: Math.ceil(kills / killsPerStore) }, (_, index) => ({
        name: `shop_${index}`,
        seed: random.below(2 ** 32),
        kinds: drawDeck(deck, Math.min(killsPerStore, kills - index * killsPerStore), random),
      }));
      const killed = new Map<Kind, number>(kinds.map((kind) => [kind, 0]));
      await inLanes(lanes, tortures, async (torture) => {
        for (const kind of await tortureShop(torture, measures)) {
          killed.set(kind, (killed.get(kind) ?? 0) + 1);
        }
      });
      const line = kinds.map((kind) => `${killed.get(kind)} ${kind}`).join(", ");
      process.stdout.write(`seed ${seed}: ${line}\n`);
      expect([...killed.values()].reduce((sum, count) => sum + count)).toBe(kills);
      for (const [kind, count] of killed) {
        expect(count, kind).toBeGreaterThanOrEqual(Math.floor(kills / 50));
      }
    });
  },
);

/** Each kind as often as its weight says. */
const deck: readonly Kind[] = kinds.flatMap((kind) =>
  Array.from({ length: weights[kind] ?? 1 }, () => kind),
);

/** Of a run that nobody kills: the second one, which has a base. */
interface RunMeasures {
  readonly points: ReadonlyMap<KillKind, number>;
  /** What the server sends. */
  readonly bytes: number;
}

async function measureRun(): Promise<RunMeasures> {
  await using lane = await openShopLane("shop_measured");
  await lane.shop.advance(1);
  await lane.run({ from: 1, to: 1 }, {}).exited;
  await lane.shop.advance(2);
  const before = lane.proxy.passed;
  const countsPath = join(lane.project, "counts");
  await lane.run({ from: 2, to: 2 }, { countsPath }).exited;
  return { points: readCounts(countsPath), bytes: lane.proxy.passed - before };
}

interface Torture {
  readonly name: string;
  readonly seed: number;
  readonly kinds: readonly Kind[];
}

/** Most victims that may get away for one that dies. */
const missesMax = 12;

/** Kills one store's writers one after the other, and answers the kinds of those that died. */
async function tortureShop(torture: Torture, measures: RunMeasures): Promise<readonly Kind[]> {
  await using lane = await openShopLane(torture.name);
  const random = seededRandom(torture.seed);
  const killed: Kind[] = [];
  const history: string[] = [];
  let stored = 0;
  let source = 0;
  const runOnce = async (kind: Kind | null): Promise<VictimEnd> => {
    if (stored === source) await lane.shop.advance((source += 1));
    const end = await (kind === null
      ? lane.run({ from: source, to: source }, {}).exited
      : killBy(kind, { lane, version: source, measures, random }));
    history.push(`${kind ?? "nothing"}: ${JSON.stringify(end)}`);
    expect(end.failures).toEqual([]);
    const progress = { before: stored, isEnded: end.ended === source };
    stored = await auditAfterDeath(lane, { ...progress, source }, random);
    return end;
  };
  try {
    for (const kind of torture.kinds) {
      let misses = 0;
      while (!(await runOnce(kind)).isKilled) {
        misses += 1;
        if (misses > missesMax) throw new Error(`nobody died by '${kind}'`);
      }
      killed.push(kind);
    }
    await runOnce(null);
    expect(stored).toBe(source);
    await withFoundStore(lane.project, (store) => auditEnd(store, lane.shop));
    return killed;
  } catch (error) {
    throw new Error(`${history.join("\n")}\n${String(error)}`, { cause: error });
  }
}

/** A store and the database it reads. */
interface ShopLane extends Lane {
  readonly shop: ShopDatabase;
}

async function openShopLane(database: string): Promise<ShopLane> {
  await using opened = new AsyncDisposableStack();
  const shop = opened.use(await makeShop(server, database));
  const lane = opened.use(await openLane(server, { database }));
  const owned = opened.move();
  return { ...lane, shop, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Longer than a run takes. */
const killAfterMsMax = 1000;

/** Longer than any statement of these runs takes. */
const delayMicrosMax = 6000;

interface Killing {
  readonly lane: ShopLane;
  readonly version: number;
  readonly measures: RunMeasures;
  readonly random: SeededRandom;
}

async function killBy(
  kind: Kind,
  { lane, version, measures, random }: Killing,
): Promise<VictimEnd> {
  const rounds = { from: version, to: version };
  switch (kind) {
    case "any moment":
      return lane.run(rounds, { killAfterMs: random.below(killAfterMsMax) }).exited;
    case "bytes": {
      const victim = lane.run(rounds, {});
      lane.proxy.oncePassed(1 + random.below(measures.bytes), () => victim.kill());
      return victim.exited;
    }
    default: {
      const nth = 1 + random.below(measures.points.get(kind) ?? 1);
      const delayMicros = random.below(delayMicrosMax);
      return lane.run(rounds, { plan: { kind, nth, signal: "SIGKILL", delayMicros } }).exited;
    }
  }
}

interface Progress {
  /** The version that was stored before, and the one that the source is at. */
  readonly before: number;
  readonly source: number;
  /** Whether the writer said that it stored the source's. */
  readonly isEnded: boolean;
}

/** Answers the version that is stored. */
async function auditAfterDeath(
  { project, shop }: ShopLane,
  { before, source, isEnded }: Progress,
  random: SeededRandom,
): Promise<number> {
  const { sumsAt } = shop;
  const stored = await withFoundStore(project, async (store) => {
    const may = isEnded ? [source] : [before, source];
    const version = await shownVersion(await sumsNow(store), may, sumsAt);
    const older = Array.from({ length: version + 1 }, (_, index) => version - index);
    await shownVersion(await sumsByViews(store), older, sumsAt);
    await auditJournals(store);
    // Else it stays behind, as it does where nobody looks.
    if (random.chance(0.5)) {
      await shownVersion(await sumsByRepairedViews(store), [version], sumsAt);
    }
    return version;
  });
  if (stored === null && (isEnded || before > 0)) throw new Error("the catalog is gone");
  return stored ?? 0;
}

/** What the server says of its tables itself is what everyone finds. */
async function auditEnd(store: FoundStore, shop: ShopDatabase): Promise<void> {
  const sums = await shop.sums();
  expect(await sumsNow(store)).toEqual(sums);
  expect(await sumsByRepairedViews(store)).toEqual(sums);
  await auditFiles(store);
  await auditManifests(store);
}
