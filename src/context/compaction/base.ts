/** The state that a compaction starts from: the newest snapshot, pinned, and what is due in it. */
import type { Catalog, Pin, Pins } from "../../core/ports/catalog.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { TableFile, TableState } from "../../core/snapshot.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import type { Publisher } from "../publish.ts";
import { allFiles } from "../snapshot/table-files.ts";
import { planCompaction, type CompactionPlan } from "./plan.ts";
import type { CompactionRules } from "./rules.ts";

/** What a compaction works with. */
export interface CompactionContext {
  readonly catalog: Catalog;
  readonly pins: Pins;
  readonly publisher: Publisher;
  readonly clock: Clock;
  /** Asked for once there is something to rewrite; whoever opens it closes it. */
  readonly duckDb: () => Promise<DuckDb>;
}

/** Which table, and how. */
export interface TableRequest {
  readonly tableId: string;
  readonly rules: CompactionRules;
  readonly signal: AbortSignal;
}

/** How large a table is on disk. */
export interface TableExtent {
  /** Live files, deletes included. */
  readonly files: number;
  readonly bytes: number;
}

/** Tries of one compaction whose inputs change meanwhile. */
export const compactionTriesMax = 5;

/** The newest snapshot, held, and what is due for the table in it. */
export interface Base {
  readonly pin: Pin;
  readonly sequence: number;
  readonly table: TableState;
  readonly plan: CompactionPlan | null;
  readonly before: TableExtent;
}

/** Pins and plans. A snapshot counts as held once the catalog retains it after it was pinned. */
export async function pinnedBase(
  { catalog, pins }: CompactionContext,
  { tableId, rules }: TableRequest,
): Promise<Base> {
  for (let tries = 0; tries < compactionTriesMax; tries += 1) {
    const { sequence } = await catalog.head();
    const pin = pins.pin(sequence);
    try {
      if ((await catalog.snapshotAt({ sequence })) !== null) {
        const tables = await catalog.tables(sequence);
        const found = tables.find((table) => table.tableId === tableId);
        if (found === undefined) throw new Error(`expected a table of the store, got ${tableId}`);
        const files = await allFiles(catalog, tableId, sequence);
        const plan = planCompaction(files, rules, found.schema.version);
        return { pin, sequence, table: { ...found, files }, plan, before: extentOf(files) };
      }
    } catch (error) {
      pin.release();
      throw error;
    }
    pin.release();
  }
  throw new Error(`expected the newest snapshot to stay for a moment, ${compactionTriesMax} times`);
}

/** The extent of these files. */
export function extentOf(files: readonly TableFile[]): TableExtent {
  return { files: files.length, bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0) };
}
