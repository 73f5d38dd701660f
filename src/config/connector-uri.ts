/**
 * What a connector says about its URIs: how `ingest SOURCE_URI` becomes settings, and what makes
 * two sources one. A plain value that a profile passes in, so that config knows no connector.
 */
import type { Json } from "../core/json.ts";

/** A connector's settings, secrets as references. */
export type SourceSettings = Readonly<Record<string, Json>>;

/** Where paths begin. All absolute. */
export interface Place {
  /** The folder that has, or will have, `.hakiri`: paths in settings begin here. */
  readonly project: string;
  /** The folder that a typed path begins in. */
  readonly cwd: string;
  /** What `~` means; null where nobody knows. */
  readonly home: string | null;
}

/** A URI taken apart. */
export interface UriParts {
  /** Without any secret; what the URI says by query parameters is in here too. */
  readonly settings: SourceSettings;
  /** Inline secrets by the setting that each is a value of: `password`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Streams that the URI names; absent or empty where it means all that there are. */
  readonly streams?: readonly string[];
  /** What a pipeline of this source is named after: a database, a file's stem. */
  readonly name: string;
}

/** A connector's part. */
export interface ConnectorUri {
  /** The connector's name in a pipeline. */
  readonly connector: string;
  /** In lower case, without the colon; the first is the one that hints show. */
  readonly schemes: readonly string[];
  /**
   * Takes a URI apart whose scheme is one of these. Throws a usage error that never says the URI's
   * user info or parameters.
   */
  readonly parse: (uri: string, place: Place) => Promise<UriParts>;
  /**
   * The canonical URI of settings: equal for settings that mean one source. Without user info and
   * secrets, and without what only changes how it is read (timeouts, sizes, parallelism). Throws a
   * usage error for settings that name no source.
   */
  readonly identify: (settings: SourceSettings, place: Place) => Promise<string>;
}
