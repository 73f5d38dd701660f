/** How an actor ended, in every form that is noticed, and whose fault each is. */
import type { ErrorRecord } from "../core/error.ts";

/** How an actor ended. */
export type ActorExit =
  /** It was told to stop, or told itself, and did. */
  | {
      readonly kind: "stopped";
      /** Messages that waited and were never handled; asks among them were refused. */
      readonly unhandled: number;
    }
  /** It threw, in a handler or anywhere else in its thread, or left a rejection unhandled. */
  | { readonly kind: "thrown"; readonly error: ErrorRecord }
  /** Its thread was ended from within, by `process.exit`. */
  | { readonly kind: "exited"; readonly exitCode: number }
  /** Its thread reached its heap limit. */
  | { readonly kind: "out_of_memory" }
  /** It did not stop when told to, and `terminate` ended its thread. */
  | { readonly kind: "terminated" }
  /** The owner's handler of its messages threw what is no answer; the actor was ended for it. */
  | { readonly kind: "handler_failed"; readonly error: ErrorRecord }
  /** Nothing ends its thread, which still runs: the process that holds it should end. */
  | { readonly kind: "stuck" }
  /** Nothing but SIGKILL of its executor ended it. */
  | { readonly kind: "executor_killed" }
  /** Its executor was killed, or crashed, because of another actor in it. */
  | { readonly kind: "executor_killed_for_other"; readonly otherId: string }
  /** Its executor held more memory than its limit, and was killed. */
  | {
      readonly kind: "executor_over_memory";
      readonly rssBytes: number;
      readonly rssBytesMax: number;
      /** Whether no other actor was in the executor; if not, nobody knows whose memory it was. */
      readonly isAlone: boolean;
    }
  /** Its executor could no longer be watched, and was killed. */
  | { readonly kind: "executor_unwatched"; readonly error: ErrorRecord }
  /** Its executor died by itself, or was killed by somebody else. */
  | {
      readonly kind: "executor_crashed";
      /** Null where a signal ended it. */
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** Whether the crash is known to be its own: it was alone, or its thread was named. */
      readonly isOwn: boolean;
    }
  /** Its executor was ended while it still ran, because everything is ended. */
  | { readonly kind: "executor_ended" };

/** An exit, and the last that its thread wrote, or its executor where that died. */
export interface ActorEnd {
  readonly exit: ActorExit;
  /** Of stdout and stderr, at most the newest `outputBytesMax` bytes; may be cut in a character. */
  readonly output: string;
}

/** Most bytes of output that are kept of an actor. */
export const outputBytesMax = 8 * 1024;

/**
 * Whose fault an exit is. `other`: start it again, it used no attempt. `unknown`: start it again
 * without using an attempt, but in an executor of its own, where the next crash is its own.
 */
export type Fault = "none" | "own" | "other" | "unknown";

/** Says whose fault an exit is. */
export function faultOf(exit: ActorExit): Fault {
  switch (exit.kind) {
    case "stopped":
      return "none";
    case "thrown":
    case "exited":
    case "out_of_memory":
    case "terminated":
    case "handler_failed":
    case "stuck":
    case "executor_killed":
      return "own";
    case "executor_killed_for_other":
    case "executor_unwatched":
    case "executor_ended":
      return "other";
    case "executor_over_memory":
      return exit.isAlone ? "own" : "unknown";
    case "executor_crashed":
      return exit.isOwn ? "own" : "unknown";
  }
}

/** Says in words how an actor ended, to follow "the actor". */
export function describeExit(exit: ActorExit): string {
  switch (exit.kind) {
    case "stopped":
      return "stopped";
    case "thrown":
      return `threw: ${exit.error.message}`;
    case "exited":
      return `called process.exit(${exit.exitCode})`;
    case "out_of_memory":
      return "reached its heap limit";
    case "terminated":
      return "was terminated";
    case "handler_failed":
      return `was ended, because its owner failed at a message of it: ${exit.error.message}`;
    case "stuck":
      return "is stuck in a call that nothing ends";
    case "executor_killed":
      return "was stuck in a call, and its executor was killed";
    case "executor_killed_for_other":
      return `lost its executor through actor ${exit.otherId}`;
    case "executor_over_memory":
      return `lost its executor, which held ${exit.rssBytes} of at most ${exit.rssBytesMax} bytes`;
    case "executor_unwatched":
      return `lost its executor, which could not be watched: ${exit.error.message}`;
    case "executor_crashed":
      return `lost its executor, which ended with ${exit.signal ?? `exit code ${exit.exitCode}`}`;
    case "executor_ended":
      return "was ended with its executor";
  }
}
