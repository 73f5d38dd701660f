/**
 * What the commands over a store need of a profile: it wires the adapters that stand behind this.
 */
import type { ConnectorUri } from "../../config/connector-uri.ts";
import type { BootClock } from "../../context/garbage/clock-witness.ts";
import type { InspectContext } from "../../context/inspect/inspect-context.ts";
import type { QueryClient } from "../../context/query/query-client.ts";
import type { RebuildContext } from "../../context/rebuild/rebuild-catalog.ts";
import type { ProjectSpec } from "../../config/parse-project.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Pins } from "../../core/ports/catalog.ts";
import type { Source } from "../../core/ports/source.ts";
import type { Secrets } from "../../core/ports/secrets.ts";
import type { RunTrace } from "../../platform/otlp-export.ts";
import type { SourceSettings } from "../../runtime/actor/means.ts";
import type { ActorPlace, ControlStore } from "../../runtime/control/run-request.ts";
import type { RunLimits } from "../../runtime/protocol.ts";

/**
 * How a store is opened: `create` makes one where there is none; `reading` does with one that can't
 * be written, too.
 */
export type StoreOpening = "existing" | "create" | "reading";

/** A store that a command holds open. */
export interface OpenStore extends ControlStore {
  /** In a store that can't be written they hold nothing. */
  readonly pins: Pins;
  readonly bootClock: BootClock;
  /** Of one that can't be written: an absolute folder for what queries spill. */
  readonly unwritable: { readonly spillRoot: string } | null;
  /** Closes the catalog. Idempotent. */
  close(): Promise<void>;
}

/** A folder of a command's own. */
export interface TemporaryFolder {
  /** Absolute. Nothing is in it; whoever needs it makes it, and those above it. */
  readonly path: string;
  /** Removes it with all that is in it. Idempotent. */
  remove(): Promise<void>;
}

/** A store that doctor looks over. */
export interface StoreInspection extends InspectContext {
  /** Closes what was opened. Idempotent. */
  close(): Promise<void>;
}

/** The parts of a profile that commands use. */
export interface Engine {
  /**
   * Opens the store of a project's folder, absolute. Where there is none and none is to be made,
   * that is `usage.no_store`.
   */
  openStore(project: string, opening: StoreOpening): Promise<OpenStore>;
  /** Opens what there is of a store, damaged or not; null where a folder has none. */
  openInspection(project: string): Promise<StoreInspection | null>;
  /** What a rebuild of the store's catalog works with; `usage.no_store` where there is no store. */
  openRebuild(project: string): Promise<RebuildContext>;
  /** Where run actors live; closed with the process. */
  actorPlace(): ActorPlace;
  readonly connectors: readonly ConnectorUri[];
  /** Of a connector's code, for the resume key; throws `usage.unknown_connector`. */
  connectorDigest(connector: string): string;
  /**
   * Makes the source of a connector in this process. Throws `usage.unknown_connector`, and what is
   * wrong with settings.
   */
  openSource(connector: string, opening: SourceSettings): Promise<Source>;
  /** Settings, secrets in their places, with what this process's surroundings add to them. */
  completeSettings(
    connector: string,
    settings: PipelineSpec["source"],
  ): Promise<PipelineSpec["source"]>;
  /** Whether the reads of one run of a connector may share a session, opened in this process. */
  hasSessions(connector: string): boolean;
  /** Starts a thread for queries with its first one; the caller closes it. */
  openQueries(): Promise<QueryClient>;
  /**
   * Finds a folder for what a command can't hold in memory: in the store of a project's folder,
   * absolute, where there is one that may be written, else outside of any project.
   */
  makeTemporaryFolder(project: string | null): Promise<TemporaryFolder>;
  /** Where secrets are found; `inline` as in `SecretPlaces`. */
  secrets(project: string, inline: ReadonlyMap<string, string>): Secrets;
  /** What `~` means; null where nobody knows. */
  readonly home: string | null;
  /**
   * Sends a run's spans to where these variables say; null where they say nothing. Throws
   * `usage.invalid_endpoint`.
   */
  traceExport(
    env: Readonly<Record<string, string | undefined>>,
  ): ((trace: Omit<RunTrace, "version">) => Promise<void>) | null;
  /** Bounds of a run on this machine under a project's settings. */
  limits(project: ProjectSpec): RunLimits;
  /** Most memory that this process has had so far, bytes. */
  peakRssBytes(): number;
  /** Has this process end by force once its answer is out: a thread is stuck in it. */
  endByForce(): void;
}
