/**
 * From a held claim to an order for an actor: what was left undone is settled, the epoch is raised,
 * and the run's starting point is fixed.
 *
 *   G1. The caller holds the pipeline's claim, so no other process writes the pipeline.
 *   G2. The base is read before the grant and is the pipeline's own: its cursors and tables change
 *       only under its claim. Other pipelines may commit meanwhile, which the commit checks.
 */
import type { Grant } from "../../core/catalog-command.ts";
import type { CursorRecord } from "../../core/ports/catalog.ts";
import { newId } from "../../context/layout.ts";
import type { RunOrder } from "../protocol.ts";
import { resumeKeyOf } from "./resume-key.ts";
import type { ControlStore, RunRequest } from "./run-request.ts";

/** An order, and what the control process keeps beside it. */
export interface GrantedRun {
  readonly order: RunOrder;
  readonly grant: Grant;
  /** The pipeline's cursors at the base, by stream and partition. */
  readonly cursors: readonly CursorRecord[];
}

/** What an attempt brings to its grant. */
export interface AttemptFacts extends Pick<RunOrder, "runId" | "runSpanId" | "sessionToken"> {
  /** Of the run's attempt before; null for the first. */
  readonly lastResumeKey: string | null;
  /** When the run must be over, microseconds since 1970. */
  readonly deadlineAt: bigint;
}

/**
 * Grants a new run, resumes an earlier one, or restarts the run of this id that is under way. Where
 * what it started from is no longer there, a new run takes its place.
 */
export async function grantRun(
  store: ControlStore,
  request: RunRequest,
  attempt: AttemptFacts,
): Promise<GrantedRun> {
  const { catalog, clock } = store;
  const head = await catalog.head();
  const cursors = await catalog.cursors(request.pipelineId);
  const tables = await catalog.tables(head.sequence);
  // Of shared tables the run may use any.
  const used = tables.filter(
    (table) => table.ownerPipelineId === request.pipelineId || table.shared || request.spec.shared,
  );
  const resume = resumeKeyOf({
    spec: request.spec,
    connectorDigest: request.connectorDigest,
    parameters: request.parameters,
    cursors,
    schemaVersions: Object.fromEntries(used.map((table) => [table.tableId, table.schema.version])),
  });
  const now = clock.nowMicros();
  const isSame = attempt.lastResumeKey === null || attempt.lastResumeKey === resume.key;
  const grant = await catalog.apply<"claim_run">({
    kind: "claim_run",
    version: 1,
    pipelineId: request.pipelineId,
    runId: isSame ? attempt.runId : newId(store.random),
    resumeKey: resume.key,
    resumeParts: resume.parts,
    resumableSince: String(now - BigInt(request.resumeTtlMs) * 1000n),
    what: "run",
    at: String(now),
    deadlineAt: String(attempt.deadlineAt),
  });
  const pipeline = await catalog.pipeline({ id: request.pipelineId });
  const order: RunOrder = {
    storeId: head.storeId,
    project: store.project,
    pipelineId: request.pipelineId,
    runId: grant.runId,
    epoch: grant.epoch,
    attempts: grant.attempts,
    adoptEpoch: grant.adopt?.epoch ?? null,
    resumeKey: resume.key,
    loadedAt: grant.loadedAt,
    pipelineKey: pipeline?.key ?? null,
    spec: request.spec,
    settings: request.settings,
    parameters: request.parameters,
    base: { sequence: head.sequence, cursorsDigest: grant.cursorsDigest },
    limits: request.limits,
    sessionToken: attempt.sessionToken,
    runSpanId: attempt.runSpanId,
  };
  return { order, grant, cursors };
}
