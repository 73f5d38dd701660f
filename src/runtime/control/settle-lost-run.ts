/**
 * Settles a run whose process died: what its journal holds decides between a run that may be
 * resumed and one that failed. The caller holds the claim, so the owner is certainly gone.
 */
import { isActive } from "../../core/run.ts";
import { journaledBatches } from "./journaled-batches.ts";
import type { ControlStore } from "./run-request.ts";

/** Gives the pipeline's latest run its terminal state where it has none. */
export async function settleLostRun(store: ControlStore, pipelineId: string): Promise<void> {
  const [last] = await store.catalog.runs({ pipelineId, beforeRunId: null, limit: 1 });
  if (last === undefined || !isActive(last.state)) return;
  const { epoch } = last;
  const told = { epoch, writtenBatches: await journaledBatches(store, last.runId, epoch) };
  await store.catalog.apply<"move_run">({
    kind: "move_run",
    version: 1,
    runId: last.runId,
    epoch,
    event:
      last.state.kind === "running"
        ? { type: "owner_lost", ...told }
        : { type: "cancelled", ...told },
    report: null,
    error: null,
    at: String(store.clock.nowMicros()),
  });
}
