/** Cursors moved by hand, and what is said of it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dispositionOf, rereadingText } from "../../../src/cli/commands/state/repeats.ts";
import { commitCursors } from "../../../src/cli/commands/state/commit-cursors.ts";
import { defaultPipeline, defaultStream } from "../../../src/config/pipeline-schema.ts";
import type { StoredCursor } from "../../../src/core/cursor.ts";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import { testProject, type TestProject } from "./command-line.ts";

const pipelineId = "1".repeat(26);

function cursorAt(stream: string, value: string | null): StoredCursor {
  const at = { column: "updated_at", type: "timestamp", value, boundary: null };
  return { version: 1, connector: "shop", stream, ...at };
}

/** A pipeline that some other connector reads, whose cursors are where a run may have put them. */
async function seed(folder: string): Promise<void> {
  const store = await openStore(folder, "create");
  const { catalog, clock } = store;
  const stream = (name: string) => ({ ...defaultStream, stream: name, incremental: "updated_at" });
  const streams = [
    { ...stream("orders"), disposition: "append" as const },
    { ...stream("customers"), primaryKey: ["id"] },
  ];
  const spec = { ...defaultPipeline, name: "shop", connector: "shop", source: {}, streams };
  const at = String(clock.nowMicros());
  const named = { kind: "register_pipeline", version: 1, pipelineId, at } as const;
  await catalog.apply<"register_pipeline">({ ...named, key: "shop", spec });
  const record = await catalog.pipeline({ id: pipelineId });
  if (record === null) throw new Error("the pipeline that was registered is gone");
  await commitCursors(store, record, async () => ({
    entries: ["orders", "customers"].map((name) => ({
      stream: name,
      partition: "",
      cursor: cursorAt(name, "2026-03-01"),
      boundaryPath: null,
    })),
  }));
  await store.close();
}

let project: TestProject;
beforeAll(async () => {
  project = await testProject({ "a.csv": "id\n1\n", "b.csv": "id\n2\n" });
  await seed(project.folder);
}, 60_000);
afterAll(() => project.remove());

const shown = async (): Promise<unknown> => project.document(0, "state", "show", "shop");

describe("state set", () => {
  test("promises no doubled row where the source may tell a key", () => {
    const streams = [{ ...defaultStream, stream: "orders", incremental: "updated_at" }];
    const spec = { ...defaultPipeline, name: "shop", connector: "shop", source: {}, streams };
    expect(rereadingText({ kind: "everything" }, dispositionOf(spec, "orders"))).toBe(
      "every row is read again; those that are in the table already replace themselves by their " +
        "key, or come a second time where the source tells none",
    );
  });

  test("puts one stream at a value, and leaves the others", async () => {
    const moved = await project.document(
      0,
      "state",
      "set",
      "shop",
      "orders",
      "--value",
      "2026-01-01",
    );
    expect(moved).toMatchObject({
      pipeline: "shop",
      streams: [
        {
          stream: "orders",
          before: cursorAt("orders", "2026-03-01"),
          after: cursorAt("orders", "2026-01-01"),
          rereads: { kind: "from_value", column: "updated_at", value: "2026-01-01" },
          disposition: "append",
        },
      ],
    });
    expect(await shown()).toEqual({
      pipeline: "shop",
      cursors: [
        { stream: "customers", partition: "", cursor: cursorAt("customers", "2026-03-01") },
        { stream: "orders", partition: "", cursor: cursorAt("orders", "2026-01-01") },
      ],
    });
  });

  test("takes a whole cursor as state show prints it", async () => {
    const cursor = JSON.stringify(cursorAt("customers", "2026-02-01"));
    const { out } = await project.type("state", "set", "shop", "customers", "--cursor", cursor);
    const [head, line] = out.split("\n");
    expect(head).toMatch(/^moved the cursors of shop, run [0-9a-z]{26}; of its next run:$/u);
    expect(line).toBe(
      "  customers: rows from updated_at = '2026-02-01' on are read; " +
        "those that are in the table already replace themselves by their key",
    );
  });

  test("that changes nothing commits nothing", async () => {
    const value = ["--value", "2026-02-01"];
    const { out } = await project.type("state", "set", "shop", "customers", ...value);
    expect(out).toBe("the cursors of shop stay as they were\n");
  });

  test("is in the history, as a run that made no snapshot", async () => {
    expect(await project.document(0, "runs", "--limit", "1")).toMatchObject({
      runs: [{ pipeline: "shop", what: "state", status: "succeeded", snapshot_id: null }],
    });
  });

  const ofOthers = JSON.stringify(cursorAt("orders", "1"));
  const bounded = JSON.stringify({
    ...cursorAt("customers", "2026-02-01"),
    boundary: { count: 1, sha256: "0".repeat(64) },
  });

  test.each([
    ["no position", "customers", [], "usage.one_position"],
    ["two positions", "customers", ["--value", "1", "--cursor", ofOthers], "usage.one_position"],
    ["another stream", "customer", ["--value", "1"], "usage.unknown_stream"],
    ["no JSON", "customers", ["--cursor", "{"], "usage.invalid_cursor"],
    ["the cursor of another stream", "customers", ["--cursor", ofOthers], "usage.invalid_cursor"],
    ["a boundary that isn't there", "customers", ["--cursor", bounded], "usage.invalid_cursor"],
  ])("refuses %s, and moves nothing", async (_, stream, args, code) => {
    const before = await shown();
    expect(await project.document(2, "state", "set", "shop", stream, ...args)).toMatchObject({
      error: { code },
    });
    expect(await shown()).toEqual(before);
  });

  test("refuses a value past the bound of a cursor, and takes none of a newer format", async () => {
    const value = ["--value", "9".repeat(16 * 1024)];
    expect(await project.document(3, "state", "set", "shop", "orders", ...value)).toMatchObject({
      error: { code: "cursor.too_large" },
    });
    const cursor = JSON.stringify({ ...cursorAt("orders", "1"), version: 2 });
    const newer = await project.document(3, "state", "set", "shop", "orders", "--cursor", cursor);
    expect(newer).toMatchObject({ error: { code: "cursor.newer_format" } });
  });

  test("is refused while somebody else runs the pipeline", async () => {
    const store = await openStore(project.folder, "existing");
    const claim = store.claims.take(pipelineId);
    const refused = await project.document(7, "state", "set", "shop", "orders", "--value", "1");
    claim?.release();
    await store.close();
    expect(refused).toMatchObject({ error: { code: "refused.claim_held" } });
  });
});

