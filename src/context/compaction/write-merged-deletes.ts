/**
 * Makes one file of a table's position deletes, as far as the files that they mask stay: a table
 * that is merged into often would else gather deletes until its large files are rewritten.
 */
import { quoteText } from "../../core/identifier.ts";
import type { LiveFile, TableFile } from "../../core/snapshot.ts";
import { deletesPath, folderOf, temporaryPath } from "../layout.ts";
import { expectSound, type CompactedTable, type CompactionTarget } from "./write-parts.ts";

/** Which deletes, and which of the files that they mask stay; at least one of each. */
export interface DeletesMerge {
  readonly deletes: readonly LiveFile[];
  readonly staying: ReadonlySet<number>;
  /** From 1 within the grant. */
  readonly attempt: number;
}

/** Writes the one file: the rows of all, each once, by file id and row number. */
export async function writeMergedDeletes(
  target: CompactionTarget,
  { table }: CompactedTable,
  { deletes, staying, attempt }: DeletesMerge,
): Promise<TableFile> {
  await expectSound(target, deletes);
  const { publisher, duckDb, runId, epoch, numbers } = target;
  const { filesystem } = publisher;
  const { fileId } = numbers.take();
  const path = deletesPath(runId, table.tableId, { epoch, attempt });
  await publisher.makeFolder(folderOf(path));
  const temporary = temporaryPath(path, publisher.random);
  const output = quoteText(filesystem.absolute(temporary));
  const inputs = deletes.map((file) => quoteText(filesystem.absolute(file.path)));
  await duckDb.run(
    `COPY (SELECT DISTINCT file_id, row_number FROM read_parquet([${inputs.join(", ")}])\n` +
      `WHERE file_id IN (${[...staying].join(", ")}) ORDER BY 1, 2)\n` +
      `TO ${output} (FORMAT parquet, COMPRESSION zstd)`,
  );
  const counts = await duckDb.rows(
    `SELECT file_id, count(*)::BIGINT AS rows FROM read_parquet(${output}) GROUP BY 1 ORDER BY 1`,
  );
  const masks = counts.map((row) => ({
    fileId: Number(row["file_id"]),
    rows: Number(row["rows"]),
  }));
  const published = await publisher.publishExisting(temporary, path);
  const rows = masks.reduce((sum, mask) => sum + mask.rows, 0);
  const { version: schemaVersion } = table.schema;
  return { ...published, fileId, kind: "deletes", rows, schemaVersion, masks };
}
