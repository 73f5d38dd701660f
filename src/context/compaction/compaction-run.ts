/** The run of a compaction: how it is granted, and how it ends where nothing was committed. */
import type { Grant } from "../../core/catalog-command.ts";
import { toHakiriError } from "../../core/error.ts";
import type { RunEvent } from "../../core/run.ts";
import type { TableState } from "../../core/snapshot.ts";
import { newId } from "../layout.ts";
import { FileNumbers } from "../stage/staging.ts";
import type { CompactionContext } from "./base.ts";

/** How long a compaction may take before its run counts as stuck. */
const deadlineMicros = 6n * 3_600_000_000n;

/** A granted compaction. */
export interface GrantedRun {
  readonly grant: Grant;
  readonly pipelineId: string;
  readonly pipelineName: string;
  readonly storeId: string;
  readonly numbers: FileNumbers;
}

/** Claims a run for the owner of a table. */
export async function claimRun(
  { catalog, clock, publisher }: CompactionContext,
  { ownerPipelineId: pipelineId }: TableState,
): Promise<GrantedRun> {
  const { storeId } = await catalog.head();
  // A rebuilt catalog may hide a pipeline until it is registered again.
  const pipelineName = (await catalog.pipeline({ id: pipelineId }))?.spec.name ?? pipelineId;
  const at = clock.nowMicros();
  const grant = await catalog.apply<"claim_run">({
    kind: "claim_run",
    version: 1,
    pipelineId,
    runId: newId(publisher.random),
    resumeKey: "compaction",
    resumeParts: {},
    // A compaction has no journal, so none is ever resumed.
    resumableSince: String(at),
    what: "compaction",
    at: String(at),
    deadlineAt: String(at + deadlineMicros),
  });
  const numbers = new FileNumbers(grant.epoch);
  return { grant, pipelineId, pipelineName, storeId, numbers };
}

/**
 * Says that the run ended without a commit. Where this fails too, the next claim of the pipeline
 * ends the run, and the first failure is the one to tell.
 */
export async function endRun(
  { catalog, clock }: CompactionContext,
  { grant }: GrantedRun,
  reason: { readonly error: unknown; readonly isCancelled: boolean },
): Promise<void> {
  const { runId, epoch } = grant;
  const told = { epoch, writtenBatches: 0 };
  const event: RunEvent = reason.isCancelled
    ? { type: "cancelled", ...told }
    : { type: "failed", ...told, error: toHakiriError(reason.error).toRecord() };
  const at = String(clock.nowMicros());
  const move = { runId, epoch, event, report: null, error: null, at };
  await catalog.apply<"move_run">({ kind: "move_run", version: 1, ...move }).catch(() => undefined);
}
