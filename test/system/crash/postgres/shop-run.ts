/** A run of the pipeline over a shop, in any process, with parts of a few rows. */
import { newId } from "../../../../src/context/layout.ts";
import type { PipelineSpec } from "../../../../src/core/pipeline.ts";
import type { Source } from "../../../../src/core/ports/source.ts";
import { connectorDigest, openSource } from "../../../../src/profiles/engine/connectors.ts";
import type { RunResult } from "../../../../src/runtime/control/run-pipeline.ts";
import { runPipeline } from "../../../../src/runtime/control/run-pipeline.ts";
import type {
  ActorPlace,
  ControlStore,
  RunRequest,
} from "../../../../src/runtime/control/run-request.ts";

/** Runs the pipeline once, as `hakiri run` does. */
export async function runShop(
  store: ControlStore,
  place: ActorPlace,
  spec: PipelineSpec,
  progress: RunRequest["progress"] = () => undefined,
): Promise<RunResult> {
  const { connector, source: settings, onChange, onMissing } = spec;
  const { pipelineId } = await store.catalog.apply<"register_pipeline">({
    kind: "register_pipeline",
    version: 1,
    pipelineId: newId(store.random),
    key: spec.name,
    spec,
    at: String(store.clock.nowMicros()),
  });
  const { project } = store;
  const opening = { settings, project, onChange, onMissing, scratch: "" };
  return runPipeline(store, place, {
    pipelineId,
    spec,
    settings,
    openSource: (): Promise<Source> => openSource(connector, opening),
    connectorDigest: connectorDigest(connector),
    parameters: { fullRefresh: false, from: null, to: null, limit: null, streams: [] },
    limits: {
      threads: 1,
      memoryLimit: "256MiB",
      batchRowsMax: 100,
      batchBytesMax: 1024 * 1024,
      batchesInFlightMax: 3,
    },
    resumeTtlMs: 3_600_000,
    signal: new AbortController().signal,
    progress,
  });
}
