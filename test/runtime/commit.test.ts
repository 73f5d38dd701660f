/** Commits: lost replies, others at the same time, stale attempts, and what is kept with a run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { HakiriError } from "../../src/core/error.ts";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import { commitTriesMax } from "../../src/runtime/actor/finish-run.ts";
import { compiledEnv } from "../actors/compiled.ts";
import { expectTables } from "./compare-tables.ts";
import { InlineActors } from "./inline-actors.ts";
import { pipelineOf, requestOf } from "./request.ts";
import { socketVariable, type SourceEvent } from "./sources/direction.ts";
import { livingTables, type World } from "./sources/world.ts";
import { storeOfTest, withViews, type TestStore } from "./test-store.ts";

const world: World = {
  seed: 2,
  version: 1,
  streams: ["a", "b", "c", "d"].map((name) => ({
    name,
    kind: "keyset",
    rows: 30,
    batchRows: 10,
    updates: 5,
    inserts: 5,
  })),
};

const pipelineFor = (stream: string, more: Partial<PipelineSpec> = {}): PipelineSpec =>
  pipelineOf([{ stream, incremental: "changed" }], { name: stream, ...more });

const endOf =
  (stream: string) =>
  (event: SourceEvent): boolean =>
    event.at === "next" && event.stream === stream && event.row === 30;

describe("a run whose thread dies after its commit", () => {
  test("has succeeded, and isn't done again", async () => {
    const runner = new InlineActors();
    const store = await storeOfTest(world, runner);
    const { derive } = store.store;
    const dying: typeof derive = async (commit) => {
      await derive(commit);
      // The reply finds nobody.
      runner.started.at(-1)?.kill();
    };
    const result = await store.run(pipelineFor("a"), {}, { store: { derive: dying } });
    expect(result).toMatchObject({ status: "succeeded", sequence: 1, attempts: 1, error: null });
    expect(result.report.tables).toMatchObject([{ table: "a", inserted: 30 }]);
    await expectTables(store, livingTables(store.director.world, "a"));
  });

  test("or whose views can't be written has succeeded too, and says so", async () => {
    const store = await storeOfTest(world);
    const full = { kind: "Permanent", code: "disk.full", message: "no room", hint: "" } as const;
    const notices: string[] = [];
    const result = await store.run(
      pipelineFor("a"),
      { progress: (tell) => void (tell.type === "notice" && notices.push(tell.text)) },
      { store: { derive: () => Promise.reject(new HakiriError(full)) } },
    );
    expect(result).toMatchObject({ status: "succeeded", sequence: 1 });
    expect(notices).toEqual(["the run is committed, but not yet in views.sql: no room"]);
    // The next commit makes up for it.
    await store.run(pipelineFor("b"));
    await expectTables(store, livingTables(store.director.world, "a", "b"));
  });
});

describe("two at the same time", () => {
  test("of one pipeline, in two processes: exactly one gets the claim", async () => {
    const store = await storeOfTest(world);
    const spec = pipelineFor("a");
    const id = await store.register(spec);
    const stop = store.director.stopAt(endOf("a"));
    const other = runElsewhere(store, id, spec);
    await stop.reached;
    await expect(store.run(spec)).rejects.toMatchObject({ code: "refused.claim_held" });
    stop.go();
    expect(await other).toMatchObject({ status: "succeeded", attempts: 1 });
    store.moveTo(2);
    expect(await store.run(spec)).toMatchObject({ status: "succeeded", sequence: 2 });
    await expectTables(store, livingTables(store.director.world, "a"));
  });

  test("of different pipelines: all commit, one after the other", async () => {
    const store = await storeOfTest(world);
    const names = ["a", "b", "c", "d"];
    const results = await Promise.all(names.map((name) => store.run(pipelineFor(name))));
    expect(results.map(({ sequence }) => sequence ?? 0).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 4,
    ]);
    await expectTables(store, livingTables(store.director.world, ...names));
  });

  test("on one table: the merge is computed anew against what the other appended", async () => {
    const store = await storeOfTest(world);
    const owner = pipelineFor("a", { shared: true });
    await store.run(owner);
    store.moveTo(2);
    const stop = store.director.stopAt(({ at }) => at === "encode");
    const merging = store.run(owner);
    await stop.reached;
    // Another pipeline appends every row of the same keys meanwhile.
    const appending = pipelineOf([{ stream: "b", table: "a", disposition: "append" }], {
      name: "b",
      shared: true,
    });
    expect(await store.run(appending)).toMatchObject({ status: "succeeded", sequence: 2 });
    stop.go();
    const merged = await merging;
    expect(merged).toMatchObject({ status: "succeeded", sequence: 3, attempts: 1 });
    const spans = await store.store.catalog.spans(merged.runId, 0);
    const commits = spans.filter(({ name }) => name === "commit").map(({ ok }) => ok);
    expect(commits).toEqual([false, true]);
    const [row] = await withViews(store.project, (query) =>
      query(
        "SELECT count(*)::VARCHAR AS n, count(*) FILTER (changed >= 20)::VARCHAR AS changed FROM a",
      ),
    );
    // Ten rows came again, five of them are new: they stand once, the other 25 keys twice.
    expect(row).toEqual({ n: String(10 + 25 * 2), changed: "8" });
  });

  test.each([
    ["all but one of its tries", commitTriesMax - 1],
    ["all its tries", commitTriesMax],
  ])("on one table, at %s", async (_, conflicts) => {
    const store = await storeOfTest(world);
    const { catalog } = store.store;
    const moved = {
      kind: "Permanent",
      code: "conflict.base_moved",
      message: "m",
      hint: "",
    } as const;
    let commits = 0;
    const apply: typeof catalog.apply = async (command, attachments) => {
      if (command.kind === "commit_snapshot") {
        commits += 1;
        if (commits <= conflicts) throw new HakiriError(moved);
      }
      return catalog.apply(command, attachments);
    };
    const moving = { store: { catalog: { ...catalog, apply } } };
    const result = await store.run(pipelineFor("a"), {}, moving);
    expect(commits).toBe(commitTriesMax);
    if (conflicts < commitTriesMax) {
      expect(result).toMatchObject({ status: "succeeded", sequence: 1, attempts: 1 });
      return;
    }
    expect(result).toMatchObject({
      status: "partial_failure",
      error: { code: "conflict.base_moved", kind: "Transient" },
    });
    // What it read is kept: the next run only commits.
    const opens = store.director.count(({ at }) => at === "open");
    expect(await store.run(pipelineFor("a"))).toMatchObject({ status: "succeeded", attempts: 2 });
    expect(store.director.count(({ at }) => at === "open")).toBe(opens);
  });
});

/** Runs a pipeline in a process of its own, and answers what it printed. */
async function runElsewhere(store: TestStore, id: string, spec: PipelineSpec): Promise<unknown> {
  const entry = fileURLToPath(new URL("./fixtures/run-process.ts", import.meta.url));
  const child = spawn(process.execPath, [entry, store.project, id, JSON.stringify(spec)], {
    env: { ...compiledEnv, [socketVariable]: store.director.socketPath },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [printed] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return JSON.parse(printed) as unknown;
}

describe("an attempt that goes on after a newer grant", () => {
  test("changes nothing: not the data, not the run, no file of the other", async () => {
    const runner = new InlineActors();
    const store = await storeOfTest(world, runner);
    const spec = pipelineFor("a");
    const encodes = ({ at }: SourceEvent): boolean => at === "encode";
    const stop = store.director.stopAt(encodes);
    const run = store.run(spec);
    await stop.reached;
    // It is given up on, but goes on, as a thread does that nothing ends.
    runner.started[0]?.kill();
    const result = await run;
    expect(result).toMatchObject({ status: "succeeded", attempts: 2, sequence: 1 });
    const before = filesOf(store);
    stop.go();
    await store.director.eventually(({ at }) => at === "close", 2);
    await expectTables(store, livingTables(store.director.world, "a"));
    expect((await store.store.catalog.head()).sequence).toBe(1);
    for (const file of before) expect(filesOf(store)).toContain(file);
    const [stale] = runner.started;
    expect(stale?.id).toMatch(/^run\.[0-9a-z]{26}\.\d+$/u);
  });

  test("of another process can't commit, and its run's record is the other's", async () => {
    const store = await storeOfTest(world);
    const spec = pipelineFor("a");
    const stop = store.director.stopAt(endOf("a"));
    const run = store.run(spec);
    await stop.reached;
    const [record] = await store.store.catalog.runs({
      pipelineId: await store.register(spec),
      beforeRunId: null,
      limit: 1,
    });
    // As if the claim had been lost, and somebody else granted the pipeline.
    const now = store.store.clock.nowMicros();
    await store.store.catalog.apply<"claim_run">({
      kind: "claim_run",
      version: 1,
      pipelineId: record?.pipelineId ?? "",
      runId: "0".repeat(26),
      resumeKey: "another",
      resumeParts: {},
      resumableSince: "0",
      what: "run",
      at: String(now),
      deadlineAt: String(now + 60_000_000n),
    });
    stop.go();
    expect(await run).toMatchObject({ status: "failed", error: { code: "run.owner_lost" } });
    expect((await store.store.catalog.head()).sequence).toBe(0);
    expect(await store.store.catalog.run("0".repeat(26))).toMatchObject({
      state: { kind: "running" },
    });
  });
});

function filesOf({ project }: TestStore): readonly string[] {
  const folder = join(project, ".hakiri/runs");
  return readdirSync(folder, { recursive: true }).map(String).toSorted();
}

describe("the trace of a run", () => {
  test("is kept with it: the run, its streams, and their batches", async () => {
    const store = await storeOfTest(world);
    const limits = { ...requestOf("", pipelineFor("a")).limits, batchRowsMax: 10 };
    const { runId } = await store.run(pipelineFor("a"), { limits });
    const spans = await store.store.catalog.spans(runId, 0);
    const root = spans.find(({ parentId }) => parentId === null);
    expect(root).toMatchObject({
      name: `run.${runId}`,
      ok: true,
      attributes: { pipeline: "a", status: "succeeded", attempts: 1 },
    });
    const stream = spans.find(({ name }) => name === "stream");
    expect(stream).toMatchObject({
      parentId: root?.spanId,
      attributes: { stream: "a", partition: "", rows: 30, batches: 3 },
    });
    const batches = spans.filter(({ name }) => name === "batch");
    expect(batches.map(({ attributes }) => attributes)).toMatchObject([
      { number: 0, rows: 10 },
      { number: 1, rows: 10 },
      { number: 2, rows: 10 },
    ]);
    for (const batch of batches) expect(batch.parentId).toBe(stream?.spanId);
    for (const { startedAt, endedAt } of spans) {
      expect(BigInt(endedAt)).toBeGreaterThanOrEqual(BigInt(startedAt));
    }
  });
});
