/** Runs of pipelines by their names, and of sources by their URIs. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HakiriError } from "../../../src/core/error.ts";
import { pipelineOf, testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
afterEach(() => project.remove());

const orders = { "orders.csv": "id,price\n1,10\n2,20\n" };
const file = pipelineOf('path = "orders.csv"');

describe("a pipeline of a file", () => {
  test("makes the store, lands its rows, and reads nothing twice", async () => {
    project = await testProject({ ...orders, "pipelines/orders.toml": file });
    expect(await project.document(0, "run", "orders")).toMatchObject({
      pipeline: "orders",
      status: "succeeded",
      snapshot_id: 1,
      attempts: 1,
      tables: [{ table: "orders", rows: 2, inserted: 2, updated: 0, deleted: 0, discarded: 0 }],
    });
    expect(await project.document(0, "run", "orders")).toMatchObject({ snapshot_id: null });
    const { out, err } = await project.type("run", "orders");
    expect(out).toMatch(/^orders: 0 new, 0 B\nnothing new in \d+ s, run [0-9a-z]{26}\n/u);
    expect(err).toBe("hakiri: orders: done, 0 rows, 0 B, 0 s\n");
  });

  test("leaves nothing of its temporary files", async () => {
    // UTF-16 is read through a copy, and the scan goes through DuckDB.
    project = await testProject();
    await project.write("a.csv", Buffer.from("\ufeffid\n1\n", "utf16le"));
    expect(await project.document(0, "ingest", "a.csv")).toMatchObject({ snapshot_id: 1 });
    await project.document(0, "query", "from a");
    expect(await readdir(join(project.folder, ".hakiri/temp"))).toEqual([]);
    const names = await readdir(join(project.folder, ".hakiri"));
    expect(names.filter((name) => /tmp|scratch/u.test(name))).toEqual([]);
  });

  test("is the same as the one that ingest made of its source, and wins over it", async () => {
    project = await testProject({ ...orders, "b.csv": "id\n1\n" });
    expect(await project.document(0, "ingest", "orders.csv")).toMatchObject({ pipeline: "orders" });
    await project.write("pipelines/sales.toml", file);
    expect(await project.document(0, "run", "sales")).toMatchObject({
      pipeline: "sales",
      snapshot_id: null,
    });
    expect(await project.document(0, "pipeline", "list")).toMatchObject({
      pipelines: [{ name: "sales", file: "pipelines/sales.toml", last_run: { snapshot_id: null } }],
    });
    // Of another source than before it is a conflict, and runs nothing.
    await project.write("pipelines/sales.toml", pipelineOf('path = "b.csv"'));
    expect(await project.document(8, "run", "sales")).toMatchObject({
      error: { code: "conflict.pipeline_exists" },
    });
    expect(await project.document(0, "runs")).toMatchObject({ runs: [{}, { snapshot_id: 1 }] });
  });

  test("that can't be used says why, by file and line", async () => {
    project = await testProject({ "pipelines/orders.toml": 'connectr = "file"\n[source]\n' });
    const { exitCode, err } = await project.type("run", "orders");
    expect(exitCode).toBe(2);
    expect(err).toContain("pipelines/orders.toml:1: connectr: ");
    expect(existsSync(join(project.folder, ".hakiri"))).toBe(false);
  });
});

test("a pipeline that ingest made is known by its source's URI and by its name", async () => {
  project = await testProject(orders);
  const first = await project.document(0, "ingest", "./orders.csv", "--as", "sales");
  expect(first).toMatchObject({ pipeline: "orders", tables: [{ table: "sales" }] });
  const again = await project.document(0, "ingest", join(project.folder, "orders.csv"));
  expect(again).toMatchObject({ pipeline: "orders", snapshot_id: null });
  await project.write("orders.csv", "id,price\n1,10\n2,20\n3,30\n");
  expect(await project.document(0, "run", "orders", "--project", ".")).toMatchObject({
    snapshot_id: 2,
    tables: [{ table: "sales", rows: 3 }],
  });
  expect(await project.document(2, "run", "ordrs")).toMatchObject({
    error: { code: "usage.unknown_pipeline", hint: "did you mean 'orders'?" },
  });
});

test("a name that no pipeline has is refused with the nearest one, and makes no store", async () => {
  project = await testProject({ ...orders, "pipelines/orders.toml": file });
  expect(await project.document(2, "run", "order")).toMatchObject({
    error: { code: "usage.unknown_pipeline", hint: "did you mean 'orders'?" },
  });
  expect(existsSync(join(project.folder, ".hakiri"))).toBe(false);
});

describe("what can't be asked of a run is refused before it begins", () => {
  const merged = `${file}[[streams]]\nstream = "orders"\ndisposition = "merge"\nprimary_key = ["id"]\n`;

  test.each([
    ["a limit of a refresh", ["--limit", "1", "--full-refresh"], "usage.limit_of_replace"],
    ["a range of a refresh", ["--from", "1", "--full-refresh"], "usage.range_of_refresh"],
    ["a range without a column", ["--from", "1", "--to", "2"], "usage.range_needs_incremental"],
    ["another stream", ["--stream", "order"], "usage.unknown_stream"],
    ["no rows at all", ["--limit", "0"], "usage.invalid_value"],
  ])("%s", async (_, args, code) => {
    project = await testProject({ ...orders, "pipelines/orders.toml": merged });
    expect(await project.document(2, "run", "orders", ...args)).toMatchObject({ error: { code } });
    expect(existsSync(join(project.folder, ".hakiri"))).toBe(false);
  });
});

test("an ingest of nothing leaves nothing behind", async () => {
  project = await testProject(orders);
  expect(await project.document(2, "ingest", "oders.csv")).toMatchObject({
    error: { code: "usage.missing_file" },
  });
  expect(existsSync(join(project.folder, ".hakiri"))).toBe(false);
});

test("an interrupted run is cancelled, exits with 130, and the next one ends it", async () => {
  project = await testProject({ ...orders, "pipelines/orders.toml": file });
  const controller = new AbortController();
  const interrupted = new HakiriError({
    kind: "Permanent",
    code: "interrupted.signal",
    message: "interrupted by SIGINT",
    hint: "",
  });
  const running = project.typeIn({ signal: controller.signal }, "run", "orders", "--json");
  const begun = async (): Promise<boolean> => {
    const typed = await project.type("runs", "--json");
    return typed.exitCode === 0 && typed.out.includes('"running"');
  };
  while (!(await begun())) {
    // The catalog says so as soon as the run is granted, long before its thread reads.
  }
  controller.abort(interrupted);
  const { exitCode, out } = await running;
  expect(exitCode).toBe(130);
  expect(JSON.parse(out)).toMatchObject({ status: "cancelled", snapshot_id: null });
  expect(await project.document(0, "run", "orders")).toMatchObject({ tables: [{ rows: 2 }] });
});

describe("with a collector", () => {
  let server: Server;
  let spans: number;

  beforeEach(async () => {
    spans = 0;
    server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const body = JSON.parse(Buffer.concat(pieces).toString("utf8")) as {
          resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
        };
        spans += body.resourceSpans[0]?.scopeSpans[0]?.spans.length ?? 0;
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  test("a run sends it the spans that it keeps, and one that refuses is a note", async () => {
    project = await testProject(orders);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sending = { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } };
    const { out, err } = await project.typeIn(sending, "ingest", "orders.csv", "--json");
    expect(err).not.toContain("not exported");
    const { run_id: runId } = JSON.parse(out) as { run_id: string };
    const trace = (await project.document(0, "trace", runId)) as { spans: unknown[] };
    expect(spans).toBe(trace.spans.length);
    const nowhere = { env: { OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" } };
    const typed = await project.typeIn(nowhere, "ingest", "orders.csv", "--json");
    expect(typed.exitCode).toBe(0);
    expect(typed.err).toMatch(/the spans of run .* were not exported: expected a URL/u);
  });
});

test("decimals that a double would round are told where a column of doubles meets them", async () => {
  project = await testProject({ "a/1.csv": "v\n1.5\n" });
  await project.document(0, "ingest", "a/*.csv");
  await project.write("a/2.csv", "v\n12345678901234567890.12\n");
  expect(await project.document(4, "ingest", "a/*.csv")).toMatchObject({
    error: { code: "schema.incompatible_type" },
  });
});

test("a header in another case is the same column, in one run and in the next", async () => {
  project = await testProject({ "a/1.csv": "id,v\n1,x\n", "a/2.csv": "ID,V\n2,y\n" });
  await project.document(0, "ingest", "a/*.csv", "--as", "t");
  await project.write("a/3.csv", "Id,v\n3,z\n");
  await project.write("a/4.csv", "iD,V\n");
  await project.write("a/5.csv", "v,ID,id\nu,6,5\n");
  await project.document(0, "ingest", "a/*.csv", "--as", "t");
  const sql =
    "SELECT * EXCLUDE (_hakiri_file, _hakiri_run_id, _hakiri_loaded_at) FROM t ORDER BY id";
  expect(await project.document(0, "query", sql)).toEqual([
    { id: "1", v: "x", ID_2: null },
    { id: "2", v: "y", ID_2: null },
    { id: "3", v: "z", ID_2: null },
    { id: "5", v: "u", ID_2: "6" },
  ]);
});
