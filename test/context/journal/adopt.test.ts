/** What a new attempt takes over of an older one's journal. */
import { beforeEach, expect, test } from "vitest";
import { adoptJournal, type Adoption } from "../../../src/context/journal/adopt.ts";
import type { BodyEntry } from "../../../src/context/journal/ordering-gate.ts";
import { readJournal } from "../../../src/context/journal/reader.ts";
import { openJournal } from "../../../src/context/journal/writer.ts";
import { journalPath } from "../../../src/context/layout.ts";
import { createPublisher, type Publisher } from "../../../src/context/publish.ts";
import { writeSideFile } from "../../../src/context/side-file.ts";
import { memoryFilesystem, type MemoryFilesystem } from "../../platform/memory-filesystem.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import {
  batch,
  begin,
  bytesOf,
  cursorAt,
  end,
  fileOf,
  header,
  idOf,
  never,
  partText,
  quarantineTableId,
  runId,
  schemaOf,
  tableId,
} from "../fixtures.ts";

let filesystem: MemoryFilesystem;
let publisher: Publisher;
beforeEach(() => {
  filesystem = memoryFilesystem();
  publisher = createPublisher(filesystem, seededRandom(1));
});

/** Writes a journal of epoch 7 and every file that it names, then adopts it. */
async function adopt(entries: readonly BodyEntry[], lost: readonly number[] = []) {
  const journal = await openJournal(publisher, header(7), []);
  for (const entry of entries) {
    const files = entry.kind === "batch" ? [...entry.files, ...entry.quarantineFiles] : [];
    for (const file of files) {
      const seq = file.fileId % 2 ** 20;
      if (!lost.includes(seq)) await publisher.publish(file.path, [bytesOf(partText(seq))]);
    }
    await journal.append(entry);
  }
  await journal.close();
  return adoptNow();
}

const adoptNow = (): Promise<Adoption> =>
  adoptJournal({ filesystem, runId, epoch: 7, signal: never });

const schema = (version: number, id = tableId): BodyEntry => ({
  kind: "schema",
  tableId: id,
  schema: schemaOf(version),
});

test("an attempt that ended before it had a journal leaves nothing", async () => {
  expect(await adoptNow()).toEqual({
    header: null,
    entries: [],
    partitions: [],
    givenUp: [],
    writtenBatches: 0,
  });
});

test("an attempt that ended before it had a journal leaves that of the one before it", async () => {
  const entries: readonly BodyEntry[] = [begin(), batch(0), end(1)];
  const adopted = await adopt(entries);
  expect(adopted.writtenBatches).toBe(1);
  const later = { filesystem, runId, signal: never };
  expect(await adoptJournal({ ...later, epoch: 9 })).toEqual(adopted);
  expect(adopted.header?.epoch).toBe(7);
  // Nothing of an epoch above the one that the catalog names.
  expect((await adoptJournal({ ...later, epoch: 6 })).header).toBeNull();
  const own = await openJournal(publisher, header(8), []);
  await own.close();
  expect(await adoptJournal({ ...later, epoch: 9 })).toMatchObject({
    header: { epoch: 8 },
    entries: [],
  });
});

test("finished partitions stay whole, unfinished ones go on after their last cursor", async () => {
  const entries = [
    begin("a"),
    schema(1),
    begin("b"),
    batch(0, { stream: "a", seq: 0 }),
    batch(0, { stream: "b", seq: 1 }),
    end(1, { stream: "a" }),
    batch(1, { stream: "b", seq: 2 }),
  ];
  const adopted = await adopt(entries);
  expect(adopted.entries).toEqual(entries);
  expect(adopted.givenUp).toEqual([]);
  expect(adopted.writtenBatches).toBe(3);
  expect(adopted.header).toEqual(header(7));
  expect(adopted.partitions).toMatchObject([
    { stream: "a", state: "finished", batches: 1, cursor: { stored: { value: "end of 1" } } },
    { stream: "b", state: "unfinished", batches: 2, cursor: { stored: { value: "1" } } },
  ]);
});

test("adopted lines make a journal that can be adopted again, with the same result", async () => {
  const first = await adopt([begin(), schema(1), batch(0), batch(1)]);
  const journal = await openJournal(publisher, { ...header(8), adoptedEpoch: 7 }, first.entries);
  await journal.close();
  const second = await adoptJournal({ filesystem, runId, epoch: 8, signal: never });
  expect({ ...second, header: null }).toEqual({ ...first, header: null });
  expect((await readJournal(filesystem, journalPath(runId, 8))).header.adoptedEpoch).toBe(7);
});

test("a partition that has no batch yet begins anew", async () => {
  const adopted = await adopt([begin(), schema(1)]);
  expect(adopted.entries).toEqual([]);
  expect(adopted.partitions).toEqual([]);
  expect(adopted.givenUp).toEqual([]);
});

test.each(["same_read", "none"] as const)(
  "an unfinished stream whose cursor is %s begins anew, with every partition",
  async (resume) => {
    const partition = (name: string) => ({ stream: "a", partition: name });
    const adopted = await adopt([
      begin("a", "p1"),
      begin("a", "p2"),
      begin("b"),
      schema(1),
      batch(0, { ...partition("p1"), seq: 0, resume }),
      batch(0, { ...partition("p2"), seq: 1, resume }),
      batch(0, { stream: "b", seq: 2 }),
      end(1, partition("p1")),
    ]);
    expect(adopted.partitions.map(({ stream }) => stream)).toEqual(["b"]);
    expect(adopted.givenUp.map((one) => one.partition)).toEqual(["p1", "p2"]);
    expect(adopted.writtenBatches).toBe(1);
  },
);

