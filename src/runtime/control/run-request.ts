/** What it takes to run a pipeline: the store, the thread that does the work, and the wish. */
import type { ThreadLimits } from "../../actors/protocol.ts";
import type { Manifest } from "../../core/snapshot.ts";
import type { Committed, ManifestReference } from "../../core/catalog-command.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Catalog } from "../../core/ports/catalog.ts";
import type { Claims } from "../../core/ports/claim.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Source } from "../../core/ports/source.ts";
import type { ActorRunner } from "../../supervisor/running-actor.ts";
import type { RunLimits, RunParameters, RunTell } from "../protocol.ts";

/** An open store, as the control process holds it. */
export interface ControlStore {
  /** Absolute path of the project's folder. */
  readonly project: string;
  /** Rooted at `.hakiri/`. */
  readonly filesystem: Filesystem;
  readonly catalog: Catalog;
  readonly claims: Claims;
  readonly clock: Clock;
  readonly random: Random;
  /** Writes what follows from a commit: `_manifest.json` and `views.sql`. Repeatable. */
  readonly derive: (commit: CommittedManifest) => Promise<void>;
}

/** A manifest that the catalog has made true. */
export interface CommittedManifest {
  readonly manifest: Manifest;
  readonly reference: ManifestReference;
  readonly committed: Committed;
}

/** Where run actors live. */
export interface ActorPlace {
  readonly runner: ActorRunner;
  /** The module that serves a run actor. */
  readonly entry: URL;
  /** The thread's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ThreadLimits;
  /** How long an actor may take to begin, milliseconds. */
  readonly startMs: number;
}

/** A run that is wished for. */
export interface RunRequest {
  readonly pipelineId: string;
  readonly spec: PipelineSpec;
  /** The spec's `source` with the secrets in their places. */
  readonly settings: PipelineSpec["source"];
  /** Makes the source in this process too, for its session; absent where it surely has none. */
  readonly openSource?: () => Promise<Source>;
  /** Of the connector's code, for the resume key. */
  readonly connectorDigest: string;
  readonly parameters: RunParameters;
  readonly limits: RunLimits;
  /** An earlier run that ended before its end is resumed for so long, milliseconds. */
  readonly resumeTtlMs: number;
  /** Cancels the run. */
  readonly signal: AbortSignal;
  /** Hears of the run's progress; must not throw. */
  readonly progress: (tell: Extract<RunTell, { type: "progress" | "notice" }>) => void;
}
