/**
 * Kill -9 of runs over a real Postgres that others write to all the time, which is also restarted
 * in the middle: every snapshot shows one state of the source in all tables that are replaced, and
 * nothing that a cursor goes by is lost or comes twice.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom, withSeed, type SeededRandom } from "../../../platform/seeded-random.ts";
import { waitUntil } from "../../servers/deadline.ts";
import { startPostgres, type Postgres } from "../../servers/postgres.ts";
import { withFoundStore } from "../audit.ts";
import { actorKinds, controlKinds } from "../kill-switch.ts";
import { inLanes } from "../lanes.ts";
import type { Death, VictimEnd } from "../victim-process.ts";
import { catalogViews, storedViews } from "../reader.ts";
import { auditState, sumsByRepairedViews, sumsNow } from "./shop-audit.ts";
import { connectShop, makeShop, makeShopTemplate, type ShopDatabase } from "./shop-database.ts";
import { openLane, type Lane } from "./shop-lane.ts";
import { startWriters } from "./shop-writers.ts";
import { shopTables } from "./shop.ts";

/** More than in CI: `npm run torture` sets it. */
const kills = Math.ceil(Number(process.env["HAKIRI_TORTURE_KILLS"] ?? 200) / 5);

/** Of so many kills there is one restart of the server. */
const killsPerRestart = 25;

/** By number, and nothing says which of those are still to be committed: another's test. */
const tables = shopTables.filter(({ name }) => name !== "ledger");

/** Each with a store of its own over the same database. */
const settings = [
  { late_commits: "hold_back" },
  // Longer than any transaction of the writers is open.
  { late_commits: "lag", lag: "60s" },
] as const;

let server: Postgres;

beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: "off" } });
  await makeShopTemplate(server);
});

afterAll(() => server?.stop());

test(
  `${kills} kills over a database that is written to leave one state of it`,
  { timeout: 200_000 + kills * 6000 },
  async () => {
    await withSeed(async (seed) => {
      const random = seededRandom(seed);
      await makeBusyShop();
      await using opened = new AsyncDisposableStack();
      const lanes: Lane[] = [];
      for (const each of settings) {
        lanes.push(
          opened.use(await openLane(server, { database: "busy", settings: each, tables })),
        );
      }
      const writers = startWriters(server, "busy", seededRandom(random.below(2 ** 32)));
      const restarts = Math.ceil(kills / killsPerRestart);
      const tallies: Tally[] = [];
      const pieces = lanes.map((lane, index) => ({
        lane,
        kills: Math.ceil((kills - index) / lanes.length),
        // The other one meets it by surprise.
        restarts: index === 0 ? restarts : 0,
        random: seededRandom(random.below(2 ** 32)),
      }));
      try {
        await inLanes(lanes.length, pieces, async (piece) => {
          tallies.push(await tortureLane(piece));
        });
      } finally {
        await writers.stop();
      }
      await using shop = await connectShop(server, "busy");
      await untilAlone(shop);
      for (const { project, run } of lanes) {
        // The first one goes on from what the last killed one left, which may be older.
        expect(await run({ from: 1, to: 2 }, {}).exited).toMatchObject({ ended: 2, failures: [] });
        await withFoundStore(project, async (store) => {
          const sums = await shop.sums(tables);
          expect(await sumsNow(store, tables)).toEqual(sums);
          expect(await sumsByRepairedViews(store, tables)).toEqual(sums);
        });
      }
      const line = tallies.map((tally) => JSON.stringify(tally)).join(" and ");
      process.stdout.write(`seed ${seed}: ${writers.done} writes, ${restarts} restarts; ${line}\n`);
      for (const { snapshots } of tallies) expect(snapshots).toBeGreaterThan(kills / 16);
    });
  },
);

async function makeBusyShop(): Promise<void> {
  await using shop = await makeShop(server, "busy");
  await shop.advance(1);
}

/** What a killed run left at the server ends by itself; until then it holds rows back. */
async function untilAlone({ client }: ShopDatabase): Promise<void> {
  await waitUntil("nobody else to be connected", async () => {
    const { rows } = await client.query<{ others: string }>(
      "SELECT count(*) AS others FROM pg_stat_activity WHERE datname = current_database() " +
        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
    );
    return rows[0]?.others === "0";
  });
}

