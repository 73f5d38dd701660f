/** The shape of a journal line's content, checked before anything is made of it. */
import { z } from "zod";
import type { JournalEntry } from "../../core/journal.ts";
import {
  countShape,
  digestShape,
  dispositionShape,
  idShape,
  microsShape,
  nameShape,
  partitionShape,
  sideFilePathShape,
  storedCursorShape,
  tableFileShape,
  tableSchemaShape,
} from "../stored-shapes.ts";

/** The disposition is here and not in the line of each batch: it can't change in a run. */
const streamBegin = z.strictObject({
  kind: z.literal("stream_begin"),
  stream: nameShape,
  partition: partitionShape,
  tableId: idShape,
  quarantineTableId: idShape,
  disposition: dispositionShape,
});

const header = z.strictObject({
  kind: z.literal("header"),
  runId: idShape,
  pipelineId: idShape,
  epoch: countShape,
  resumeKey: nameShape,
  loadedAtMicros: microsShape,
  adoptedEpoch: countShape.nullable(),
});

const schema = z.strictObject({
  kind: z.literal("schema"),
  tableId: idShape,
  schema: tableSchemaShape,
});

const cursor = z.strictObject({
  resume: z.enum(["any", "same_read", "none"]),
  stored: storedCursorShape,
  boundaryPath: sideFilePathShape.nullable(),
});

const sideFile = z.strictObject({
  path: sideFilePathShape,
  count: countShape,
  sha256: digestShape,
});

const batch = z.strictObject({
  kind: z.literal("batch"),
  stream: nameShape,
  partition: partitionShape,
  number: countShape,
  tableId: idShape,
  rows: countShape,
  sizeBytes: countShape,
  files: z.array(tableFileShape),
  quarantineFiles: z.array(tableFileShape),
  supersedes: sideFile.nullable(),
  discarded: countShape,
  quarantined: countShape,
  cursor,
});

const streamEnd = z.strictObject({
  kind: z.literal("stream_end"),
  stream: nameShape,
  partition: partitionShape,
  batches: countShape,
  cursor: cursor.nullable(),
});

/** The content of a line, the header's format and version taken off. */
export const journalEntryShape: z.ZodType<JournalEntry> = z.discriminatedUnion("kind", [
  header,
  streamBegin,
  schema,
  batch,
  streamEnd,
]);
