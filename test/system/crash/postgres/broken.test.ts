/**
 * Whole runs over a real Postgres whose connections break: cut and silent ones, a session that is
 * lost while reads go on, a server that is restarted. A run goes on by the retry policy, or ends as
 * what may pass, and never mixes two states of the source, which moves on at each break.
 */
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../../src/cli/exit-code.ts";
import { HakiriError } from "../../../../src/core/error.ts";
import { attemptsMax } from "../../../../src/core/retry.ts";
import { nodeFilesystem } from "../../../../src/platform/node-filesystem.ts";
import { systemRandom } from "../../../../src/platform/system-random.ts";
import { openSource } from "../../../../src/profiles/engine/connectors.ts";
import { openStore } from "../../../../src/profiles/engine/open-store.ts";
import type { RunResult } from "../../../../src/runtime/control/run-pipeline.ts";
import { compiledEnv } from "../../../actors/compiled.ts";
import {
  startProxy,
  type ProxyOptions,
  type TcpProxy,
} from "../../../connectors/postgres/tcp-proxy.ts";
import { seededRandom, withSeed, type SeededRandom } from "../../../platform/seeded-random.ts";
import { startPostgres, type Postgres } from "../../servers/postgres.ts";
import { withFoundStore } from "../audit.ts";
import { inProcessPlace } from "../in-process-actors.ts";
import { makeMemoryFolder } from "../memory-folder.ts";
import { sumsByViews } from "./shop-audit.ts";
import {
  connectShop,
  makeShop,
  makeShopTemplate,
  type ShopDatabase,
  type ShopSums,
} from "./shop-database.ts";
import { runShop } from "./shop-run.ts";
import { shopPipeline, shopTables, type ShopSource, type ShopTable } from "./shop.ts";

/** More than in CI: `npm run torture` sets it. */
const rounds = Math.ceil(Number(process.env["HAKIRI_TORTURE_KILLS"] ?? 200) / 50);

let server: Postgres;

beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: "off" } });
  await makeShopTemplate(server);
});

afterAll(() => server?.stop());

/** A store, a database, and runs in this process, whose retries follow at once. */
interface Bench extends AsyncDisposable {
  readonly proxy: TcpProxy;
  run(): Promise<RunResult & { readonly notices: readonly string[] }>;
  /** What `views.sql` shows. */
  seen(): Promise<ShopSums | null>;
}

type BenchOptions = Omit<ShopSource, "port"> & ProxyOptions;

async function openBench({ budgetOf, ...source }: BenchOptions): Promise<Bench> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await makeMemoryFolder("broken"));
  const options = budgetOf === undefined ? {} : { budgetOf };
  const proxy = opened.use(await startProxy(server, options));
  const spec = shopPipeline({ ...source, port: proxy.port });
  const store = await openStore(folder.path, "create");
  opened.defer(() => store.close());
  const random = { ...systemRandom, fraction: () => 0 };
  const place = inProcessPlace({ openSource, openFilesystem: nodeFilesystem, random });
  const owned = opened.move();
  return {
    proxy,
    run: async () => {
      const notices: string[] = [];
      const result = await runShop({ ...store, random }, place, spec, (tell) => {
        if (tell.type === "notice") notices.push(tell.text);
      });
      return { ...result, notices };
    },
    seen: async () =>
      (await withFoundStore(folder.path, (found) => sumsByViews(found, source.tables))) ?? null,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Breaks what the run stands on; resolves once it can go on. */
type Break = (proxy: TcpProxy, moveOn: () => Promise<void>) => Promise<void>;

const breaks: Readonly<Record<string, Break>> = {
  "whose connections are cut": (proxy, moveOn) => {
    const moved = moveOn();
    proxy.cut(moved);
    return moved;
  },
  "whose session is lost while reads go on": async (_, moveOn) => {
    await moveOn();
    await server.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
        "WHERE state = 'idle in transaction' AND query LIKE '%pg_export_snapshot%'",
    );
  },
  "whose server is restarted": (proxy, moveOn) => {
    const moved = server.restart().then(moveOn);
    proxy.cut(moved);
    return moved;
  },
};

