/** Sends a run's spans to where the environment says, once the run is over. */
import type { Micros } from "../../core/catalog-command.ts";
import type { CommandContext } from "../command.ts";
import type { Engine, OpenStore } from "./engine.ts";
import { allSpans } from "./history/all-spans.ts";

/** A run that is over. */
export interface EndedRun {
  readonly runId: string;
  /** When this process began it: spans of earlier attempts were exported by theirs. */
  readonly begunAt: Micros;
}

/** Never fails: what a collector doesn't take is a note, since the run is recorded anyway. */
export async function exportRunTrace(
  engine: Pick<Engine, "traceExport">,
  { catalog }: Pick<OpenStore, "catalog">,
  { runId, begunAt }: EndedRun,
  { env, progress }: Pick<CommandContext, "env" | "progress">,
): Promise<void> {
  try {
    const send = engine.traceExport(env);
    if (send === null) return;
    const spans = await allSpans(catalog, runId);
    const own = spans.filter(({ startedAt }) => BigInt(startedAt) >= BigInt(begunAt));
    await send({ runId, spans: own });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    progress({ type: "note", message: `the spans of run ${runId} were not exported: ${reason}` });
  }
}
