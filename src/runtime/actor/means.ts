/** What a profile wires into its run actors. */
import type { EncodePart } from "../../context/stage/encode-part.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Source } from "../../core/ports/source.ts";

/** Threads that encode. */
export interface EncodePool {
  readonly encode: EncodePart;
  /** Ends the threads once they are done. */
  close(): Promise<void>;
}

/** What the profile gives a run actor. */
export interface RunActorMeans {
  /** Makes the source of a connector; throws `usage.unknown_connector`. */
  readonly openSource: (connector: string, settings: SourceSettings) => Promise<Source>;
  /** A filesystem rooted at a folder, absolute. */
  readonly openFilesystem: (folder: string) => Filesystem;
  /** Encodes parts in the run's own thread. */
  readonly encode: EncodePart;
  /** Starts threads that encode parts, where an order wants some; absent where there are none. */
  readonly startEncoders?: (threads: number) => Promise<EncodePool>;
  readonly clock: Clock;
  readonly random: Random;
}

/** A connector's settings with the secrets in their places, and what they are relative to. */
export interface SourceSettings {
  readonly settings: PipelineSpec["source"];
  /** Absolute path of the project's folder. */
  readonly project: string;
  readonly onChange: PipelineSpec["onChange"];
  readonly onMissing: PipelineSpec["onMissing"];
  /** Absolute path of a folder for what it can't read in place; it may not exist yet. */
  readonly scratch: string;
}
