/**
 * `SOURCE_URI` to a source, and the key of a pipeline.
 *
 *   Owns:    which connector a URI is for, and that no inline secret gets into settings.
 *   Doesn't: know any connector's URIs but those of files; see `ConnectorUri`.
 *   U1. What is answered as settings has no secret in it: what a connector's `parse` left under a
 *       name of a secret is taken out here.
 *   U2. No error says more of a URI than its scheme, or the path that it is taken for, masked.
 */
import { usageError } from "../core/error.ts";
import { canonicalJson } from "../core/json.ts";
import { nearest } from "../core/near-miss.ts";
import type { PipelineSpec, SecretReference } from "../core/pipeline.ts";
import type { ConnectorUri, Place, SourceSettings } from "./connector-uri.ts";
import { fileUri } from "./file-uri.ts";
import { pipelineSlug } from "./pipeline-name.ts";
import { asSecretReference, isSecretField, secretVariable } from "./secret-field.ts";

/** Most characters of a URI. */
export const uriLengthMax = 4096;

/** What a URI is read with. */
export interface UriContext {
  /** Those of a profile, without the one of files, which is always there. */
  readonly connectors: readonly ConnectorUri[];
  readonly place: Place;
}

/** A source as its URI says. */
export interface SourceUri {
  readonly connector: string;
  /** Without any secret; see `withSecretReferences`. */
  readonly settings: SourceSettings;
  /** Inline secrets by setting. For this run's memory only. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Streams that the URI names; empty where it names none. */
  readonly streams: readonly string[];
  /** The canonical URI; see `pipelineKey`. */
  readonly identity: string;
  /** A name for its pipeline, see `freePipelineName`. */
  readonly name: string;
}

/**
 * Reads a URI or a path. Throws `usage.unknown_scheme`, `usage.missing_file`, `usage.not_a_file`,
 * `usage.invalid_uri`, and what the connector throws.
 */
export async function readSourceUri(uri: string, context: UriContext): Promise<SourceUri> {
  if (uri.trim() === "" || uri.length > uriLengthMax || uri.includes("\0")) {
    throw usageError(
      "invalid_uri",
      `expected a path or URI of 1 to ${uriLengthMax} characters, without NUL`,
      "type a file's path, such as ./orders.csv",
    );
  }
  if (/^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/u.test(uri)) throw fromPipe();
  const connector = connectorOf(uri, context.connectors);
  const parts = await connector.parse(uri, context.place);
  const { settings, secrets } = withoutSecrets(parts.settings);
  for (const [field, value] of Object.entries(parts.secrets)) secrets.set(field, value);
  return {
    connector: connector.connector,
    settings,
    secrets,
    streams: parts.streams ?? [],
    identity: await connector.identify(settings, context.place),
    name: pipelineSlug(parts.name) || pipelineSlug(connector.connector),
  };
}

/** What is piped can't be read again, which the same call twice and a retry do. */
function fromPipe(): Error {
  return usageError(
    "piped_source",
    "expected a source that can be read again, got standard input",
    "write it to a file with the ending of its format first: ... > data.csv; hakiri ingest data.csv",
  );
}

function connectorOf(uri: string, connectors: readonly ConnectorUri[]): ConnectorUri {
  const all = [fileUri, ...connectors];
  const [, written, slashes] = /^([a-z][a-z0-9+.-]+):(\/\/)?/iu.exec(uri) ?? [];
  const scheme = written?.toLowerCase();
  if (scheme === undefined) return fileUri;
  const found = all.find(({ schemes }) => schemes.includes(scheme));
  if (found !== undefined) return found;
  // A file may have a colon in its name, but hardly the start of a URI.
  if (slashes === undefined) return fileUri;
  const known = all.flatMap(({ schemes }) => schemes);
  const near = nearest(scheme, known);
  throw usageError(
    "unknown_scheme",
    `expected a path or a URI that starts with ${known.map((one) => `${one}:`).join(", ")}, got ${scheme}:`,
    near === null ? laterHint(scheme) : `did you mean ${near}://?`,
  );
}

/** Schemes that people try, which a later version reads. */
const laterSchemes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "other databases": "mysql mariadb sqlite mssql sqlserver mongodb oracle snowflake",
    "APIs and files on the web": "http https ftp sftp",
    "files in buckets": "s3 gs gcs az abfs abfss azure r2",
  }).flatMap(([what, schemes]) => schemes.split(" ").map((scheme) => [scheme, what])),
);

function laterHint(scheme: string): string {
  const what = laterSchemes.get(scheme);
  const now =
    "this version reads PostgreSQL, and files: CSV, JSON, JSON lines and Parquet, also .gz and .zst";
  if (what === undefined) return `${now}; type a file's path`;
  return `${now}; ${what} come later, so save what is there to a file and ingest that`;
}

function withoutSecrets(settings: SourceSettings): {
  readonly settings: SourceSettings;
  readonly secrets: Map<string, string>;
} {
  const secrets = new Map<string, string>();
  const kept = Object.entries(settings).filter(([field, value]) => {
    if (!isSecretField(field) || asSecretReference(value) !== null) return true;
    if (typeof value !== "string") throw new Error(`expected text as the secret ${field}`);
    secrets.set(field, value);
    return false;
  });
  return { settings: Object.fromEntries(kept), secrets };
}

/** Settings with references where secrets were inline, and the secrets by variable. */
export interface ReferencedSecrets {
  readonly settings: SourceSettings;
  /** Values by name of the variable that a later run will ask for. Never stored. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * The settings of a named pipeline. Inline secrets become `{ env = "HAKIRI_<PIPELINE>_<FIELD>" }`;
 * where there is none, a reference of the pipeline as it is stored is kept.
 */
export function withSecretReferences(
  source: Pick<SourceUri, "settings" | "secrets">,
  pipeline: string,
  stored: Pick<PipelineSpec, "source"> | null,
): ReferencedSecrets {
  const kept = Object.entries(stored?.source ?? {}).filter(
    ([, value]) => asSecretReference(value) !== null,
  );
  const variables = [...source.secrets].map(
    ([field, value]) => [field, secretVariable(pipeline, field), value] as const,
  );
  const made = variables.map(([field, env]): [string, SecretReference] => [field, { env }]);
  return {
    settings: { ...Object.fromEntries(kept), ...source.settings, ...Object.fromEntries(made) },
    values: new Map(variables.map(([, env, value]) => [env, value])),
  };
}

/** What a key is made of. */
export interface KeyParts {
  readonly connector: string;
  readonly identity: string;
  readonly namespace: string;
}

/** The key of a pipeline: connector, canonical URI and namespace. Equal keys, one pipeline. */
export function pipelineKey({ connector, identity, namespace }: KeyParts): string {
  return canonicalJson([connector, identity, namespace]);
}

/**
 * The key of a pipeline from a file; the same as of an `ingest` of its source. Throws
 * `usage.unknown_connector`, and what the connector says of its settings.
 */
export async function keyOfSpec(spec: PipelineSpec, context: UriContext): Promise<string> {
  const all = [fileUri, ...context.connectors];
  const found = all.find(({ connector }) => connector === spec.connector);
  if (found === undefined) {
    const known = all.map(({ connector }) => connector);
    const near = nearest(spec.connector, known);
    throw usageError(
      "unknown_connector",
      `pipeline ${spec.name}: expected a connector of this profile (${known.join(", ")}), ` +
        `got '${spec.connector}'`,
      near === null ? "write one of these" : `did you mean '${near}'?`,
    );
  }
  const identity = await found.identify(spec.source, context.place);
  return pipelineKey({ connector: spec.connector, identity, namespace: spec.namespace });
}