describe("a run", () => {
  test.each(Object.entries(breaks))(
    "%s shows one state of what it replaces, and loses nothing",
    { timeout: 60_000 + rounds * 20_000 },
    async (what, breakIt) => {
      await withSeed(async (seed) => {
        const database = what.replaceAll(/\W/gu, "_");
        await using made = await makeShop(server, database);
        await made.advance(1);
        await using bench = await openBench({ database });
        expect(await bench.run()).toMatchObject({ status: "succeeded" });
        const random = seededRandom(seed);
        const attempts: number[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const version = 2 + 2 * round;
          attempts.push(await breakRound({ database, version, bench, random }, breakIt));
        }
        expect(Math.max(...attempts)).toBeGreaterThan(1);
      });
    },
  );
});

interface Round {
  readonly database: string;
  /** That the run begins with. */
  readonly version: number;
  readonly bench: Bench;
  readonly random: SeededRandom;
}

/** About what a run gets from the server. */
const bytesMax = 200_000;

/** Breaks one run; answers its attempts. */
async function breakRound(round: Round, breakIt: Break): Promise<number> {
  const { database, version, bench, random } = round;
  const within = async <T>(use: (shop: ShopDatabase) => Promise<T>): Promise<T> => {
    await using shop = await connectShop(server, database);
    return await use(shop);
  };
  const moveOn = (): Promise<void> => within((shop) => shop.advance(version + 1));
  await within((shop) => shop.advance(version));
  const broken = Promise.withResolvers<void>();
  bench.proxy.oncePassed(1 + random.below(bytesMax), () => {
    breakIt(bench.proxy, moveOn).then(broken.resolve, broken.reject);
  });
  const { status, attempts, error, notices } = await bench.run();
  expect({ status, error, notices }).toMatchObject({ status: "succeeded" });
  const isBroken = await within(({ client }) => client.query("SELECT version FROM state")).then(
    ({ rows }) => (rows as readonly { readonly version: number }[])[0]?.version !== version,
  );
  if (isBroken) await broken.promise;
  else await moveOn();
  const [before, after] = await within(async ({ sumsAt }) => [
    await sumsAt(version),
    await sumsAt(version + 1),
  ]);
  expectOneState(await bench.seen(), [before, after]);
  expect(await bench.run()).toMatchObject({ status: "succeeded" });
  expect(await bench.seen()).toEqual(after);
  return attempts;
}

/** What is replaced is of one version in all tables; each other table is of one, too. */
function expectOneState(seen: ShopSums | null, versions: readonly (ShopSums | undefined)[]): void {
  const of = (names: readonly string[], sums: ShopSums | null | undefined): readonly unknown[] =>
    names.map((name) => sums?.get(name));
  const names = (replaced: boolean): readonly string[] =>
    shopTables
      .filter(({ disposition }) => (disposition === "replace") === replaced)
      .map(({ name }) => name);
  expect(versions.map((sums) => of(names(true), sums))).toContainEqual(of(names(true), seen));
  for (const name of names(false)) {
    expect(versions.map((sums) => of([name], sums))).toContainEqual(of([name], seen));
  }
}

