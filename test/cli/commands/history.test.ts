/** What the commands that look back say of two runs, one of which failed. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { childrenShownMax } from "../../../src/cli/commands/history/trace.ts";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import { pipelineOf, testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
let runId: string;

beforeAll(async () => {
  project = await testProject({
    "orders.csv": "id,price\n1,10\n2,20\n",
    "pipelines/never.toml": pipelineOf('path = "never.csv"'),
    "pipelines/broken.toml": "connector = 1\n",
  });
  const done = await project.document(0, "ingest", "orders.csv");
  ({ run_id: runId } = done as { run_id: string });
  await project.write("orders.csv", "id,price\nx,10\n");
  await project.document(4, "run", "orders");
}, 60_000);
afterAll(() => project.remove());

describe("runs", () => {
  test("lists the newest first, with errors and tables", async () => {
    expect(await project.document(0, "runs")).toMatchObject({
      runs: [
        {
          pipeline: "orders",
          status: "failed",
          snapshot_id: null,
          error: { kind: "SchemaIncompatible" },
        },
        {
          run_id: runId,
          pipeline: "orders",
          what: "run",
          status: "succeeded",
          snapshot_id: 1,
          attempts: 1,
          tables: [{ table: "orders", rows: 2 }],
        },
      ],
    });
  });

  test("can be of one pipeline, and so many", async () => {
    const one = await project.document(0, "runs", "--pipeline", "orders", "--limit", "1");
    expect(one).toMatchObject({ runs: [{ status: "failed" }] });
    expect(one).not.toMatchObject({ runs: [{}, {}] });
    expect(await project.document(0, "runs", "--pipeline", "never")).toEqual({ runs: [] });
    expect(await project.document(2, "runs", "--pipeline", "ordrs")).toMatchObject({
      error: { hint: "did you mean 'orders'?" },
    });
  });

  test("as a table says the same", async () => {
    const { out } = await project.type("runs");
    expect(out).toMatch(/│ orders {3}│ succeeded │ {8}1 │ {4}2 │ .* │ [0-9a-z]{26} │ run/u);
  });

  test("of a folder without a store says how to begin", async () => {
    const empty = await testProject();
    const { exitCode, err } = await empty.type("runs");
    await empty.remove();
    expect(exitCode).toBe(2);
    expect(err).toContain("begin with: hakiri ingest FILE");
  });
});

describe("trace", () => {
  test("has the run's spans, those of its streams below", async () => {
    const trace = await project.document(0, "trace", runId);
    expect(trace).toMatchObject({ run_id: runId, pipeline: "orders", status: "succeeded" });
    const { spans } = trace as { spans: { name: string; span_id: string; parent_id: string }[] };
    const root = spans.find(({ name }) => name === `run.${runId}`);
    const stream = spans.find(({ name }) => name === "stream");
    const batch = spans.find(({ name }) => name === "batch");
    expect(root).toMatchObject({ parent_id: null, ok: true });
    expect(stream).toMatchObject({ parent_id: root?.span_id, attributes: { stream: "orders" } });
    expect(batch).toMatchObject({ parent_id: stream?.span_id, attributes: { rows: 2 } });
  });

  test("is found by the beginning of the run's id, and drawn as a tree", async () => {
    const { out } = await project.type("trace", runId.slice(0, 12));
    const [head, root, ...below] = out.split("\n");
    expect(head).toMatch(new RegExp(`^run ${runId}: orders, succeeded, started `, "u"));
    expect(root).toMatch(new RegExp(`^run\\.${runId} +[\\d.]+ m?s  .*pipeline=orders`, "u"));
    expect(below.join("\n")).toMatch(/├ stream +.*rows=2[^]*│ └ batch +[\d.]+ m?s  .*rows=2/u);
  });

  test("as text has so many spans of one parent, and counts the others", async () => {
    const store = await openStore(project.folder, "existing");
    const { spans } = (await project.document(0, "trace", runId)) as {
      spans: { span_id: string; name: string }[];
    };
    const parentId = spans.find(({ name }) => name === "commit")?.span_id ?? "";
    const at = String(store.clock.nowMicros());
    const childOf = (index: number) => ({
      spanId: index.toString(16).padStart(16, "0"),
      parentId,
      name: `child ${index}`,
      startedAt: at,
      endedAt: at,
      ok: true,
      attributes: {},
    });
    const record = (from: number, to: number) =>
      store.catalog.apply<"record_spans">({
        kind: "record_spans",
        version: 1,
        runId,
        spans: Array.from({ length: to - from }, (_, index) => childOf(from + index)),
      });
    await record(0, childrenShownMax);
    expect((await project.type("trace", runId)).out).not.toContain("more");
    await record(childrenShownMax, childrenShownMax + 1);
    await store.close();
    expect((await project.type("trace", runId)).out).toContain("\u2514 and 1 more\n");
  });

  test("of a run that isn't there says where to look", async () => {
    expect(await project.document(2, "trace", "nothing")).toMatchObject({
      error: { code: "usage.unknown_run", hint: "see the runs there are: hakiri runs" },
    });
    // Every id begins with nothing, and so with more than one run.
    expect(await project.document(2, "trace", "")).toMatchObject({ error: { kind: "Permanent" } });
  });
});

describe("snapshots", () => {
  test("lists what can be queried, also of one table", async () => {
    const expected = {
      snapshots: [
        {
          snapshot_id: 1,
          kind: "run",
          pipeline: "orders",
          run_id: runId,
          tables: [{ table: "orders", rows_added: 2, rows_masked: 0 }],
        },
      ],
    };
    expect(await project.document(0, "snapshots")).toMatchObject(expected);
    expect(await project.document(0, "snapshots", "--table", "Orders")).toMatchObject(expected);
    expect((await project.type("snapshots")).out).toContain("orders +2");
  });

  test("of a table that isn't there names the nearest", async () => {
    expect(await project.document(2, "snapshots", "--table", "order")).toMatchObject({
      error: { code: "usage.unknown_table", hint: "did you mean 'orders'?" },
    });
  });
});

describe("pipeline", () => {
  test("list has those of files, usable or not, and those that ingest made", async () => {
    expect(await project.document(0, "pipeline", "list")).toMatchObject({
      pipelines: [
        { name: "broken", connector: null, error: { code: "usage.invalid_config" } },
        { name: "never", file: "pipelines/never.toml", last_run: null },
        { name: "orders", file: null, last_run: { status: "failed" } },
      ],
    });
    const { out } = await project.type("pipeline", "list");
    expect(out).toContain("invalid: see hakiri validate");
  });

  test("show has the spec, the tables and the last run", async () => {
    expect(await project.document(0, "pipeline", "show", "orders")).toMatchObject({
      name: "orders",
      file: null,
      spec: { connector: "file", source: { path: "orders.csv", stream: "orders" } },
      tables: ["orders"],
      last_run: { status: "failed" },
    });
    expect((await project.type("pipeline", "show", "never")).out).toContain(
      "# from pipelines/never.toml\n# tables: none yet\n# last run: never\n",
    );
  });

  test("show --toml prints what a pipeline file may say, and that is the same pipeline", async () => {
    const { out } = await project.type("pipeline", "show", "orders", "--toml");
    expect(await project.document(0, "pipeline", "show", "orders", "--toml")).toEqual({
      toml: out,
    });
    await project.write("pipelines/orders.toml", out);
    const shown = await project.document(0, "pipeline", "show", "orders");
    expect(shown).toMatchObject({ file: "pipelines/orders.toml", last_run: { status: "failed" } });
  });
});
