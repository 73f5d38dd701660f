/** Pipelines as rows, and the fence: what a grant older than the latest one may not do any more. */
import { refused } from "../../core/refusal.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** What commands need of a pipeline. */
export interface PipelineRow {
  readonly pipelineId: string;
  /** Of the latest grant; null before the first. */
  readonly epoch: number | null;
  /** Null in a rebuilt store where no commit said it, until the pipeline is registered again. */
  readonly spec: string | null;
}

/** The pipeline. Throws Permanent `refused.unknown_pipeline` where there is none. */
export function requirePipeline(database: SqlDatabase, pipelineId: string): PipelineRow {
  const row = database.get<PipelineRow>(
    { sql: "select pipeline_id as pipelineId, epoch, spec from pipelines where pipeline_id = ?" },
    pipelineId,
  );
  if (row !== undefined) return row;
  throw refused("unknown_pipeline", `expected a pipeline of this store, got '${pipelineId}'`);
}

/**
 * Fences: answers the pipeline where the epoch is its latest grant's, and throws Permanent
 * `refused.stale_epoch` otherwise.
 */
export function requireLatestGrant(
  database: SqlDatabase,
  pipelineId: string,
  epoch: number,
): PipelineRow {
  const pipeline = requirePipeline(database, pipelineId);
  if (pipeline.epoch === epoch) return pipeline;
  throw refused(
    "stale_epoch",
    `expected the epoch of the pipeline's latest grant, ${String(pipeline.epoch)}, got ${epoch}`,
    "another process took the pipeline over; look at its runs",
  );
}
