/**
 * Writes the parts of a compaction: DuckDB reads a table's live rows by the relation that readers
 * use, and writes them into new files.
 *
 *   W1. What is rewritten gets a new digest, so each input is first held against its old one:
 *       damage is told, never copied.
 *   W2. Rows keep the order of the inputs and of the rows in them.
 *   W3. Parts are written one after the other, each by one statement, so memory is bounded by
 *       DuckDB's limit, whatever the table's size.
 */
import { HakiriError } from "../../core/error.ts";
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import { fileColumn, loadedAtColumn, runIdColumn } from "../../core/reserved-column.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { LiveFile, TableFile, TableState } from "../../core/snapshot.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { folderOf, partPath, temporaryPath } from "../layout.ts";
import type { Publisher } from "../publish.ts";
import type { FileNumbers } from "../stage/staging.ts";
import { fileFault } from "../verify-file.ts";
import { placeName, tableRelation } from "../views/table-relation.ts";

/** Where the files of a compaction go. */
export interface CompactionTarget {
  readonly publisher: Publisher;
  readonly duckDb: DuckDb;
  readonly runId: string;
  readonly epoch: number;
  readonly numbers: FileNumbers;
  readonly signal: AbortSignal;
}

/** A table as it is rewritten. */
export interface CompactedTable {
  /** With every live file. */
  readonly table: TableState;
  /** Every version of its schema. */
  readonly schemas: readonly TableSchema[];
}

/**
 * Throws Permanent `store.damaged_file`, naming the path, for the first of the files whose bytes
 * aren't those of its digest.
 */
export async function expectSound(
  { publisher, signal }: Pick<CompactionTarget, "publisher" | "signal">,
  files: readonly TableFile[],
): Promise<void> {
  for (const file of files) {
    const fault = await fileFault(publisher.filesystem, file, signal);
    if (fault === null) continue;
    throw new HakiriError({
      kind: "Permanent",
      code: "store.damaged_file",
      message: `expected the file as it was committed: ${fault}`,
      hint: "restore it from a copy; 'hakiri doctor --deep' names every file that is damaged",
      where: { file: file.path },
    });
  }
}

/** Writes one part of the inputs' live rows; null where none of their rows is live. */
export async function writePart(
  target: CompactionTarget,
  compacted: CompactedTable,
  inputs: readonly LiveFile[],
): Promise<TableFile | null> {
  await expectSound(target, inputs);
  const { table } = compacted;
  const { publisher, duckDb, runId, epoch, numbers } = target;
  const { seq, fileId } = numbers.take();
  const path = partPath({ runId, tableId: table.tableId, epoch, partition: "", seq });
  await publisher.makeFolder(folderOf(path));
  const temporary = temporaryPath(path, publisher.random);
  const { filesystem } = publisher;
  const root = `${filesystem.absolute("")}/`;
  const [written] = await duckDb.rows(
    `COPY (${rowsQuery(compacted, inputs, root)}) TO ${quoteText(filesystem.absolute(temporary))} ` +
      `(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION v2, ` +
      `FIELD_IDS {${fieldIds(table).join(", ")}}, RETURN_STATS)`,
  );
  const rows = Number(written?.["count"]);
  checkRows(compacted, inputs, rows);
  if (rows === 0) {
    await filesystem.unlink(temporary);
    return null;
  }
  const published = await publisher.publishExisting(temporary, path);
  const schemaVersion = table.schema.version;
  return { ...published, fileId, kind: "data", rows, schemaVersion, masks: [] };
}

/** W2: a scan of whole files of one kind keeps their order; a join or union doesn't. */
function rowsQuery(
  { table, schemas }: CompactedTable,
  inputs: readonly LiveFile[],
  root: string,
): string {
  const deletes = table.files.filter(({ kind }) => kind === "deletes");
  const masked = new Set(deletes.flatMap(({ masks }) => masks.map(({ fileId }) => fileId)));
  const versions = new Set(inputs.map(({ schemaVersion }) => schemaVersion));
  const input = { table: { ...table, files: [...inputs, ...deletes] }, schemas, root };
  if (versions.size === 1 && !inputs.some(({ fileId }) => masked.has(fileId))) {
    return tableRelation(input);
  }
  const placeOrder = inputs.map(({ fileId }) => fileId);
  const relation = tableRelation({ ...input, placeOrder });
  return `SELECT * EXCLUDE (${placeName}) FROM (${relation}) ORDER BY ${placeName}`;
}

function fieldIds(table: TableState): readonly string[] {
  const reserved = [fileColumn, runIdColumn, loadedAtColumn].filter(({ id }) =>
    table.reserved.includes(id),
  );
  return [...table.schema.columns, ...reserved].map(
    ({ id, name }) => `${quoteIdentifier(name)}: ${id}`,
  );
}

/** Rows that two deletes name are counted twice, so the count lies between two bounds. */
function checkRows({ table }: CompactedTable, inputs: readonly LiveFile[], rows: number): void {
  const ids = new Set(inputs.map(({ fileId }) => fileId));
  const most = inputs.reduce((sum, file) => sum + file.rows, 0);
  const masked = table.files
    .flatMap(({ masks }) => masks)
    .reduce((sum, mask) => (ids.has(mask.fileId) ? sum + mask.rows : sum), 0);
  if (rows <= most && rows >= most - masked) return;
  throw new Error(
    `expected ${most - masked} to ${most} rows of ${inputs.length} files, got ${rows}`,
  );
}
