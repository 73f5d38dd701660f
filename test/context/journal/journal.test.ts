/** Writing a journal and reading it back: whole, torn, damaged, and of a newer hakiri. */
import { describe, expect, test } from "vitest";
import { crc32c } from "../../../src/core/crc32c.ts";
import { journalLineBytesMax } from "../../../src/core/journal.ts";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { encodeLine } from "../../../src/context/journal/line.ts";
import type { BodyEntry } from "../../../src/context/journal/ordering-gate.ts";
import { readJournal } from "../../../src/context/journal/reader.ts";
import { openJournal } from "../../../src/context/journal/writer.ts";
import { journalPath } from "../../../src/context/layout.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { failingFilesystem } from "../../platform/failing-filesystem.ts";
import { interceptedFilesystem } from "../../platform/intercepted-filesystem.ts";
import { memoryFilesystem } from "../../platform/memory-filesystem.ts";
import { disksAfter } from "../../platform/power-cut/recording.ts";
import { recordingFilesystem } from "../../platform/power-cut/recording-filesystem.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { batch, begin, bytesOf, end, header, runId, schemaOf, tableId } from "../fixtures.ts";
import { rejectionOf, thrownBy } from "../thrown.ts";

const path = journalPath(runId, 7);
const lines: readonly BodyEntry[] = [
  begin(),
  { kind: "schema", tableId, schema: schemaOf(1) },
  batch(0),
  batch(1),
  end(2),
];

const open = (filesystem: Filesystem, adopted: readonly BodyEntry[] = []) =>
  openJournal(createPublisher(filesystem, seededRandom(1)), header(7), adopted);

async function written(filesystem: Filesystem): Promise<Uint8Array> {
  const journal = await open(filesystem);
  for (const line of lines) await journal.append(line);
  await journal.close();
  return filesystem.read(path, 1024 * 1024);
}

/** A filesystem that holds these bytes as the journal. */
async function holding(...parts: readonly Uint8Array[]): Promise<Filesystem> {
  const filesystem = memoryFilesystem();
  await createPublisher(filesystem, seededRandom(1)).publish(path, parts);
  return filesystem;
}

test("what is appended is read back in order", async () => {
  const filesystem = memoryFilesystem();
  await written(filesystem);
  const read = await readJournal(filesystem, path);
  expect(read).toEqual({ header: header(7), entries: lines, tornBytes: 0 });
});

test("batches that come out of order are written in theirs, and each caller waits for its own", async () => {
  const filesystem = memoryFilesystem();
  const journal = await open(filesystem);
  await journal.append(begin());
  const durable: number[] = [];
  const append = async (number: number): Promise<void> => {
    await journal.append(batch(number));
    durable.push(number);
  };
  const waiting = [3, 1, 2].map((number) => append(number));
  await journal.append({ kind: "schema", tableId, schema: schemaOf(1) });
  expect(durable).toEqual([]);
  await Promise.all([...waiting, append(0)]);
  expect(durable).toEqual([0, 1, 2, 3]);
  await journal.close();
  const { entries } = await readJournal(filesystem, path);
  expect(entries.map((entry) => (entry.kind === "batch" ? entry.number : entry.kind))).toEqual([
    "stream_begin",
    "schema",
    0,
    1,
    2,
    3,
  ]);
});

test("each line is synced before the next one is written", async () => {
  const calls: string[] = [];
  const filesystem = interceptedFilesystem(memoryFilesystem(), (call) => {
    if (call.operation === "write" || call.operation === "sync") calls.push(call.operation);
  });
  const journal = await open(filesystem);
  calls.length = 0;
  await Promise.all(lines.map((line) => journal.append(line)));
  expect(calls).toEqual(lines.flatMap(() => ["write", "sync"]));
});

test("an epoch has one journal: a second one is refused", async () => {
  const filesystem = memoryFilesystem();
  const journal = await open(filesystem);
  await expect(open(filesystem)).rejects.toMatchObject({ code: "store.name_taken" });
  await journal.close();
});