test("a finished stream whose cursors were none stays: nothing of it is read again", async () => {
  const entries = [begin(), schema(1), batch(0, { resume: "none" }), end(1)];
  expect((await adopt(entries)).entries).toEqual(entries);
});

test("a lost snapshot takes finished streams with it, and those without a row", async () => {
  const adopted = await adopt([
    begin("finished"),
    begin("empty"),
    begin("other"),
    schema(1),
    batch(0, { stream: "finished", seq: 0, resume: "same_read" }),
    batch(0, { stream: "other", seq: 1 }),
    end(1, { stream: "finished" }),
    end(0, { stream: "empty" }),
    end(1, { stream: "other" }),
  ]);
  expect(adopted.partitions.map(({ stream }) => stream)).toEqual(["other"]);
  expect(adopted.givenUp.map(({ stream }) => stream)).toEqual(["finished", "empty"]);
  expect(adopted.givenUp[0]?.reason).toContain("snapshot");
});

test("what ended without a row is read again, unless its cursor says how far", async () => {
  const adopted = await adopt([
    begin("empty"),
    begin("read"),
    begin("rows"),
    schema(1),
    batch(0, { stream: "rows", seq: 0 }),
    { ...end(0, { stream: "empty" }), cursor: null },
    end(0, { stream: "read" }),
    { ...end(1, { stream: "rows" }), cursor: null },
  ]);
  expect(adopted.partitions.map(({ stream }) => stream)).toEqual(["read", "rows"]);
});

test("a missing part cuts its partition there, and no other", async () => {
  const adopted = await adopt(
    [
      begin("a"),
      begin("b"),
      schema(1),
      batch(0, { stream: "a", seq: 0 }),
      batch(0, { stream: "b", seq: 1 }),
      batch(1, { stream: "a", seq: 2 }),
      batch(2, { stream: "a", seq: 3 }),
      end(3, { stream: "a" }),
      end(1, { stream: "b" }),
    ],
    [2],
  );
  expect(adopted.partitions).toMatchObject([
    { stream: "a", state: "unfinished", batches: 1, cursor: { stored: { value: "0" } } },
    { stream: "b", state: "finished", batches: 1 },
  ]);
  expect(adopted.givenUp).toEqual([
    { stream: "a", partition: "", reason: `'${fileOf(2).path}' is missing` },
  ]);
  expect(adopted.writtenBatches).toBe(2);
});

test.each([
  ["shorter", (text: string) => text.slice(1), "bytes, not"],
  ["longer", (text: string) => `${text}.`, "bytes, not"],
  ["changed", (text: string) => text.replace("p", "q"), "other bytes"],
])("a part that is %s cuts its partition", async (_, change, reason) => {
  const lines = [begin(), schema(1), batch(0), batch(1)];
  const path = fileOf(1).path;
  await publisher.publish(path, [bytesOf(change(partText(1)))]);
  const journal = await openJournal(publisher, header(7), lines);
  await publisher.publish(fileOf(0).path, [bytesOf(partText(0))]);
  await journal.close();
  const adopted = await adoptNow();
  expect(adopted.partitions).toMatchObject([{ state: "unfinished", batches: 1 }]);
  expect(adopted.givenUp[0]?.reason).toContain(path);
  expect(adopted.givenUp[0]?.reason).toContain(reason);
});

test("side files are verified as parts are", async () => {
  const sideFile = await writeSideFile(publisher, `runs/${runId}/7-0.lines`, ["a", "b"]);
  const { count, sha256 } = sideFile;
  const stored = { ...cursorAt("0"), boundary: { count, sha256 } };
  const cursor = { resume: "any", stored, boundaryPath: sideFile.path } as const;
  const lines = [
    begin(),
    schema(1),
    { ...batch(0), cursor },
    { ...batch(1), supersedes: { ...sideFile, sha256: "0".repeat(64) } },
  ];
  const adopted = await adopt(lines);
  expect(adopted.partitions).toMatchObject([{ state: "unfinished", batches: 1 }]);
  await filesystem.unlink(sideFile.path);
  expect((await adoptNow()).partitions).toEqual([]);
});

test("a schema stays only where a line that needs its table came after it", async () => {
  const quarantined = { ...batch(1), quarantineFiles: [fileOf(2)] };
  const adopted = await adopt(
    [
      begin(),
      schema(1),
      batch(0),
      schema(2),
      schema(1, quarantineTableId),
      schema(1, idOf("9")),
      quarantined,
    ],
    [1],
  );
  expect(adopted.entries).toEqual([begin(), schema(1), batch(0)]);
});

test("the quarantine table's schema stays with the rows in it", async () => {
  const entries = [
    begin(),
    schema(1),
    schema(1, quarantineTableId),
    { ...batch(0), quarantineFiles: [fileOf(2)] },
  ];
  expect((await adopt(entries)).entries).toEqual(entries);
});

test("the journal of another run is a defect", async () => {
  const path = journalPath(runId, 7);
  const journal = await openJournal(publisher, { ...header(7), runId: idOf("9") }, []);
  await journal.close();
  const foreign = await filesystem.read(journalPath(idOf("9"), 7), 4096);
  await publisher.publish(path, [foreign]);
  await expect(adoptNow()).rejects.toThrow("is of run");
});

test("verifying ends with the caller's signal", async () => {
  await adopt([begin(), schema(1), batch(0)]);
  const signal = AbortSignal.abort(new Error("cancelled"));
  await expect(adoptJournal({ filesystem, runId, epoch: 7, signal })).rejects.toThrow("cancelled");
});
