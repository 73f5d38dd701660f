/** What `discover`, `preview` and `plan` are about: a pipeline by its name, or a source's URI. */
import { pipelineNamePattern } from "../../../config/pipeline-schema.ts";
import { loadPipelines } from "../../../config/project-folder.ts";
import { HakiriError } from "../../../core/error.ts";
import { nearest } from "../../../core/near-miss.ts";
import type { PipelineSpec } from "../../../core/pipeline.ts";
import type { PipelineRecord } from "../../../core/ports/catalog.ts";
import { allPipelines, findAmong, nameOf, type PipelinePlaces } from "../find-pipeline.ts";
import { sourcePipeline } from "../source-pipeline.ts";

/** A source with the pipeline that it is, or would be, of. */
export interface ResolvedSource {
  readonly spec: PipelineSpec;
  /** Null where it has never run. */
  readonly record: PipelineRecord | null;
  /** Streams that the URI names; empty for all. */
  readonly named: readonly string[];
  /** Secrets of the URI by variable. */
  readonly inlineSecrets: ReadonlyMap<string, string>;
}

/**
 * Finds what was typed: a pipeline's name comes first. Throws what reading a URI throws, with the
 * nearest pipeline in its hint where the text may have been meant as a name.
 */
export async function resolveSource(
  places: PipelinePlaces,
  typed: string,
  cwd: string,
): Promise<ResolvedSource> {
  const mayBeName = pipelineNamePattern.test(typed);
  if (mayBeName) {
    const files = await loadPipelines(places.project.folder);
    const found = await findAmong(places, files, typed);
    if (found !== null) return { ...found, named: [], inlineSecrets: new Map() };
  }
  try {
    const uri = { uri: typed, namespace: null, cwd };
    const { spec, known, named, inlineSecrets } = await sourcePipeline(
      places.engine,
      places.project,
      places.catalog,
      uri,
    );
    return { spec, record: known, named, inlineSecrets };
  } catch (error) {
    throw mayBeName ? await withNearName(places, typed, error) : error;
  }
}

async function withNearName(
  { project, catalog }: PipelinePlaces,
  typed: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof HakiriError) || error.code !== "usage.missing_file") return error;
  const files = await loadPipelines(project.folder);
  const stored = catalog === null ? [] : await allPipelines(catalog);
  const names = [...files.map(nameOf), ...stored.map(({ spec }) => spec.name)];
  const meant = nearest(typed, names);
  return new HakiriError({
    ...error.toRecord(),
    message: `expected a pipeline or a source, got '${typed}': no pipeline and no file has that name`,
    hint: meant === null ? error.hint : `did you mean the pipeline '${meant}'?`,
  });
}