test("a journal comes with its header and adopted lines, and goes on from them", async () => {
  const filesystem = memoryFilesystem();
  const journal = await open(filesystem, lines.slice(0, 3));
  expect((await readJournal(filesystem, path)).entries).toEqual(lines.slice(0, 3));
  await journal.append(batch(1));
  await journal.close();
  expect((await readJournal(filesystem, path)).entries).toEqual(lines.slice(0, 4));
});

test("after a failed sync nothing more is written, and everyone hears why", async () => {
  const memory = memoryFilesystem();
  let broken = false;
  const filesystem = interceptedFilesystem(memory, (call) => {
    if (broken && call.operation === "sync") throw new Error("no more");
  });
  const journal = await open(filesystem);
  await journal.append(begin());
  broken = true;
  const outcomes = await Promise.allSettled([
    journal.append(batch(1)),
    journal.append(batch(0)),
    journal.append(batch(2)),
  ]);
  broken = false;
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(journal.append(batch(3))).rejects.toThrow("no more");
  await journal.close();
  const { entries } = await readJournal(memory, path);
  expect(entries.length).toBeLessThanOrEqual(2);
});

test("a full disk tears no line but the last", async () => {
  const memory = memoryFilesystem();
  const journalCalls = 20;
  for (let at = 0; at < journalCalls; at += 1) {
    const fresh = memoryFilesystem();
    const fault = { at, lasts: "onwards", errno: "ENOSPC" } as const;
    await written(failingFilesystem(fresh, fault).filesystem).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "disk.full" });
    });
    if ((await fresh.stat(path)) === null) continue;
    const { entries } = await readJournal(fresh, path);
    expect(entries).toEqual(lines.slice(0, entries.length));
  }
  expect(await memory.list("")).toEqual([]);
});

test("lines that wait when it is closed are rejected", async () => {
  const journal = await open(memoryFilesystem());
  await journal.append(begin());
  const waiting = journal.append(batch(1)).catch((error: unknown) => String(error));
  await journal.close();
  expect(await waiting).toContain("closed");
  await expect(journal.append(batch(0))).rejects.toThrow("closed");
});

test("after a power cut at any step the lines that were answered are there, in order", async () => {
  const recorder = await recordingFilesystem(memoryFilesystem());
  const answered: number[] = [];
  const adopted = lines.slice(0, 2);
  const journal = await open(recorder.filesystem, adopted);
  const at = (): number => recorder.recording().steps.length;
  answered.push(at());
  for (const line of lines.slice(2)) {
    await journal.append(line);
    answered.push(at());
  }
  await journal.close();
  const recording = recorder.recording();
  for (let cut = 0; cut <= recording.steps.length; cut += 1) {
    for (const disk of disksAfter(recording, cut, 3, 16)) {
      const after = memoryFilesystem(disk);
      const durable = answered.filter((step) => step <= cut).length;
      if ((await after.stat(path)) === null) {
        expect(durable, disk.label).toBe(0);
        continue;
      }
      const { entries } = await readJournal(after, path);
      expect(entries, disk.label).toEqual(lines.slice(0, entries.length));
      expect(entries.length, disk.label).toBeGreaterThanOrEqual(adopted.length + durable - 1);
      expect(entries.length, disk.label).toBeGreaterThanOrEqual(adopted.length);
    }
  }
});

