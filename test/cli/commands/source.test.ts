/** Sources looked at without writing anything. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scansMax } from "../../../src/cli/commands/source/file-changes.ts";
import { pipelineOf, testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
const orders = 'id,price,note\n1,10,\n2,2.5,"a, b"\n';

beforeAll(async () => {
  project = await testProject({
    "orders.csv": orders,
    "in/a.csv": "id,n\n1,1\n",
    "in/b.csv": "id,n\n2,2\n",
    "pipelines/letters.toml": pipelineOf('glob = "in/*.csv"', 'naming = "snake_case"'),
    "pipelines/broken.toml": 'connector = "fiel"\n[source]\npath = "x"\nextra = 1\n',
  });
}, 60_000);
afterAll(() => project.remove());

const hasStore = (): boolean => existsSync(join(project.folder, ".hakiri"));

describe("discover", () => {
  test("tells streams, columns and types, and makes no store", async () => {
    expect(await project.document(0, "discover", "orders.csv")).toMatchObject({
      connector: "file",
      pipeline: "orders",
      streams: [
        {
          stream: "orders",
          table: "orders",
          disposition: "append",
          primary_key: [],
          has_files: true,
          columns: [
            { name: "id", type: "int64", nullable: true, data_type: { kind: "int", bits: 64 } },
            { name: "price" },
            { name: "note", type: "text" },
          ],
        },
      ],
    });
    expect(hasStore()).toBe(false);
  });

  test("takes a pipeline by its name", async () => {
    const { out } = await project.type("discover", "letters");
    expect(out).toMatch(/^in: table in; append; 2 files/u);
  });

  test("of neither a pipeline nor a source names the nearest of both", async () => {
    expect(await project.document(2, "discover", "leters")).toMatchObject({
      error: { code: "usage.missing_file", hint: "did you mean the pipeline 'letters'?" },
    });
    expect((await project.document(2, "discover", "order.csv")) as object).toMatchObject({
      error: { code: "usage.missing_file", hint: expect.stringContaining("orders.csv") as string },
    });
  });
});

describe("preview", () => {
  test("shows the first rows, 64-bit integers as text", async () => {
    expect(await project.document(0, "preview", "orders.csv", "--limit", "1")).toMatchObject({
      streams: [{ stream: "orders", rows: [{ id: "1", note: null }] }],
    });
    const { out } = await project.type("preview", "orders.csv");
    expect(out).toContain("│  2 │");
    expect(out).toContain("│ a, b │");
    expect(hasStore()).toBe(false);
  });

  test("spells values as a query of them does", async () => {
    await project.write(
      "kinds.csv",
      "a,b,c,d\n2024-01-01 10:00:00.5,2024-01-01T10:00:00Z,2024-02-29,007\n",
    );
    expect(await project.document(0, "preview", "kinds.csv")).toMatchObject({
      streams: [
        {
          rows: [
            {
              a: "2024-01-01T10:00:00.500000",
              b: "2024-01-01T10:00:00.000000Z",
              c: "2024-02-29",
              d: "007",
            },
          ],
        },
      ],
    });
  });

  test("goes over all files of a stream until it has enough", async () => {
    const { streams } = (await project.document(0, "preview", "letters")) as {
      streams: { rows: unknown[] }[];
    };
    expect(streams[0]?.rows).toEqual([
      { id: "1", n: "1" },
      { id: "2", n: "2" },
    ]);
  });

  test("of a row that doesn't fit says where it is", async () => {
    await project.write("bad.csv", "id,n\n1,2\n3\n");
    const { exitCode, err } = await project.type("preview", "bad.csv");
    expect(exitCode).toBe(3);
    expect(err).toContain("'bad.csv', record 3");
  });

  test("of a source of many streams shows the first ten", async () => {
    const names = Array.from({ length: 11 }, (_, index) => `s${index}`);
    for (const name of names) await project.write(`many/${name}.csv`, `id\n${name}\n`);
    const each = pipelineOf('glob = "many/*.csv"\nstream_per_file = true');
    await project.write("pipelines/many.toml", each);
    const { out } = await project.type("preview", "many");
    expect(out).toContain("(10 of 11 streams; name others with --stream)");
    await rm(join(project.folder, "many/s10.csv"));
    expect((await project.type("preview", "many")).out).not.toContain("of 11 streams");
    await rm(join(project.folder, "pipelines/many.toml"));
  });

  test("of a stream that isn't there names the nearest", async () => {
    expect(await project.document(2, "preview", "orders.csv", "--stream", "order")).toMatchObject({
      error: { code: "usage.unknown_stream", hint: "did you mean 'orders'?" },
    });
  });
});

describe("validate", () => {
  test("tells what is wrong with each file, and exits with 2", async () => {
    expect(await project.document(2, "validate")).toMatchObject({
      ok: false,
      files: [
        {
          file: "pipelines/broken.toml",
          kind: "pipeline",
          ok: false,
          error: { code: "usage.unknown_connector", hint: "did you mean 'file'?" },
        },
        { file: "pipelines/letters.toml", ok: true, pipeline: "letters" },
      ],
    });
  });

  test("checks the connector's own settings too", async () => {
    await project.write("pipelines/broken.toml", pipelineOf('paht = "x"'));
    const { out } = await project.type("validate", "pipelines/broken.toml");
    expect(out).toContain("invalid pipelines/broken.toml\n");
    expect(out).toContain("did you mean 'path'?");
  });

  test("a file that isn't there yet is a note, and no fault of the pipeline", async () => {
    await project.write("pipelines/later.toml", pipelineOf('glob = "later/*.csv"'));
    expect(await project.document(0, "validate", "pipelines/later.toml")).toMatchObject({
      ok: true,
      files: [{ ok: true, note: expect.stringContaining("later") as string }],
    });
  });

  test.each([
    ["nothing.toml", "usage.missing_file"],
    ["orders.csv", "usage.not_a_config"],
  ])("%s can't be checked", async (file, code) => {
    expect(await project.document(2, "validate", file)).toMatchObject({
      files: [{ file, ok: false, error: { code } }],
    });
  });

  test("of a project's file tells every problem", async () => {
    await project.write("hakiri.toml", "[store]\nthreads = 0\nresume_ttl = 5\n");
    const { out, exitCode } = await project.type("validate", "hakiri.toml");
    await project.write("hakiri.toml", "");
    expect(exitCode).toBe(2);
    expect(out).toContain("store.threads");
    expect(out).toContain("store.resume_ttl");
  });
});

describe("plan", () => {
  test("of a new source makes its table, and no store", async () => {
    expect(await project.document(0, "plan", "letters")).toMatchObject({
      pipeline: "letters",
      is_new: true,
      streams: [
        {
          stream: "in",
          table: "in",
          creates_table: true,
          disposition: "append",
          start: null,
          schema_changes: [
            { change: "added_column", column: "id", type: "int64" },
            { change: "added_column", column: "n", type: "int64" },
          ],
          files: { new: ["in/a.csv", "in/b.csv"], changed: [], gone: [], unchanged: 0 },
        },
      ],
    });
    expect(hasStore()).toBe(false);
  });

  test("looks into so many scans, and says where there are more", async () => {
    // Two that follow one another are read differently, and so aren't one scan.
    const write = (index: number) =>
      project.write(`alternating/${index}.csv`, index % 2 === 0 ? "a,b\n1,2\n" : "a;b\n1;2\n");
    for (let index = 100; index < 100 + scansMax; index += 1) await write(index);
    const planned = () => project.document(0, "plan", "alternating/*.csv");
    expect(await planned()).toMatchObject({ streams: [{ files: { is_cut: false } }] });
    await write(100 + scansMax);
    expect(await planned()).toMatchObject({ streams: [{ files: { is_cut: true } }] });
  });

  test("after a run tells new, changed and gone files, and what becomes of columns", async () => {
    await project.write("in/d.csv", "id,n\n4,4\n");
    await project.document(0, "run", "letters");
    await project.write("in/b.csv", "id,n\n2,2\n22,22\n");
    await project.write("in/c.csv", "id,n,Extra\n3,3.5,x\n");
    await project.write("in/d.csv", "");
    await rm(join(project.folder, "in/a.csv"));
    const planned = await project.document(0, "plan", "letters");
    expect(planned).toMatchObject({
      is_new: false,
      streams: [
        {
          creates_table: false,
          start: { boundary: { count: 3 } },
          files: { new: ["in/c.csv"], changed: ["in/b.csv"], gone: ["in/a.csv"] },
        },
      ],
    });
    const { out } = await project.type("plan", "letters");
    expect(out).toContain("adds column extra (text)");
    expect(out).toContain("changes column n from int64 to float64");
    expect(out).toContain("an integer that its new type doesn't hold would fail the run");
    expect((await project.type("plan", "letters", "--full-refresh")).out).toContain(
      "in: replace into in\n  starts at the beginning",
    );
  });

  test("of what a contract refuses exits as the run would", async () => {
    const frozen = 'naming = "snake_case"\n[contract]\ncolumns = "freeze"\n';
    await project.write("pipelines/letters.toml", pipelineOf('glob = "in/*.csv"', frozen));
    expect(await project.document(4, "plan", "letters")).toMatchObject({
      streams: [{ error: { kind: "SchemaIncompatible", code: "schema.new_column" } }],
    });
  });
});
