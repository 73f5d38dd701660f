/** The pipeline that a source's URI means: the one of that source, or what it would become. */
import { freePipelineName } from "../../config/pipeline-name.ts";
import { defaultPipeline } from "../../config/pipeline-schema.ts";
import { pipelineKey, readSourceUri, withSecretReferences } from "../../config/source-uri.ts";
import { withTypedSettings } from "../../config/typed-setting.ts";
import type { Json } from "../../core/json.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Catalog, PipelineRecord } from "../../core/ports/catalog.ts";
import type { Engine } from "./engine.ts";
import type { Project } from "./project.ts";

/** A source as it was typed. */
export interface TypedSource {
  readonly uri: string;
  /** Null for the default one. */
  readonly namespace: string | null;
  /** The folder that a typed path begins in. */
  readonly cwd: string;
  /** What follows each `--set`. */
  readonly set?: readonly string[];
}

/** The pipeline of a source. */
export interface SourcePipeline {
  readonly key: string;
  /** As it is stored; null for a new one. */
  readonly known: PipelineRecord | null;
  readonly spec: PipelineSpec;
  /** Secrets of the URI by variable; for this process's memory only. */
  readonly inlineSecrets: ReadonlyMap<string, string>;
  /** The stream that its settings name, where it has only that one. */
  readonly only: string | null;
  /** Streams that the URI names among others. */
  readonly named: readonly string[];
}

/** Reads a URI. Nothing is stored. Throws what `readSourceUri` throws. */
export async function sourcePipeline(
  engine: Engine,
  { folder }: Project,
  catalog: Catalog | null,
  typed: TypedSource,
): Promise<SourcePipeline> {
  const place = { project: folder, cwd: typed.cwd, home: engine.home };
  const source = await readSourceUri(typed.uri, { connectors: engine.connectors, place });
  const namespace = typed.namespace ?? defaultPipeline.namespace;
  const key = pipelineKey({ ...source, namespace });
  const known = (await catalog?.pipeline({ key })) ?? null;
  const name = known?.spec.name ?? (await freeName(catalog, source.name));
  const secrets = withSecretReferences(source, name, known?.spec ?? null);
  const base = known?.spec ?? { ...defaultPipeline, name, connector: source.connector };
  const untyped = { ...defaultPipeline, ...base, streams: known?.spec.streams ?? [], namespace };
  const settings = settingsOf(known?.spec ?? { source: {}, streams: [] }, secrets.settings);
  const spec = withTypedSettings(
    { ...untyped, source: settings },
    typed.set ?? [],
    Object.keys(source.settings).filter((field) => field !== "stream"),
  );
  const only = spec.source["stream_per_file"] === true ? null : spec.source["stream"];
  return {
    key,
    known,
    spec: only === null ? { ...spec, source: withoutStream(spec.source) } : spec,
    inlineSecrets: secrets.values,
    only: typeof only === "string" ? only : null,
    named: source.streams,
  };
}

type Settings = PipelineSpec["source"];

/**
 * What a URI says wins over what is stored, but for the stream's name, which may have been set;
 * queries, which are streams, are added. A pipeline of all tables stays one: beside queries that
 * has to be said.
 */
function settingsOf(
  { source: stored, streams }: Pick<PipelineSpec, "source" | "streams">,
  said: Settings,
): Settings {
  const { stream, queries, tables, schemas } = stored;
  const merged = { ...stored, ...said, ...(stream === undefined ? {} : { stream }) };
  if (!isRecord(said["queries"])) return merged;
  if (isRecord(queries)) return { ...merged, queries: { ...queries, ...said["queries"] } };
  const hadAll = Object.keys(stored).length > 0 && streams.length === 0;
  const isUnsaid = tables === undefined && schemas === undefined;
  return hadAll && isUnsaid ? { ...merged, tables: ["*"] } : merged;
}

function isRecord(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Each file is a stream of its own name then. */
function withoutStream(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([field]) => field !== "stream"));
}

async function freeName(catalog: Catalog | null, wanted: string): Promise<string> {
  return freePipelineName(
    wanted,
    async (name) => ((await catalog?.pipeline({ name })) ?? null) !== null,
  );
}
