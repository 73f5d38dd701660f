/** `hakiri ingest`: a source's records into the store, with no file written by hand. */
import { readSourceUri, pipelineKey, withSecretReferences } from "../../config/source-uri.ts";
import { freePipelineName } from "../../config/pipeline-name.ts";
import { defaultPipeline, defaultStream } from "../../config/pipeline-schema.ts";
import { usageError } from "../../core/error.ts";
import type { Disposition, PipelineSpec, StreamSpec } from "../../core/pipeline.ts";
import { newId } from "../../context/layout.ts";
import type { Answer, CommandContext } from "../command.ts";
import type { Engine } from "./engine.ts";
import { performRun, plainParameters } from "./perform-run.ts";
import { withProject, type OpenProject } from "./project.ts";

/** What was typed. */
export interface IngestInput {
  readonly uri: string;
  readonly streams: readonly string[];
  readonly as: string | undefined;
  readonly mode: Disposition | undefined;
  readonly primaryKey: readonly string[];
  readonly incremental: string | undefined;
  readonly namespace: string | undefined;
}

/** Ingests a source; the same call again is the same pipeline. */
export async function ingest(
  engine: Engine,
  input: IngestInput,
  context: CommandContext,
): Promise<Answer> {
  return withProject(engine, context, "create", async (project) => {
    const place = { project: project.folder, cwd: context.cwd, home: engine.home };
    const { connectors } = engine;
    const source = await readSourceUri(input.uri, { connectors, place });
    const namespace = input.namespace ?? defaultPipeline.namespace;
    const key = pipelineKey({ ...source, namespace });
    const { catalog, clock, random } = project.store;
    const known = await catalog.pipeline({ key });
    const name = known?.spec.name ?? (await freeName(project, source.name));
    const secrets = withSecretReferences(source, name, known?.spec ?? null);
    const base = known?.spec ?? { ...defaultPipeline, name, connector: source.connector };
    const only = source.settings["stream"];
    const spec: PipelineSpec = {
      ...base,
      source: secrets.settings,
      namespace,
      streams: withOptions(
        known?.spec.streams ?? [],
        input,
        typeof only === "string" ? only : null,
      ),
    };
    const pipelineId = known?.pipelineId ?? newId(random);
    const at = String(clock.nowMicros());
    await catalog.apply<"register_pipeline">({
      kind: "register_pipeline",
      version: 1,
      pipelineId,
      key,
      spec,
      at,
    });
    const parameters = { ...plainParameters, streams: input.streams };
    const wanted = { pipelineId, spec, parameters, inlineSecrets: secrets.values };
    return performRun(engine, project, wanted, context);
  });
}

async function freeName({ store }: OpenProject, wanted: string): Promise<string> {
  return freePipelineName(
    wanted,
    async (name) => (await store.catalog.pipeline({ name })) !== null,
  );
}

/** Streams are members: options are about those that are named, or about the only one there is. */
function withOptions(
  members: readonly StreamSpec[],
  input: IngestInput,
  only: string | null,
): readonly StreamSpec[] {
  const named = input.streams.length > 0 ? input.streams : only === null ? [] : [only];
  const isPlain =
    input.as === undefined &&
    input.mode === undefined &&
    input.primaryKey.length === 0 &&
    input.incremental === undefined;
  if (isPlain) return members.length === 0 ? members : withMembers(members, named);
  if (named.length === 0) {
    throw usageError(
      "stream_needed",
      "expected the stream that --as, --mode, --primary-key or --incremental is about",
      "name it with --stream, or see what there is with 'hakiri discover'",
    );
  }
  if (input.as !== undefined && named.length !== 1) {
    throw usageError(
      "one_stream",
      `expected one stream for --as, got ${named.length}`,
      "ingest one stream at a time, or leave --as out",
    );
  }
  return withMembers(members, named).map((member) =>
    named.includes(member.stream) ? { ...member, ...wishes(input) } : member,
  );
}

function withMembers(
  members: readonly StreamSpec[],
  named: readonly string[],
): readonly StreamSpec[] {
  const known = new Set(members.map(({ stream }) => stream));
  const added = named.filter((stream) => !known.has(stream));
  return [...members, ...added.map((stream) => ({ ...defaultStream, stream }))];
}

function wishes({ as, mode, primaryKey, incremental }: IngestInput): Partial<StreamSpec> {
  return {
    ...(as === undefined ? {} : { table: as }),
    ...(mode === undefined ? {} : { disposition: mode }),
    ...(primaryKey.length === 0 ? {} : { primaryKey }),
    ...(incremental === undefined ? {} : { incremental }),
  };
}
