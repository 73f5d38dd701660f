/** Puts a pipeline back as it was where its run refused the new spec. */
import { HakiriError } from "../../core/error.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { RunResult } from "../../runtime/control/run-pipeline.ts";
import type { OpenStore } from "./engine.ts";
import { registerPipeline } from "./register-pipeline.ts";

/** What a pipeline was before this run. */
export interface EarlierSpec {
  readonly key: string;
  readonly spec: PipelineSpec;
  /** Whether any failure puts it back: the new one holds only for a run that went well. */
  readonly isKept: "unless_refused" | "if_done";
}

/** Has the run done, and puts the earlier spec back where it must be; null leaves the new one. */
export async function restoringSpec(
  store: OpenStore,
  pipelineId: string,
  earlier: EarlierSpec | null,
  run: () => Promise<RunResult>,
): Promise<RunResult> {
  if (earlier === null) return run();
  const { key, spec } = earlier;
  const restore = async (code: string): Promise<void> => {
    if (earlier.isKept === "unless_refused" && !isRefusal(code)) return;
    const known = await store.catalog.pipeline({ id: pipelineId });
    await registerPipeline(store, { key, spec, known });
  };
  try {
    const result = await run();
    if (result.error !== null) await restore(result.error.code);
    return result;
  } catch (error) {
    await restore(error instanceof HakiriError ? error.code : "");
    throw error;
  }
}

/** Whether what was asked for can't be done, rather than that it failed. */
function isRefusal(code: string): boolean {
  return /^(?:usage|refused|conflict)\./u.test(code) || code === "schema.changed_key";
}
