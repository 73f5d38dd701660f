/** Keeps a pipeline in the catalog before it runs. */
import { newId } from "../../context/layout.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { PipelineRecord } from "../../core/ports/catalog.ts";
import type { OpenStore } from "./engine.ts";

/** A pipeline to keep. */
export interface RegisteredPipeline {
  readonly key: string;
  readonly spec: PipelineSpec;
  /** As the catalog has it by that key; null for a new one. */
  readonly known: PipelineRecord | null;
}

/** Stores or changes the pipeline of a key, and answers its id. */
export async function registerPipeline(
  { catalog, clock, random }: OpenStore,
  { key, spec, known }: RegisteredPipeline,
): Promise<string> {
  const { pipelineId } = await catalog.apply<"register_pipeline">({
    kind: "register_pipeline",
    version: 1,
    pipelineId: known?.pipelineId ?? newId(random),
    key,
    spec,
    at: String(clock.nowMicros()),
  });
  return pipelineId;
}
