/** Pipelines of the test's source, and what is asked of their runs. */
import { openContract } from "../../src/core/contract.ts";
import type { PipelineSpec, StreamSpec } from "../../src/core/pipeline.ts";
import type { RunRequest } from "../../src/runtime/control/run-request.ts";

/** A request for a whole run of a pipeline that nobody cancels. */
export function requestOf(pipelineId: string, spec: PipelineSpec): RunRequest {
  return {
    pipelineId,
    spec,
    settings: spec.source,
    connectorDigest: "0".repeat(64),
    parameters: noParameters,
    limits: {
      threads: 1,
      memoryLimit: "256MB",
      batchRowsMax: 64 * 1024,
      batchBytesMax: 8 * 1024 * 1024,
      batchesInFlightMax: 4,
    },
    resumeTtlMs: 7 * 24 * 3600 * 1000,
    signal: new AbortController().signal,
    progress: () => undefined,
  };
}

/** What a run does that nothing special was asked of. */
export const noParameters: RunRequest["parameters"] = {
  fullRefresh: false,
  from: null,
  to: null,
  limit: null,
  streams: [],
};

/** A pipeline of the test's source. */
export function pipelineOf(
  streams: readonly (Partial<StreamSpec> & { readonly stream: string })[],
  more: Partial<PipelineSpec> = {},
): PipelineSpec {
  return {
    name: "shop",
    connector: "test",
    source: {},
    namespace: "main",
    tableTemplate: "{stream}",
    naming: "source",
    streams: streams.map((stream) => ({
      table: null,
      disposition: null,
      primaryKey: [],
      incremental: null,
      dedupSort: null,
      columns: null,
      ...stream,
    })),
    contract: openContract,
    onConflict: "error",
    onChange: "replace",
    onMissing: "keep",
    rowMetadata: true,
    parallel: 4,
    deadlineMs: 60_000,
    shared: false,
    ...more,
  };
}
