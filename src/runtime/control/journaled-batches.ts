/** What an attempt left in its journal, counted by the control process. */
import { HakiriError } from "../../core/error.ts";
import { journalPath } from "../../context/layout.ts";
import { newestJournal } from "../../context/journal/newest.ts";
import { readJournal } from "../../context/journal/reader.ts";
import type { ControlStore } from "./run-request.ts";

/**
 * The written batches in the journal that the next attempt goes on from; 0 where there is none. A
 * damaged journal counts for nothing: the next run starts anew from the last snapshot.
 */
export async function journaledBatches(
  { filesystem }: Pick<ControlStore, "filesystem">,
  runId: string,
  epoch: number,
): Promise<number> {
  const newest = await newestJournal(filesystem, runId, epoch);
  if (newest === null) return 0;
  try {
    const { entries } = await readJournal(filesystem, journalPath(runId, newest));
    return entries.filter((entry) => entry.kind === "batch").length;
  } catch (error) {
    if (error instanceof HakiriError && error.code.startsWith("journal.")) return 0;
    throw error;
  }
}
