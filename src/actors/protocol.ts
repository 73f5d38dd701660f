/**
 * Everything that the two sides of an actor, and the two sides of an executor, say to each other.
 * Both sides import this file, and it imports neither.
 *
 * Every message is a plain value that structured clone carries. Errors cross as records. Between
 * threads a message may move buffers: they belong to the receiver after, and the sender's are
 * empty. Between processes nothing is moved, and a message is at most `controlBytesMax` bytes.
 */
import type { ErrorRecord } from "../core/error.ts";
import type { ActorEnd } from "./actor-exit.ts";

/** Most bytes of one control message between processes, with its envelope. */
export const controlBytesMax = 64 * 1024;

/** Bytes of `controlBytesMax` that are kept for the envelope around an actor's message. */
export const envelopeBytesMax = 512;

/** What either side of an actor may say at any time. */
export type PeerMessage =
  | { readonly type: "tell"; readonly body: unknown }
  /** `ask` counts up from 1 on each side. */
  | { readonly type: "ask"; readonly ask: number; readonly body: unknown }
  | { readonly type: "reply"; readonly ask: number; readonly body: unknown }
  | { readonly type: "failure"; readonly ask: number; readonly error: ErrorRecord }
  /** Who asked no longer wants the reply. */
  | { readonly type: "withdraw"; readonly ask: number }
  /** So many tells and asks left the mailbox since the start; gives the other side room. */
  | { readonly type: "taken"; readonly count: number };

/** What the owner of an actor says to it; `start` is the first, and said once. */
export type ToActor =
  | PeerMessage
  | {
      readonly type: "start";
      readonly data: unknown;
      readonly bounds: ConversationBounds;
      /** Most bytes of a message that crosses a process; null where none does. */
      readonly messageBytesMax: number | null;
    }
  | { readonly type: "stop" };

/** What an actor says to its owner; nothing follows `stopped` and `fatal`. */
export type FromActor =
  | PeerMessage
  | { readonly type: "started" }
  | { readonly type: "stopped"; readonly unhandled: number }
  | { readonly type: "fatal"; readonly error: ErrorRecord };

/** How many messages may wait, equal for both sides of an actor. */
export interface ConversationBounds {
  /** Most tells and asks that wait in one mailbox. */
  readonly mailboxMax: number;
  /** Most asks of one side that wait for their reply. */
  readonly asksMax: number;
}

/** Limits of an actor's thread. What is left out is Node's default. */
export interface ThreadLimits {
  /** Heap of long-lived objects, MiB; beyond it the thread ends. Buffers don't count. */
  readonly oldGenerationMb: number;
  readonly youngGenerationMb?: number;
  readonly stackMb?: number;
}

/** What the control process says to an executor. `actor` is a number that it chose. */
export type ToExecutor =
  | {
      readonly type: "start-actor";
      readonly actor: number;
      readonly name: string;
      /** Where the module that the thread runs is; a file URL. */
      readonly entry: string;
      readonly env: Readonly<Record<string, string>>;
      readonly limits: ThreadLimits;
    }
  | { readonly type: "to-actor"; readonly actor: number; readonly message: ToActor }
  | { readonly type: "terminate-actor"; readonly actor: number }
  | { readonly type: "ping"; readonly ping: number }
  | { readonly type: "end" };

/** What an executor says to the control process; `ready` is the first. */
export type FromExecutor =
  | { readonly type: "ready" }
  /** The actor has a thread; `threadId` is how Node's report of a crash names it. */
  | { readonly type: "spawned"; readonly actor: number; readonly threadId: number }
  | { readonly type: "from-actor"; readonly actor: number; readonly message: FromActor }
  | { readonly type: "actor-ended"; readonly actor: number; readonly end: ActorEnd }
  | { readonly type: "pong"; readonly ping: number };