describe("connections that are cut or fall silent after so many bytes", () => {
  test("cost a run attempts, as long as there are fewer than it has", async () => {
    await withSeed(async (seed) => {
      const random = seededRandom(seed);
      for (let round = 0; round < Math.min(rounds, 20); round += 1) {
        const database = `bad_${round}`;
        await using shop = await makeShop(server, database);
        await shop.advance(1);
        const bad = attemptsMax - 1;
        await using bench = await openBench({
          database,
          settings: { read_timeout: "1s", connect_timeout: 1 },
          budgetOf: (connection) =>
            connection > bad
              ? null
              : { bytes: random.below(60_000), ending: random.chance(0.6) ? "cut" : "stall" },
        });
        const { status, error, notices } = await bench.run();
        expect({ status, error, notices }).toMatchObject({ status: "succeeded", error: null });
        expect(await bench.seen()).toEqual(await shop.sums());
      }
    });
  });

  test.each(["cut", "stall"] as const)(
    "end it as what may pass where all of them do: %s",
    async (ending) => {
      const database = `always_${ending}`;
      await using shop = await makeShop(server, database);
      await shop.advance(1);
      let isBad = false;
      await using bench = await openBench({
        database,
        tables: named("accounts", "mirror", "stamp"),
        settings: { read_timeout: "1s", connect_timeout: 1 },
        // Enough to begin, and not for a table.
        budgetOf: () => (isBad ? { bytes: 40_000, ending } : null),
      });
      expect(await bench.run()).toMatchObject({ status: "succeeded" });
      const before = await bench.seen();
      await shop.advance(2);
      isBad = true;
      bench.proxy.cut();
      const { status, error, attempts } = await bench.run();
      expect({ status, attempts }).toEqual({ status: "partial_failure", attempts: attemptsMax });
      expect(error).toMatchObject({ kind: "Transient" });
      if (error !== null) expect(exitCodeOf(HakiriError.fromRecord(error))).toBe(6);
      expect(await bench.seen()).toEqual(before);
      isBad = false;
      expect(await bench.run()).toMatchObject({ status: "succeeded" });
      expect(await bench.seen()).toEqual(await shop.sums(named("accounts", "mirror", "stamp")));
    },
  );

  test("don't keep a read in the order of its cursor from its end, piece by piece", async () => {
    await using shop = await makeShop(server, "pieces");
    await shop.advance(1);
    let isBad = false;
    await using bench = await openBench({
      database: "pieces",
      tables: named("ledger"),
      settings: { split: 1 },
      budgetOf: () => (isBad ? { bytes: 30_000, ending: "cut" } : null),
    });
    expect(await bench.run()).toMatchObject({ status: "succeeded" });
    for (let version = 2; version < 25; version += 1) await shop.advance(version);
    isBad = true;
    const before = { bytes: bench.proxy.passed, connections: bench.proxy.connections };
    expect(await bench.run()).toMatchObject({ status: "succeeded", attempts: 1 });
    expect(await bench.seen()).toEqual(await shop.sums(named("ledger")));
    // More breaks than any single place has attempts, and little was read twice.
    expect(bench.proxy.connections - before.connections).toBeGreaterThan(attemptsMax);
    const { rows } = await shop.client.query<{ bytes: string }>(
      "SELECT sum(pg_column_size(l)) AS bytes FROM ledger l",
    );
    expect(bench.proxy.passed - before.bytes).toBeLessThan(2 * Number(rows[0]?.bytes));
  });
});

const named = (...names: readonly string[]): readonly ShopTable[] =>
  shopTables.filter(({ name }) => names.includes(name));

describe("hakiri itself", () => {
  test("ends with exit code 6 after its last attempt, and the old rows stay", async () => {
    await using shop = await makeShop(server, "program");
    await shop.advance(1);
    let isBad = false;
    const budgetOf = () => (isBad ? ({ bytes: 40_000, ending: "cut" } as const) : null);
    await using proxy = await startProxy(server, { budgetOf });
    await using folder = await makeMemoryFolder("program");
    const cwd = join(folder.path, "project");
    mkdirSync(cwd);
    const uri = `postgres://postgres@127.0.0.1:${proxy.port}/program?table=accounts`;
    const count = ["query", "--format", "csv", "SELECT count(*) FROM accounts"];
    expect(await hakiri(cwd, ["ingest", uri])).toMatchObject({ code: 0 });
    const before = await hakiri(cwd, count);
    await shop.advance(2);
    isBad = true;
    const { code, stdout } = await hakiri(cwd, ["ingest", uri, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: "Transient" } });
    expect(code).toBe(6);
    expect(await hakiri(cwd, count)).toEqual(before);
    isBad = false;
    expect(await hakiri(cwd, ["ingest", uri])).toMatchObject({ code: 0 });
  });

  test("goes on after the server was restarted in the middle", async () => {
    await using shop = await makeShop(server, "restarted");
    await shop.advance(1);
    await using proxy = await startProxy(server);
    await using folder = await makeMemoryFolder("program");
    const cwd = join(folder.path, "project");
    mkdirSync(cwd);
    const uri = `postgres://postgres@127.0.0.1:${proxy.port}/restarted`;
    const restarted = Promise.withResolvers<void>();
    proxy.oncePassed(100_000, () => {
      server.restart().then(restarted.resolve, restarted.reject);
    });
    expect(await hakiri(cwd, ["ingest", uri])).toMatchObject({ code: 0 });
    await restarted.promise;
    await using again = await connectShop(server, "restarted");
    const seen = await withFoundStore(cwd, (store) => sumsByViews(store));
    expect(seen).toEqual(await again.sums());
  });
});

const program = fileURLToPath(new URL("../../../../src/profiles/full.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

async function hakiri(cwd: string, args: readonly string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, ...compiledEnv };
  const child = execFile(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", program, ...args],
    { cwd, env },
    (_, stdout) => resolve({ code: child.exitCode, stdout }),
  );
  return promise;
}
