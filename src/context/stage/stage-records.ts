/**
 * Stages record batches: brought into the table's columns, encoded and published as parts.
 *
 *   R1. File numbers are taken before anything is waited for, so that who calls in the order of
 *       delivery gets ids that rise with it.
 *   R2. Each row that came is in a part of the table, or in one of its quarantine table.
 *   R3. A part keeps to the size of a written batch, whatever the reader gave.
 */
import type { RecordBatch } from "../../core/batch.ts";
import type { FieldTarget } from "../../core/evolution/place-field.ts";
import { deletedColumn, loadedAtColumn, runIdColumn } from "../../core/reserved-column.ts";
import type { TableFile } from "../../core/snapshot.ts";
import type { Field } from "../../core/type.ts";
import { coalescer } from "../../columns/coalescer.ts";
import { boolVector, constantText, constantTimestamp } from "../../columns/constant-vector.ts";
import type { NamedColumn } from "../../columns/named-column.ts";
import { partPath } from "../layout.ts";
import { placeRecords } from "./place-records.ts";
import { releaseBuffers } from "./release-buffers.ts";
import { quarantineRecords } from "./quarantine-records.ts";
import { quarantineSchema } from "./quarantine.ts";
import type { StagedTable, StagingRun } from "./staging.ts";

/** Record batches on their way into a table. */
export interface RecordsJob {
  readonly run: StagingRun;
  /** Empty for a stream that is read whole. */
  readonly partition: string;
  readonly table: StagedTable;
  readonly quarantineTableId: string;
  /** The batches' columns. */
  readonly fields: readonly Field[];
  /** One for each field. */
  readonly targets: readonly FieldTarget[];
  /** In order. Their buffers pass to the callee. */
  readonly batches: readonly RecordBatch[];
}

/** What was staged of them. */
export interface StagedRecords {
  /** In the order of their rows. */
  readonly files: readonly TableFile[];
  readonly quarantineFiles: readonly TableFile[];
  /** Rows in the files. */
  readonly rows: number;
  readonly sizeBytes: number;
  /** Rows of which a value was dropped by contract; they are in the files. */
  readonly discarded: number;
  /** Rows in the quarantine files instead. */
  readonly quarantined: number;
}

/** A part before it is encoded. */
interface PlannedPart {
  readonly tableId: string;
  readonly schemaVersion: number;
  readonly columns: readonly NamedColumn[];
  readonly rows: number;
  readonly numbers: { readonly seq: number; readonly fileId: number };
}

/**
 * Stages batches. Throws SchemaIncompatible `value.*` for a value that a promotion doesn't hold,
 * and what encoding and publishing throw.
 */
export async function stageRecords(job: RecordsJob): Promise<StagedRecords> {
  const parts: PlannedPart[] = [];
  const refused: PlannedPart[] = [];
  let discarded = 0;
  for (const batch of writtenBatches(job.batches)) {
    const placed = placeRecords(batch, job);
    discarded += placed.discarded;
    if (placed.batch.rows > 0) parts.push(planPart(job, placed.columns, placed.batch));
    if (placed.refused !== null) refused.push(planRefused(job, placed.refused));
  }
  const files: TableFile[] = [];
  for (const part of parts) files.push(await write(job, part));
  const quarantineFiles: TableFile[] = [];
  for (const part of refused) quarantineFiles.push(await write(job, part));
  return {
    files,
    quarantineFiles,
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    discarded,
    quarantined: quarantineFiles.reduce((sum, file) => sum + file.rows, 0),
  };
}

/** R3. */
function writtenBatches(batches: readonly RecordBatch[]): readonly RecordBatch[] {
  const sized = coalescer();
  const full = batches.flatMap((batch) => sized.add(batch));
  const rest = sized.flush();
  return rest === null ? full : [...full, rest];
}

/** R1. */
function planPart(
  { run, table }: RecordsJob,
  columns: readonly NamedColumn[],
  { rows, tombstones }: RecordBatch,
): PlannedPart {
  const marks =
    tombstones === null ? [] : [{ ...deletedColumn, vector: boolVector(tombstones, rows) }];
  return {
    tableId: table.tableId,
    schemaVersion: table.schema.version,
    columns: [...columns, ...(run.rowMetadata ? metadata(run, rows) : []), ...marks],
    rows,
    numbers: run.numbers.take(),
  };
}

function planRefused(
  { run, quarantineTableId }: RecordsJob,
  refused: Parameters<typeof quarantineRecords>[0],
): PlannedPart {
  const { columns, rows } = quarantineRecords(refused);
  return {
    tableId: quarantineTableId,
    schemaVersion: quarantineSchema.version,
    columns: [...columns, ...metadata(run, rows)],
    rows,
    numbers: run.numbers.take(),
  };
}

function metadata(run: StagingRun, rows: number): readonly NamedColumn[] {
  return [
    { ...runIdColumn, vector: constantText(run.runId, rows) },
    { ...loadedAtColumn, vector: constantTimestamp(BigInt(run.loadedAtMicros), rows) },
  ];
}

async function write({ run, partition }: RecordsJob, part: PlannedPart): Promise<TableFile> {
  const { columns, rows, schemaVersion, tableId } = part;
  const { seq, fileId } = part.numbers;
  const bytes = await run.encode({
    columns: columns.map(({ id, name, vector }) => ({ id, name, vector })),
    rows,
  });
  releaseBuffers({ columns, rows });
  const path = partPath({ runId: run.runId, tableId, epoch: run.epoch, partition, seq });
  const published = await run.publisher.publish(path, [bytes]);
  return { ...published, fileId, kind: "data", rows, schemaVersion, masks: [] };
}
