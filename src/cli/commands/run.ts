/** `hakiri run`: one run of a pipeline that has a name. */
import { loadPipelines, pipelineNamed, unknownPipeline } from "../../config/project-folder.ts";
import { keyOfSpec } from "../../config/source-uri.ts";
import { HakiriError } from "../../core/error.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import { conflict } from "../../core/refusal.ts";
import type { RunParameters } from "../../runtime/protocol.ts";
import type { Answer, CommandContext } from "../command.ts";
import { checkParameters } from "./check-parameters.ts";
import type { Engine } from "./engine.ts";
import { findPipeline, nameOf } from "./find-pipeline.ts";
import { movedStreams, tableMoved } from "./moved-tables.ts";
import { performRun, type WantedRun } from "./perform-run.ts";
import { locateProject, withStore, type OpenProject, type Project } from "./project.ts";
import { registerPipeline } from "./register-pipeline.ts";

/** What was typed. */
export interface RunInput {
  readonly pipeline: string;
  readonly parameters: RunParameters;
}

/** Runs a pipeline of a file, or one that is stored. */
export async function run(
  engine: Engine,
  { pipeline, parameters }: RunInput,
  context: CommandContext,
): Promise<Answer> {
  const located = await locateProject(context);
  const files = await loadPipelines(located.folder);
  const spec = pipelineNamed(files, pipeline);
  if (spec !== null) {
    checkParameters(spec, parameters);
    const key = await keyOf(engine, located, spec);
    return withStore(engine, located, "create", async (project) => {
      const registered = await register(project, { spec, key, parameters });
      const wanted = { ...registered, spec, parameters, inlineSecrets: noSecrets };
      return performRun(engine, project, wanted, context);
    });
  }
  try {
    return await withStore(engine, located, "existing", async (project) => {
      const places = { engine, project: located, catalog: project.store.catalog };
      const found = await findPipeline(places, pipeline);
      checkParameters(found.spec, parameters);
      const pipelineId = found.record?.pipelineId;
      if (pipelineId === undefined)
        throw new Error(`pipeline ${pipeline} has neither file nor record`);
      const same = { parameters, inlineSecrets: noSecrets, earlier: null };
      const wanted = { pipelineId, spec: found.spec, ...same };
      return performRun(engine, project, wanted, context);
    });
  } catch (error) {
    const isNoStore = error instanceof HakiriError && error.code === "usage.no_store";
    throw isNoStore ? unknownPipeline(pipeline, files.map(nameOf)) : error;
  }
}

const noSecrets: ReadonlyMap<string, string> = new Map();

async function keyOf(engine: Engine, { folder }: Project, spec: PipelineSpec): Promise<string> {
  const place = { project: folder, cwd: folder, home: engine.home };
  return keyOfSpec(spec, { connectors: engine.connectors, place });
}

interface FileRun {
  readonly spec: PipelineSpec;
  readonly key: string;
  readonly parameters: RunParameters;
}

/**
 * A file's spec wins over the one that is stored; but for a stream with another table only once all
 * of it is there.
 */
async function register(
  { store }: OpenProject,
  { spec, key, parameters }: FileRun,
): Promise<Pick<WantedRun, "pipelineId" | "earlier">> {
  const known = await store.catalog.pipeline({ key });
  const twin = await store.catalog.pipeline({ name: spec.name });
  if (twin !== null && twin.key !== key) throw otherSource(spec.name);
  const moved = await movedStreams(store.catalog, known, spec);
  const { fullRefresh, streams } = parameters;
  const stray = moved.find(
    ({ stream }) => !fullRefresh || (streams.length > 0 && !streams.includes(stream)),
  );
  if (stray !== undefined) throw tableMoved(spec, stray, movingHint(spec));
  const pipelineId = await registerPipeline(store, { key, spec, known });
  if (known === null || moved.length === 0) return { pipelineId, earlier: null };
  return { pipelineId, earlier: { key, spec: known.spec, isKept: "if_done" } };
}

function movingHint({ name }: PipelineSpec): string {
  return (
    "name the old table in the file, or have everything read into the new one: " +
    `hakiri run ${name} --full-refresh`
  );
}

function otherSource(name: string): HakiriError {
  return conflict(
    "pipeline_exists",
    `expected pipeline '${name}' to read the source and namespace that it read before, ` +
      "but its file names others now",
    "give the pipeline in this file another name: what was read stays with the old one",
  );
}
