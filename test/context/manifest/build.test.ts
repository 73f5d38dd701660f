/** The manifest that follows from a journal. */
import { expect, test } from "vitest";
import type { JournalEntry } from "../../../src/core/journal.ts";
import type { TableFile } from "../../../src/core/snapshot.ts";
import {
  buildManifest,
  type ManifestInput,
  type ManifestTable,
} from "../../../src/context/manifest/build.ts";
import {
  batch,
  begin,
  cursorAt,
  end,
  fileOf,
  idOf,
  pipelineId,
  quarantineTableId,
  runId,
  schemaOf,
  storeId,
  tableId,
} from "../fixtures.ts";

const run: ManifestInput["run"] = {
  storeId,
  pipelineId,
  pipelineName: "shop",
  pipeline: null,
  runId,
  epoch: 7,
  baseSequence: 3,
  loadedAtMicros: "1700000000000000",
};

const rules = { naming: "source", shared: false, reserved: [2_000_000_001] } as const;
const table: ManifestTable = {
  tableId,
  namespace: "main",
  name: "orders",
  created: rules,
  baseSchemaVersion: 0,
  deletes: [],
  removed: [],
};
const quarantine = { ...table, tableId: quarantineTableId, name: "orders_quarantine" };
const old: ManifestTable = { ...table, created: null, baseSchemaVersion: 1 };

const schema = (version: number, id = tableId): JournalEntry => ({
  kind: "schema",
  tableId: id,
  schema: schemaOf(version),
});

function build(entries: readonly JournalEntry[], more: Partial<ManifestInput> = {}) {
  return buildManifest({
    run,
    entries,
    tables: [table, quarantine],
    cursors: { kind: "move", before: [] },
    ...more,
  });
}

test("a first run makes its table, adds its files and sets its cursor", () => {
  expect(build([begin(), schema(1), batch(0), batch(1), end(2)])).toEqual({
    ...run,
    kind: "run",
    tables: [
      {
        tableId,
        namespace: "main",
        name: "orders",
        created: rules,
        disposition: "append",
        schema: schemaOf(1),
        added: [fileOf(0), fileOf(1)],
        removed: [],
      },
    ],
    cursors: [
      { stream: "orders", partition: "", cursor: cursorAt("end of 2"), boundaryPath: null },
    ],
  });
});

test("a run that adds nothing changes its cursor only", () => {
  const manifest = build([begin(), end(0)], { tables: [old] });
  expect(manifest.kind).toBe("cursor");
  expect(manifest.tables).toEqual([]);
  expect(manifest.cursors).toHaveLength(1);
});

test("a table of a stream without rows is made when its schema is known", () => {
  const [change] = build([begin(), schema(1), end(0)]).tables;
  expect(change).toMatchObject({ tableId, created: rules, added: [], schema: { version: 1 } });
});

test("replace takes out all that was live before, also when it brings no row", () => {
  const replacing = { ...begin(), disposition: "replace" } as const;
  const manifest = build([replacing, end(0)], { tables: [old] });
  expect(manifest.kind).toBe("run");
  expect(manifest.tables).toMatchObject([{ removed: "all", added: [], schema: null }]);
});

test("a schema that changes twice in a run has an entry for each version, with its files", () => {
  const entries = [
    begin(),
    batch(0),
    schema(2),
    batch(1, { schemaVersion: 2 }),
    schema(3),
    batch(2, { schemaVersion: 3 }),
    end(3),
  ];
  const { tables } = build(entries, { tables: [{ ...old, removed: [5] }] });
  expect(tables.map((change) => [change.schema?.version, change.added, change.removed])).toEqual([
    [2, [fileOf(0), fileOf(1, "", 2)], [5]],
    [3, [fileOf(2, "", 3)], []],
  ]);
});

test("quarantined rows are added to their own table", () => {
  const entries = [
    begin(),
    schema(1),
    schema(1, quarantineTableId),
    { ...batch(0), quarantineFiles: [fileOf(9)] },
    end(1),
  ];
  const { tables } = build(entries);
  expect(tables.map((change) => [change.tableId, change.disposition, change.added])).toEqual([
    [tableId, "append", [fileOf(0)]],
    [quarantineTableId, "append", [fileOf(9)]],
  ]);
});

test("position deletes and files that go are taken over", () => {
  const deletes: TableFile = { ...fileOf(4), kind: "deletes", masks: [{ fileId: 2, rows: 1 }] };
  const tables = [{ ...old, deletes: [deletes], removed: [11] }];
  const merging = { ...begin(), disposition: "merge" } as const;
  const manifest = build([merging, batch(0), end(1)], { tables });
  expect(manifest.tables).toMatchObject([
    { disposition: "merge", added: [fileOf(0), deletes], removed: [11], schema: null },
  ]);
});

test("a cursor that its stream didn't renew is taken away, those of other streams stay", () => {
  const before = [
    { stream: "orders", partition: "" },
    { stream: "orders", partition: "p1" },
    { stream: "other", partition: "" },
  ];
  const { cursors } = build([begin(), end(0)], {
    tables: [old],
    cursors: { kind: "move", before },
  });
  expect(cursors.map(({ partition, cursor }) => [partition, cursor?.value ?? null])).toEqual([
    ["", "end of 0"],
    ["p1", null],
  ]);
});

test("a run that was limited by hand leaves cursors alone", () => {
  const manifest = build([begin(), batch(0), end(1)], {
    tables: [old],
    cursors: { kind: "leave" },
  });
  expect(manifest.cursors).toEqual([]);
});

test.each<[string, readonly JournalEntry[]]>([
  ["without an end", [begin(), schema(1), batch(0)]],
  ["with fewer batches than its end says", [begin(), schema(1), batch(0), end(2)]],
  ["with an end in one partition of two", [begin("a", "p1"), begin("a", "p2"), schema(1)]],
])("a partition %s is a defect", (_, entries) => {
  expect(() => build(entries)).toThrow("hasn't ended");
});

test("files of a schema that nothing tells are a defect", () => {
  expect(() => build([begin(), batch(0), end(1)])).toThrow("of a schema");
  expect(() => build([begin(), batch(0, { schemaVersion: 2 }), end(1)], { tables: [old] })).toThrow(
    "of a schema",
  );
});

test("a table without a name is a defect", () => {
  expect(() => build([begin(), schema(1, idOf("9")), end(0)])).toThrow("has no name");
});

test("streams that don't agree on what to do with their table are a defect", () => {
  const entries = [
    begin("a"),
    { ...begin("b"), disposition: "replace" } as const,
    end(0, { stream: "a" }),
    end(0, { stream: "b" }),
  ];
  expect(() => build(entries)).toThrow("don't agree");
});
