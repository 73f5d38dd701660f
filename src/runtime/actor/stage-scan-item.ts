/** Stages one scan of a reader's, and has the reader say what was read by it. */
import { stageScan } from "../../context/stage/stage-scan.ts";
import type { ReadCursor } from "../../core/cursor.ts";
import type { Reader, ScanItem } from "../../core/ports/source.ts";
import { respellScan } from "../../core/respell.ts";
import { valuesOfScan } from "./incoming-values.ts";
import type { RunFrame } from "./run-frame.ts";
import { underContract } from "./told-types.ts";
import type { TableKeeper } from "./table-keeper.ts";
import type { StagedBatch } from "./written-batches.ts";

/** Most times that a scan is replaced by one that may go better. */
export const recoveriesMax = 3;

/** Where a scan's rows go, and whose it is. */
export interface ScanPlace {
  readonly keeper: TableKeeper;
  readonly partition: string;
  readonly reader: Reader;
}

/** A staged scan with what its reader says of it. */
export interface StagedScanItem extends StagedBatch {
  readonly cursor: ReadCursor;
  readonly supersedes: readonly string[];
}

/**
 * Stages a scan, or what its reader puts in its place after a failure. Throws what staging and the
 * reader throw.
 */
export async function stageScanItem(
  frame: RunFrame,
  place: ScanPlace,
  item: ScanItem,
): Promise<StagedScanItem> {
  const { reader } = place;
  if (reader.verifyScan === undefined) throw new Error("a reader gave a scan it can't verify");
  let current = item;
  let staged: StagedBatch | null = null;
  for (let recoveries = 0; staged === null; recoveries += 1) {
    try {
      staged = await stage(frame, place, current);
    } catch (error) {
      frame.signal.throwIfAborted();
      if (recoveries >= recoveriesMax || reader.recoverScan === undefined) throw error;
      current = await reader.recoverScan(current.scan, error);
    }
  }
  const cursor = await reader.verifyScan(current.scan);
  return { ...staged, cursor, supersedes: current.supersedes };
}

function stage(
  { staging, duckDb, order }: RunFrame,
  { keeper, partition }: ScanPlace,
  item: ScanItem,
): Promise<StagedBatch> {
  const { contract } = order.spec;
  return keeper.stageUnder((schema) => {
    const scan = respellScan(item.scan, schema);
    return {
      incoming: { fields: scan.fields, primaryKey: [] },
      values: valuesOfScan(duckDb, scan),
      stage: (intake) =>
        stageScan({
          run: staging,
          duckDb,
          partition,
          table: { tableId: keeper.tableId, schema: intake.schema },
          quarantineTableId: keeper.quarantine.tableId,
          scan,
          targets: underContract(intake.targets, { scan, schema: intake.schema, contract }),
          isOrdered: keeper.plan.isKeyed,
        }),
    };
  });
}
