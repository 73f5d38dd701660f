/** What the commands over a store need of a profile: it wires the adapters that stand behind this. */
import type { ConnectorUri } from "../../config/connector-uri.ts";
import type { ProjectSpec } from "../../config/parse-project.ts";
import type { Pins } from "../../core/ports/catalog.ts";
import type { Secrets } from "../../core/ports/secrets.ts";
import type { ActorPlace, ControlStore } from "../../runtime/control/run-request.ts";
import type { RunLimits } from "../../runtime/protocol.ts";

/** A store that a command holds open. */
export interface OpenStore extends ControlStore {
  readonly pins: Pins;
  /** Closes the catalog. Idempotent. */
  close(): Promise<void>;
}

/** The parts of a profile that commands use. */
export interface Engine {
  /**
   * Opens the store of a project's folder, absolute. `create` makes one where there is none; else
   * that is `usage.no_store`.
   */
  openStore(project: string, opening: "existing" | "create"): Promise<OpenStore>;
  /** Where run actors live; closed with the process. */
  actorPlace(): ActorPlace;
  readonly connectors: readonly ConnectorUri[];
  /** Of a connector's code, for the resume key; throws `usage.unknown_connector`. */
  connectorDigest(connector: string): string;
  /** Where secrets are found; `inline` as in `SecretPlaces`. */
  secrets(project: string, inline: ReadonlyMap<string, string>): Secrets;
  /** What `~` means; null where nobody knows. */
  readonly home: string | null;
  /** Bounds of a run on this machine under a project's settings. */
  limits(project: ProjectSpec): RunLimits;
  /** Most memory that this process has had so far, bytes. */
  peakRssBytes(): number;
  /** Ends this process at once: for a thread that nothing else ends. */
  exit(code: number): never;
}
