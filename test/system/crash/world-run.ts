/** Pipelines over the made-up system, and a run of it to a version. */
import { defaultPipeline, defaultStream } from "../../../src/config/pipeline-schema.ts";
import { newId } from "../../../src/context/layout.ts";
import type { PipelineSpec } from "../../../src/core/pipeline.ts";
import type { RunResult } from "../../../src/runtime/control/run-pipeline.ts";
import { runPipeline } from "../../../src/runtime/control/run-pipeline.ts";
import type { ActorPlace, ControlStore } from "../../../src/runtime/control/run-request.ts";
import { dispositions, worldSettings, writeWorldFiles } from "./world-source.ts";
import { streamNames, type StreamName } from "./world.ts";

const incremental: Readonly<Partial<Record<StreamName, string>>> = {
  events: "id",
  orders: "changed",
};

/** A pipeline over the system, or some of its streams; its tables are in the namespace. */
export function worldPipeline(
  namespace = "main",
  streams: readonly StreamName[] = streamNames,
): PipelineSpec {
  return {
    ...defaultPipeline,
    name: namespace,
    namespace,
    connector: "world",
    source: {},
    streams: streams.map((stream) => ({
      ...defaultStream,
      stream,
      disposition: dispositions[stream],
      incremental: incremental[stream] ?? null,
    })),
    parallel: 3,
    deadlineMs: 60_000,
  };
}

/** A run to a version of the system. */
export interface WorldRun {
  readonly version: number;
  readonly spec?: PipelineSpec;
  /** Hears how many batches the run's journal holds, each time after one is durable. */
  readonly told?: (writtenBatches: number) => void;
}

const ignored = (): void => undefined;

/** Brings the pipeline's tables to a version of the system. Several batches make a part. */
export async function runTo(
  store: ControlStore,
  place: ActorPlace,
  { version, spec = worldPipeline(), told = ignored }: WorldRun,
): Promise<RunResult> {
  const folder = spec.namespace;
  writeWorldFiles(store.project, { version, folder });
  const { pipelineId } = await store.catalog.apply<"register_pipeline">({
    kind: "register_pipeline",
    version: 1,
    pipelineId: newId(store.random),
    key: spec.name,
    spec,
    at: String(store.clock.nowMicros()),
  });
  return runPipeline(store, place, {
    pipelineId,
    spec,
    // No part of the resume key: the system moves on while a run waits to be resumed.
    settings: worldSettings(version, folder),
    connectorDigest: "0".repeat(64),
    parameters: { fullRefresh: false, from: null, to: null, limit: null, streams: [] },
    limits: {
      threads: 1,
      memoryLimit: "256MiB",
      batchRowsMax: 8,
      batchBytesMax: 1024 * 1024,
      batchesInFlightMax: 3,
    },
    resumeTtlMs: 3_600_000,
    signal: new AbortController().signal,
    progress: (tell) => {
      if (tell.type === "progress") told(tell.writtenBatches);
    },
  });
}