describe("the bytes of a journal", () => {
  test("cut anywhere in its last line leave the lines before", async () => {
    const bytes = await written(memoryFilesystem());
    const lastStart = bytes.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let length = lastStart; length < bytes.byteLength; length += 1) {
      const read = await readJournal(await holding(bytes.subarray(0, length)), path);
      expect(read.entries).toEqual(lines.slice(0, -1));
      expect(read.tornBytes).toBe(length - lastStart);
    }
  });

  test("with a changed byte before the last line are damaged, and the line is told", async () => {
    const bytes = await written(memoryFilesystem());
    const lastStart = bytes.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let index = 0; index < lastStart; index += 7) {
      const changed = bytes.slice();
      changed[index] = (changed[index] ?? 0) ^ 0x08;
      const line = bytes.subarray(0, index).filter((byte) => byte === 0x0a).length + 1;
      const error = await rejectionOf(readJournal(await holding(changed), path));
      expect(error).toMatchObject({ kind: "Permanent", code: "journal.damaged" });
      expect(error.message).toContain(path);
      expect(error.message).toMatch(new RegExp(`in line ${line}$`, "u"));
    }
  });

  test("with a changed byte in the last line lose that line only", async () => {
    const bytes = await written(memoryFilesystem());
    const changed = bytes.slice();
    changed[bytes.byteLength - 30] = 0;
    const read = await readJournal(await holding(changed), path);
    expect(read.entries).toEqual(lines.slice(0, -1));
  });

  test("without a line in the middle are damaged", async () => {
    const parts = [header(7), ...lines].map((entry, seq) => encodeLine({ seq, entry }));
    const without = parts.filter((_, index) => index !== 3);
    const error = await rejectionOf(readJournal(await holding(...without), path));
    expect(error.code).toBe("journal.damaged");
    expect(error.message).toContain("the number 4, not 3 in line 4");
  });

  test.each([
    ["no header", [batch(0)]],
    ["a second header", [header(7), header(7)]],
  ])("with %s are damaged", async (found, entries) => {
    const parts = entries.map((entry, seq) => encodeLine({ seq, entry }));
    const error = await rejectionOf(readJournal(await holding(...parts), path));
    expect(error.code).toBe("journal.damaged");
    expect(error.message).toContain(found);
  });

  test("that are none at all are damaged", async () => {
    await expect(readJournal(await holding(), path)).rejects.toMatchObject({
      code: "journal.damaged",
    });
  });

  /** A line whose checksum holds, whatever it says. */
  const sealed = (body: string): Uint8Array => {
    const crc = crc32c(bytesOf(body)).toString(16).padStart(8, "0");
    return bytesOf(`${body.slice(0, -1)},"crc":"${crc}"}\n`);
  };
  const first = encodeLine({ seq: 0, entry: header(7) });

  test.each([
    ["no kind", '{"seq":1}'],
    ["no number", '{"kind":"schema"}'],
    ["a kind of its own", '{"kind":"other","seq":1}'],
    ["a path out of the store", JSON.stringify({ ...batchWithPath("../x.parquet"), seq: 1 })],
    ["a deep nest", `{"kind":"schema","schema":${"[".repeat(9000)}${"]".repeat(9000)},"seq":1}`],
  ])("with a line that has %s are damaged, though its checksum holds", async (_, body) => {
    const filesystem = await holding(first, sealed(body));
    await expect(readJournal(filesystem, path)).rejects.toMatchObject({
      code: "journal.damaged",
    });
  });

  test("of a newer version are told as such", async () => {
    const newer = sealed('{"format":"hakiri-journal","kind":"header","seq":0,"version":2}');
    const error = await rejectionOf(readJournal(await holding(newer), path));
    expect(error).toMatchObject({ kind: "Permanent", code: "journal.newer_format" });
    expect(error.message).toContain(path);
  });
});

function batchWithPath(file: string): object {
  const line = batch(0);
  return { ...line, files: line.files.map((part) => ({ ...part, path: file })) };
}

test("a line may be as long as the bound, and not one byte longer", async () => {
  const lineOf = (names: readonly string[]): BodyEntry => {
    const [column] = schemaOf(1).columns;
    if (column === undefined) throw new Error("the fixture has a column");
    const columns = names.map((name) => ({ ...column, name }));
    return { kind: "schema", tableId, schema: { ...schemaOf(1), columns } };
  };
  const long = Array.from({ length: 258 }, () => "x".repeat(16_000));
  const lineWith = (length: number): BodyEntry => {
    const quarter = Math.floor(length / 4);
    return lineOf([
      ...long,
      ...[quarter, quarter, quarter, length - 3 * quarter].map((n) => "x".repeat(n)),
    ]);
  };
  const sizeOf = (entry: BodyEntry): number => encodeLine({ seq: 1, entry }).byteLength;
  const fits = journalLineBytesMax - sizeOf(lineWith(0));
  const largest = lineWith(fits);
  expect(sizeOf(largest)).toBe(journalLineBytesMax);
  expect(thrownBy(() => sizeOf(lineWith(fits + 1))).code).toBe("journal.line_too_long");
  const parts = [header(7), largest].map((entry, seq) => encodeLine({ seq, entry }));
  const { entries } = await readJournal(await holding(...parts), path);
  expect(entries).toEqual([largest]);
});
