/** One run as the command line performs it: secrets, progress, and the answer. */
import type { PipelineSpec } from "../../core/pipeline.ts";
import { runPipeline } from "../../runtime/control/run-pipeline.ts";
import type { RunRequest } from "../../runtime/control/run-request.ts";
import type { RunParameters } from "../../runtime/protocol.ts";
import type { Answer, CommandContext } from "../command.ts";
import type { ProgressSink } from "../progress/event.ts";
import type { Engine } from "./engine.ts";
import { exportRunTrace } from "./export-run-trace.ts";
import type { OpenProject } from "./project.ts";
import { runAnswer } from "./run-answer.ts";
import { restoringSpec, type EarlierSpec } from "./restore-spec.ts";
import { sourceSettings } from "./source-settings.ts";
import { autoCompact } from "./upkeep/auto-compact.ts";

/** A run to perform. */
export interface WantedRun {
  readonly pipelineId: string;
  readonly spec: PipelineSpec;
  readonly parameters: RunParameters;
  /** Values of this run alone, by variable. */
  readonly inlineSecrets: ReadonlyMap<string, string>;
  /** What the pipeline is again where the run refuses its spec; null where that is a file's. */
  readonly earlier: EarlierSpec | null;
  /** Whether its settings are typed, and in no file that a hint could be about. */
  readonly isTyped?: boolean;
}

/** Parameters of a run that is asked nothing special. */
export const plainParameters: RunParameters = {
  fullRefresh: false,
  from: null,
  to: null,
  limit: null,
  streams: [],
};

/** Runs a pipeline and says how it went. Throws what `runPipeline` throws. */
export async function performRun(
  engine: Engine,
  project: OpenProject,
  wanted: WantedRun,
  context: CommandContext,
): Promise<Answer> {
  const { store } = project;
  const { spec } = wanted;
  const begunAt = String(store.clock.nowMicros());
  const started = store.clock.monotonicMs();
  const { pipelineId, parameters } = wanted;
  const result = await restoringSpec(store, pipelineId, wanted.earlier, async () =>
    runPipeline(store, engine.actorPlace(), {
      pipelineId,
      spec,
      ...(await opening(engine, project, wanted)),
      connectorDigest: engine.connectorDigest(spec.connector),
      parameters,
      limits: engine.limits(project.spec),
      resumeTtlMs: project.spec.store.resumeTtlMs,
      signal: context.signal,
      progress: progressOf(context.progress),
    }),
  );
  const durationMs = Math.round(store.clock.monotonicMs() - started);
  await exportRunTrace(engine, store, { runId: result.runId, begunAt }, context);
  if (result.sequence !== null) {
    const tables = result.report.tables.map(({ table }) => table);
    await autoCompact({ engine, project, tables }, context);
  }
  const { isTyped = false } = wanted;
  const peakRssBytes = engine.peakRssBytes();
  const facts = { pipeline: spec.name, durationMs, peakRssBytes, isTyped };
  const answer = runAnswer(result, facts);
  if (result.isStuck) {
    engine.endByForce();
    context.progress({ type: "note", message: "a thread is stuck; this process ends without it" });
  }
  return answer;
}

/** The settings with their secrets, and the source in this process where it may have a session. */
async function opening(
  engine: Engine,
  { folder, store }: OpenProject,
  wanted: WantedRun,
): Promise<Pick<RunRequest, "settings" | "openSource">> {
  const { connector, onChange, onMissing } = wanted.spec;
  const settings = await sourceSettings(engine, { folder, ...wanted });
  if (!engine.hasSessions(connector)) return { settings };
  const scratch = store.filesystem.absolute("temp/session");
  const how = { settings, project: folder, onChange, onMissing, scratch };
  return { settings, openSource: () => engine.openSource(connector, how) };
}

/** Sums of a stream over its partitions; a partition's own sums never go down. */
function progressOf(sink: ProgressSink): Parameters<typeof runPipeline>[2]["progress"] {
  const streams = new Map<string, Map<string, PartitionSums>>();
  return (tell) => {
    if (tell.type === "notice") return sink({ type: "note", message: tell.text });
    const partitions = streams.get(tell.stream) ?? new Map<string, PartitionSums>();
    streams.set(tell.stream, partitions);
    const { rows, bytes } = tell;
    partitions.set(tell.partition, { rows, bytes, isDone: tell.phase === "end" });
    const all = [...partitions.values()];
    sink({
      type: "stream",
      stream: tell.stream,
      state: all.every(({ isDone }) => isDone) ? "done" : "running",
      rows: all.reduce((sum, each) => sum + each.rows, 0),
      bytes: all.reduce((sum, each) => sum + each.bytes, 0),
    });
  };
}

interface PartitionSums {
  readonly rows: number;
  readonly bytes: number;
  readonly isDone: boolean;
}
