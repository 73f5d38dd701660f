/** `hakiri ingest`: a source's records into the store, with no file written by hand. */
import { defaultStream } from "../../config/pipeline-schema.ts";
import { usageError } from "../../core/error.ts";
import type { Disposition, PipelineSpec, StreamSpec } from "../../core/pipeline.ts";
import type { Catalog, PipelineRecord } from "../../core/ports/catalog.ts";
import type { Answer, CommandContext } from "../command.ts";
import type { Engine } from "./engine.ts";
import { checkSettings } from "./check-settings.ts";
import { movedStreams, tableMoved } from "./moved-tables.ts";
import { performRun, plainParameters } from "./perform-run.ts";
import { locateProject, withStore } from "./project.ts";
import { registerPipeline } from "./register-pipeline.ts";
import { sourcePipeline } from "./source-pipeline.ts";

/** What was typed. */
export interface IngestInput {
  readonly uri: string;
  readonly streams: readonly string[];
  readonly as: string | undefined;
  readonly mode: Disposition | undefined;
  readonly primaryKey: readonly string[];
  readonly incremental: string | undefined;
  readonly namespace: string | undefined;
  readonly set: readonly string[];
}

/** Ingests a source; the same call again is the same pipeline. */
export async function ingest(
  engine: Engine,
  input: IngestInput,
  context: CommandContext,
): Promise<Answer> {
  const located = await locateProject(context);
  const { uri, namespace = null, set } = input;
  const typed = { uri, namespace, cwd: context.cwd, set };
  // Read once before there is a store: what means nothing leaves nothing behind.
  const { spec: untried } = await sourcePipeline(engine, located, null, typed);
  if (set.length > 0) await checkSettings(engine, located.folder, untried);
  const isAbove = context.project === undefined && located.folder !== context.cwd;
  if (isAbove) context.progress({ type: "note", message: `the project is ${located.folder}` });
  return withStore(engine, located, "create", async (project) => {
    const { catalog } = project.store;
    const { key, known, inlineSecrets, only, named, ...source } = await sourcePipeline(
      engine,
      located,
      catalog,
      typed,
    );
    const wanted = input.streams.length > 0 ? input.streams : named;
    const begun = known !== null && (await hasBegun(catalog, known)) ? known : null;
    const streams = withOptions(begun, { ...input, streams: wanted }, only);
    const spec = { ...source.spec, streams };
    await checkTables(catalog, known, spec);
    // What this call alone asks for stays only where the source has it.
    const plain = await sourcePipeline(engine, located, catalog, { ...typed, set: [] });
    const before = withQueriesOf(known, plain.spec);
    const pipelineId = await registerPipeline(project.store, { key, spec, known });
    const parameters = { ...plainParameters, streams: wanted };
    const earlier = { key, spec: before, isKept: "unless_refused" } as const;
    const run = { pipelineId, spec, parameters, inlineSecrets, earlier, isTyped: true };
    return performRun(engine, project, run, context);
  });
}

/** Queries are streams that the call alone asks for: SQL that is refused isn't to be run again. */
function withQueriesOf(known: PipelineRecord | null, spec: PipelineSpec): PipelineSpec {
  const { queries: _, ...source } = spec.source;
  const stored = known?.spec.source["queries"];
  return { ...spec, source: stored === undefined ? source : { ...source, queries: stored } };
}

/** Whether its streams are settled: one that every run refused has none to lose. */
async function hasBegun(catalog: Catalog, known: PipelineRecord): Promise<boolean> {
  if (known.spec.streams.length > 0) return true;
  const { pipelineId } = known;
  if ((await catalog.cursors(pipelineId)).length > 0) return true;
  const tables = await catalog.tables((await catalog.head()).sequence);
  return tables.some(({ ownerPipelineId }) => ownerPipelineId === pipelineId);
}

async function checkTables(
  catalog: Catalog,
  known: PipelineRecord | null,
  spec: PipelineSpec,
): Promise<void> {
  const [moved] = await movedStreams(catalog, known, spec);
  if (moved === undefined) return;
  const { name } = spec;
  throw tableMoved(
    spec,
    moved,
    "for a second table add --namespace NAME, which makes another pipeline; to move the stream, " +
      `have it read from the start: hakiri state rewind ${name} --stream ${moved.stream}, then this`,
  );
}

/** Streams are members: options are about those that are named, or about the only one there is. */
function withOptions(
  known: PipelineRecord | null,
  input: IngestInput,
  only: string | null,
): readonly StreamSpec[] {
  const members = known?.spec.streams ?? [];
  const named = input.streams.length > 0 ? input.streams : only === null ? [] : [only];
  const isPlain =
    input.as === undefined &&
    input.mode === undefined &&
    input.primaryKey.length === 0 &&
    input.incremental === undefined;
  // Without members a pipeline has every stream; a call about one of them takes none away.
  const hasAll = members.length === 0 && (known !== null || input.streams.length === 0);
  if (isPlain) return hasAll ? members : withMembers(members, named);
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
  // A source of one stream has no others to take away.
  if (known !== null && members.length === 0 && only === null) throw allStreams(known.spec.name);
  return withMembers(members, named).map((member) =>
    named.includes(member.stream) ? { ...member, ...wishes(input) } : member,
  );
}

/** A list of one would take the others away. */
function allStreams(pipeline: string): Error {
  return usageError(
    "all_streams",
    `expected a pipeline that names its streams for --as, --mode, --primary-key or --incremental, ` +
      `but '${pipeline}' reads all that its source has`,
    "add --namespace NAME for a pipeline of its own, or name the streams in " +
      `pipelines/${pipeline}.toml: hakiri pipeline show ${pipeline} prints it`,
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
