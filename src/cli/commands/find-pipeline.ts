/** A pipeline by the name that was typed: of a file of the project, or as the catalog has it. */
import {
  loadPipelines,
  pipelineNamed,
  unknownPipeline,
  type PipelineFile,
} from "../../config/project-folder.ts";
import { keyOfSpec } from "../../config/source-uri.ts";
import { HakiriError } from "../../core/error.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Catalog, PipelineRecord } from "../../core/ports/catalog.ts";
import type { Engine } from "./engine.ts";
import type { Project } from "./project.ts";

/** A pipeline. What its file says wins over what the catalog has. */
export interface FoundPipeline {
  readonly spec: PipelineSpec;
  /** Relative to the project; null for one that `ingest` made. */
  readonly file: string | null;
  /** Null before its first run. */
  readonly record: PipelineRecord | null;
}

/** Where pipelines are looked for; `catalog` is null where there is no store. */
export interface PipelinePlaces {
  readonly engine: Engine;
  readonly project: Project;
  readonly catalog: Catalog | null;
}

/**
 * Finds a pipeline. Throws `usage.unknown_pipeline` with the nearest name, and the error of a file
 * of that name that can't be used.
 */
export async function findPipeline(places: PipelinePlaces, name: string): Promise<FoundPipeline> {
  const files = await loadPipelines(places.project.folder);
  const found = await findAmong(places, files, name);
  if (found !== null) return found;
  const stored = places.catalog === null ? [] : await allPipelines(places.catalog);
  const names = new Set([...files.map(nameOf), ...stored.map(({ spec }) => spec.name)]);
  throw unknownPipeline(name, [...names]);
}

/** The same; null where no pipeline has that name. */
export async function findAmong(
  places: PipelinePlaces,
  files: readonly PipelineFile[],
  name: string,
): Promise<FoundPipeline | null> {
  const spec = pipelineNamed(files, name);
  if (spec === null) {
    const record = (await places.catalog?.pipeline({ name })) ?? null;
    return record === null ? null : { spec: record.spec, file: null, record };
  }
  const file = files.find((each) => each.kind === "valid" && each.spec === spec)?.file ?? null;
  return { spec, file, record: await recordOf(places, spec) };
}

/** By name, and else by key: a file may have got another name since its last run. */
export async function recordOf(
  { engine, project, catalog }: PipelinePlaces,
  spec: PipelineSpec,
): Promise<PipelineRecord | null> {
  if (catalog === null) return null;
  const named = await catalog.pipeline({ name: spec.name });
  if (named !== null) return named;
  const place = { project: project.folder, cwd: project.folder, home: engine.home };
  try {
    const key = await keyOfSpec(spec, { connectors: engine.connectors, place });
    return await catalog.pipeline({ key });
  } catch (error) {
    // A source that is gone has no key; the pipeline is known by its name alone then.
    if (error instanceof HakiriError && error.code.startsWith("usage.")) return null;
    throw error;
  }
}

/** The name of a pipeline's file, also of one that can't be used. */
export function nameOf(file: PipelineFile): string {
  return file.kind === "valid" ? file.spec.name : file.name;
}

/** Every pipeline of the catalog, by name. */
export async function allPipelines(catalog: Catalog): Promise<readonly PipelineRecord[]> {
  const pipelines: PipelineRecord[] = [];
  for (let after: string | null = null; ;) {
    const page: readonly PipelineRecord[] = await catalog.pipelines(after);
    pipelines.push(...page);
    after = page.at(-1)?.spec.name ?? null;
    if (after === null) return pipelines;
  }
}