describe("state rewind", () => {
  test("of one stream forgets where it stood", async () => {
    const moved = await project.document(0, "state", "rewind", "shop", "--stream", "orders");
    expect(moved).toMatchObject({
      streams: [{ stream: "orders", after: null, rereads: { kind: "everything" } }],
    });
    expect(await shown()).toMatchObject({ cursors: [{ stream: "customers" }] });
  });

  test("of a stream without a cursor names those that have one", async () => {
    expect(
      await project.document(2, "state", "rewind", "shop", "--stream", "customer"),
    ).toMatchObject({ error: { hint: "did you mean 'customers'?" } });
  });

  test("to a snapshot that isn't retained says where to look", async () => {
    expect(await project.document(2, "state", "rewind", "shop", "--to", "99")).toMatchObject({
      error: { code: "usage.unknown_snapshot", hint: "see which there are: hakiri snapshots" },
    });
  });

  test("of files to a snapshot names those that are read again", async () => {
    await project.document(0, "ingest", "*.csv", "--as", "letters");
    await project.write("c.csv", "id\n3\n");
    await project.document(0, "ingest", "*.csv");
    const { pipelines } = (await project.document(0, "pipeline", "list")) as {
      pipelines: { name: string; connector: string }[];
    };
    const name = pipelines.find(({ connector }) => connector === "file")?.name ?? "";
    const snapshots = (await project.document(0, "snapshots", "--table", "letters")) as {
      snapshots: { snapshot_id: number }[];
    };
    const first = String(snapshots.snapshots.at(-1)?.snapshot_id);
    expect(await project.document(0, "state", "rewind", name, "--to", first)).toMatchObject({
      streams: [
        {
          rereads: { kind: "files", count: 1, names: ["c.csv"] },
          says: "1 files are read again, and what they gave before come a second time: 'c.csv'",
        },
      ],
    });
    expect(await project.document(0, "run", name)).toMatchObject({
      tables: [{ table: "letters", rows: 1 }],
    });
  });
});

test("state of a pipeline that has never run says that there is none yet", async () => {
  await project.write("pipelines/new.toml", 'connector = "file"\n[source]\npath = "a.csv"\n');
  const { out } = await project.type("state", "show", "new");
  expect(out).toBe("new has no cursors: its next run reads from the beginning\n");
  expect(await project.document(2, "state", "rewind", "new")).toMatchObject({
    error: { code: "usage.never_run" },
  });
});
