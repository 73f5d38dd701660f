/** Values that the tests of the store share: ids, files, journal lines and schemas. */
import type { JournalEntry } from "../../src/core/journal.ts";
import type { ReadCursor, StoredCursor } from "../../src/core/cursor.ts";
import type { TableSchema } from "../../src/core/schema.ts";
import type { TableFile } from "../../src/core/snapshot.ts";
import { sha256Of } from "../../src/context/digest.ts";
import { partPath } from "../../src/context/layout.ts";

/** The id of the digit repeated. */
export const idOf = (digit: string): string => digit.repeat(26);

/** Ids of one run. */
export const runId = idOf("1");
export const pipelineId = idOf("2");
export const storeId = idOf("3");
export const tableId = idOf("4");
export const quarantineTableId = idOf("5");

/** The signal of a caller who never gives up. */
export const never: AbortSignal = new AbortController().signal;

/** UTF-8 of a text. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A stored cursor at a value. */
export function cursorAt(value: string, stream = "orders"): StoredCursor {
  return {
    version: 1,
    connector: "test",
    stream,
    column: "id",
    type: "int8",
    value,
    boundary: null,
  };
}

/** A schema of that version with one column. */
export function schemaOf(version: number): TableSchema {
  return {
    version,
    columns: [
      {
        id: 1,
        name: "id",
        sourceName: "id",
        type: { kind: "int", bits: 64, signed: true },
        nullable: false,
      },
    ],
    nextColumnId: 2,
    primaryKey: [1],
  };
}

/** What a part of the fixtures holds: text, since only its bytes count. */
export const partText = (seq: number): string => `part ${seq}`;

/** A part's entry in a journal, of a file that holds `partText`. */
export function fileOf(seq: number, partition = "", schemaVersion = 1): TableFile {
  const bytes = bytesOf(partText(seq));
  return {
    fileId: 7 * 2 ** 20 + seq,
    kind: "data",
    path: partPath({ runId, tableId, epoch: 7, partition, seq }),
    rows: 3,
    sizeBytes: bytes.byteLength,
    sha256: sha256Of(bytes),
    schemaVersion,
    masks: [],
  };
}

/** A header of that epoch. */
export function header(epoch: number): Extract<JournalEntry, { kind: "header" }> {
  return {
    kind: "header",
    runId,
    pipelineId,
    epoch,
    resumeKey: "k",
    loadedAtMicros: "1700000000000000",
    adoptedEpoch: null,
  };
}

/** The line that begins a partition. */
export function begin(
  stream = "orders",
  partition = "",
): Extract<JournalEntry, { kind: "stream_begin" }> {
  return {
    kind: "stream_begin",
    stream,
    partition,
    tableId,
    quarantineTableId,
    disposition: "append",
  };
}

/** A batch line of one part. */
export function batch(
  number: number,
  more: {
    readonly stream?: string;
    readonly partition?: string;
    readonly resume?: ReadCursor["resume"];
    readonly seq?: number;
    readonly schemaVersion?: number;
  } = {},
): Extract<JournalEntry, { kind: "batch" }> {
  const { stream = "orders", partition = "", resume = "any", seq = number } = more;
  const file = fileOf(seq, partition, more.schemaVersion);
  return {
    kind: "batch",
    stream,
    partition,
    number,
    tableId,
    rows: 3,
    sizeBytes: file.sizeBytes,
    files: [file],
    quarantineFiles: [],
    supersedes: null,
    discarded: 0,
    quarantined: 0,
    cursor: { resume, stored: cursorAt(String(number), stream), boundaryPath: null },
  };
}

/** The line that ends a partition. */
export function end(
  batches: number,
  more: {
    readonly stream?: string;
    readonly partition?: string;
    readonly resume?: ReadCursor["resume"];
  } = {},
): Extract<JournalEntry, { kind: "stream_end" }> {
  const { stream = "orders", partition = "", resume = "any" } = more;
  return {
    kind: "stream_end",
    stream,
    partition,
    batches,
    cursor: { resume, stored: cursorAt(`end of ${batches}`, stream), boundaryPath: null },
  };
}
