/** A source that is opened to be looked at: in this process, and nothing is written. */
import { join } from "node:path";
import type { DuckDb } from "../../../context/duckdb/open-duckdb.ts";
import { describeScan } from "../../../context/scan/describe.ts";
import type { PipelineSpec } from "../../../core/pipeline.ts";
import type { Source, SourceContext } from "../../../core/ports/source.ts";
import type { RunLimits } from "../../../runtime/protocol.ts";
import type { CommandContext } from "../../command.ts";
import type { Engine } from "../engine.ts";
import { LazyDuckDb } from "../lazy-duckdb.ts";
import type { Project } from "../project.ts";
import { sourceSettings } from "../source-settings.ts";

/** A source, and what goes with looking at it. */
export interface SourceLook {
  readonly source: Source;
  /** For `discover` and `open`. */
  readonly context: Required<Omit<SourceContext, "readStreams">>;
  readonly limits: RunLimits;
  /** Opened by the first call. */
  readonly duckDb: () => Promise<DuckDb>;
}

/** What is looked at, for whom. */
export interface LookRequest {
  readonly engine: Engine;
  readonly project: Project;
  readonly spec: PipelineSpec;
  readonly inlineSecrets: ReadonlyMap<string, string>;
  readonly command: Pick<CommandContext, "signal" | "progress">;
  /** Whether a run has read it, so that files may be gone; else that is a mistake. */
  readonly wasRead: boolean;
}

/** Opens the source, has the work done, and removes every trace of it. */
export async function withLook<T>(
  request: LookRequest,
  work: (look: SourceLook) => Promise<T>,
): Promise<T> {
  const { engine, project, spec, command } = request;
  command.signal.throwIfAborted();
  const limits = engine.limits(project.spec);
  const settings = await sourceSettings(engine, { folder: project.folder, ...request });
  const temporary = await engine.makeTemporaryFolder(project.folder);
  try {
    const source = await engine.openSource(spec.connector, {
      settings,
      project: project.folder,
      onChange: spec.onChange,
      onMissing: spec.onMissing,
      scratch: join(temporary.path, "scratch"),
    });
    const { wasRead } = request;
    return await lookAt({ engine, source, limits, project, command, wasRead }, work);
  } finally {
    await temporary.remove();
  }
}

interface Looking extends Pick<SourceLook, "source" | "limits"> {
  readonly engine: Engine;
  readonly project: Project;
  readonly command: LookRequest["command"];
  readonly wasRead: boolean;
}

async function lookAt<T>(
  { engine, source, limits, project, command, wasRead }: Looking,
  work: (look: SourceLook) => Promise<T>,
): Promise<T> {
  const { signal } = command;
  const duckDb = new LazyDuckDb(() => engine.makeTemporaryFolder(project.folder), limits);
  const stop = (): void => duckDb.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await work({
      source,
      limits,
      duckDb: () => duckDb.open(),
      context: {
        signal,
        wasRead,
        scanner: {
          describe: async (question, within) => describeScan(await duckDb.open(), question, within),
        },
        notice: (message) => command.progress({ type: "note", message }),
      },
    });
  } finally {
    signal.removeEventListener("abort", stop);
    await source.close();
    await duckDb.close();
  }
}
