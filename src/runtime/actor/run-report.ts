/** What a run did to each table, in counts. */
import type { Superseded } from "../../context/supersede/position-deletes.ts";
import type { JournalEntry } from "../../core/journal.ts";
import type { TableFile } from "../../core/snapshot.ts";
import { formatTableName } from "../../core/table-name.ts";
import type { RunReport, TableReport } from "../protocol.ts";
import type { TableKeeper } from "./table-keeper.ts";

/** Most characters of a report's tables as JSON, some hundred tables. */
export const reportCharactersMax = 16 * 1024;

type Batch = Extract<JournalEntry, { kind: "batch" }>;

/** The report of these tables: the first ones that a control message has room for. */
export function boundedReport(tables: readonly TableReport[]): RunReport {
  let characters = 0;
  const over = tables.findIndex((table) => {
    characters += JSON.stringify(table).length;
    return characters > reportCharactersMax;
  });
  const kept = over === -1 ? tables : tables.slice(0, over);
  return { tables: kept, omitted: tables.length - kept.length };
}

/** What a run did to one table. */
export function tableReport(
  keeper: TableKeeper,
  entries: readonly JournalEntry[],
  superseded: Superseded & { readonly replaced: number },
): TableReport {
  const batches = entries
    .filter((entry) => entry.kind === "batch")
    .filter((batch) => batch.tableId === keeper.tableId);
  const files: readonly TableFile[] = batches.flatMap((batch) => batch.files);
  const staged = sumOf(batches, "rows");
  const masked = superseded.file?.masks ?? [];
  const own = new Set(files.map(({ fileId }) => fileId));
  const maskedOwn = masked.reduce((sum, mask) => sum + (own.has(mask.fileId) ? mask.rows : 0), 0);
  const discarded = sumOf(batches, "discarded");
  const quarantined = sumOf(batches, "quarantined");
  return {
    table: formatTableName(keeper.plan.table),
    rows: staged + quarantined,
    inserted: staged - maskedOwn - superseded.updated,
    updated: superseded.updated,
    deleted: superseded.deleted + superseded.replaced,
    discarded,
    quarantined,
    bytes: sumOf(batches, "sizeBytes"),
    files: files.length + (superseded.file === null ? 0 : 1),
  };
}

function sumOf(
  batches: readonly Batch[],
  member: "rows" | "sizeBytes" | "discarded" | "quarantined",
): number {
  return batches.reduce((sum, batch) => sum + batch[member], 0);
}