interface LaneTorture {
  readonly lane: Lane;
  readonly kills: number;
  readonly restarts: number;
  readonly random: SeededRandom;
}

/** What became of a lane's runs. */
interface Tally {
  kills: number;
  snapshots: number;
  /** Runs that had no luck with a server that was restarted. */
  failures: number;
}

/** Runs of one victim; most victims that may get away for one that dies. */
const roundsMax = 3;
const missesMax = 12;

async function tortureLane({ lane, kills: wanted, restarts, random }: LaneTorture): Promise<Tally> {
  const tally: Tally = { kills: 0, snapshots: 0, failures: 0 };
  const history: string[] = [];
  const see = async (what: string, ended: Promise<VictimEnd>): Promise<void> => {
    const end = await ended;
    history.push(`${what}: ${JSON.stringify(end)}`);
    for (const failure of end.failures) expect(failure).toMatch(/^Transient:/u);
    tally.failures += end.failures.length;
    if (end.isKilled) tally.kills += 1;
    tally.snapshots = await auditSnapshots(lane.project, tally.snapshots);
  };
  const rounds = { from: 1, to: roundsMax };
  try {
    for (let restart = 0; restart <= restarts; restart += 1) {
      const until = Math.floor((wanted * (restart + 1)) / (restarts + 1));
      for (let misses = 0; tally.kills < until;) {
        const before = tally.kills;
        const { what, death, bytes } = drawDeath(random);
        const victim = lane.run(rounds, death);
        if (bytes !== null) lane.proxy.oncePassed(bytes, () => victim.kill());
        await see(what, victim.exited);
        misses = tally.kills === before ? misses + 1 : 0;
        if (misses > missesMax) throw new Error("nobody dies any more");
      }
      if (restart < restarts) await restartWithin(lane, { random, see });
    }
    return tally;
  } catch (error) {
    throw new Error(`${history.join("\n")}\n${String(error)}`, { cause: error });
  }
}

/** About what a few runs get from the server, and how long they take. */
const bytesMax = 900_000;
const killAfterMsMax = 3000;
const nthMax = 30;

interface DrawnDeath {
  readonly what: string;
  readonly death: Death;
  /** Of the server's, after which it is killed from outside. */
  readonly bytes: number | null;
}

function drawDeath(random: SeededRandom): DrawnDeath {
  const kinds = [...controlKinds, ...actorKinds];
  const kind = kinds[random.below(3 * kinds.length)];
  if (kind !== undefined) {
    const nth = 1 + random.below(nthMax);
    const plan = { kind, nth, signal: "SIGKILL", delayMicros: random.below(6000) } as const;
    return { what: `${kind} ${nth}`, death: { plan }, bytes: null };
  }
  if (random.chance(0.5)) {
    const bytes = 1 + random.below(bytesMax);
    return { what: `${bytes} bytes`, death: {}, bytes };
  }
  const killAfterMs = random.below(killAfterMsMax);
  return { what: `${killAfterMs} ms`, death: { killAfterMs }, bytes: null };
}

interface Seeing {
  readonly random: SeededRandom;
  readonly see: (what: string, ended: Promise<VictimEnd>) => Promise<void>;
}

/** Restarts the server while a run reads, which goes on with the new one, or fails for now. */
async function restartWithin(lane: Lane, { random, see }: Seeing): Promise<void> {
  const bytes = 1 + random.below(bytesMax / roundsMax);
  const restarted = Promise.withResolvers<void>();
  const victim = lane.run({ from: 1, to: roundsMax }, {});
  lane.proxy.oncePassed(bytes, () => {
    server.restart().then(restarted.resolve, restarted.reject);
  });
  await see(`restart after ${bytes} bytes`, victim.exited);
  await restarted.promise;
}

/** Audits the snapshots after the last that was, and `views.sql`; answers the newest. */
async function auditSnapshots(project: string, audited: number): Promise<number> {
  const newest = await withFoundStore(project, async ({ catalog }) => {
    const { sequence } = await catalog.head();
    for (let each = audited + 1; each <= sequence; each += 1) {
      await auditState(project, await catalogViews(catalog, each));
    }
    const views = storedViews(project);
    if (views !== "") await auditState(project, views);
    return sequence;
  });
  return newest ?? 0;
}
