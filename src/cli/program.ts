/** A profile as the command line sees it, and the process that it was typed in. */
import type { Command } from "./command.ts";
import type { ProgressClock } from "./progress/clock.ts";

/** A stream that the command line writes to. */
export interface Output {
  /**
   * Writes all of it and answers when the system took it, so that a caller who waits never runs
   * ahead of a slow reader. Answers false, from then on, when the reader is gone. Throws
   * `HakiriError` of code `output.failed` where the system refuses for another reason.
   */
  readonly write: (piece: string | Uint8Array) => Promise<boolean>;
  readonly isTty: boolean;
  /** Width in cells right now; null where it is no terminal. */
  readonly columns: () => number | null;
}

/** The process that a command line was typed in. */
export interface Terminal {
  readonly out: Output;
  /** Never throws: where stderr is gone, there is nobody left to tell. */
  readonly err: Output;
  /** Opens what is typed or piped in, in pieces; absent where nothing can be. */
  readonly input?: () => AsyncIterable<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working folder, absolute. */
  readonly cwd: string;
  /** Aborted when the command shall end. */
  readonly signal: AbortSignal;
  readonly clock: ProgressClock;
}

/** A profile as the command line sees it. */
export interface Program {
  /** `core`, `full` or `coord`. */
  readonly profile: string;
  /** Loads the table of its commands, which `--version` has no use for. */
  readonly commands: () => Promise<readonly Command[]>;
  /** Every command of every profile by name, with the profiles that have it. */
  readonly profilesOf: ReadonlyMap<string, readonly string[]>;
  /** Names of the pipelines of a folder's project, for completion: fast, and never throws. */
  readonly pipelineNames: (cwd: string) => Promise<readonly string[]>;
  /** Node's version and the platform, as `--version --json` tells them. */
  readonly runtime: { readonly node: string; readonly platform: string };
}
