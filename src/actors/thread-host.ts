/**
 * Actors in worker threads of this process.
 *
 *   Owns:    the Worker, its captured output, and which of the signs of its end counts.
 *   Doesn't: know what the actor says, but for the two messages that end it.
 *   T1. `ended` comes exactly once, after every message that the actor had sent.
 *   T2. The best sign of an end is its reason: what the actor said of itself, then what Node says
 *       of its thread, then that it was terminated, then its exit code.
 *   T3. A thread whose actor has said its last word is terminated, whatever it still holds open.
 */
import { Worker } from "node:worker_threads";
import { errorRecordOf } from "./actor-error.ts";
import { outputBytesMax, type ActorExit } from "./actor-exit.ts";
import type { ActorHost, HostedThread, ThreadEvents, ThreadSpec } from "./actor-host.ts";
import { OutputTail } from "./output-tail.ts";
import type { FromActor, ThreadLimits } from "./protocol.ts";

/** A thread of this process, with the number that Node's reports know it by. */
export interface LocalThread extends HostedThread {
  readonly threadId: number;
}

/** Starts an actor's thread in this process. Throws where Node refuses the worker at once. */
export function startLocalThread(spec: ThreadSpec, events: ThreadEvents): LocalThread {
  const worker = new Worker(spec.entry, {
    name: spec.id,
    env: { ...spec.env },
    resourceLimits: resourceLimits(spec.limits),
    stdin: false,
    stdout: true,
    stderr: true,
  });
  const output = new OutputTail(outputBytesMax);
  const signs: Signs = {};
  let hasEnded = false;
  const end = (): void => void worker.terminate();

  worker.on("message", (message: FromActor) => {
    const lastWord = lastWordOf(message);
    if (lastWord === undefined) events.message(message);
    else {
      signs.lastWord ??= lastWord;
      end();
    }
  });
  worker.on("messageerror", (error) => {
    signs.fault ??= exitOfError(error);
    end();
  });
  worker.on("error", (error: unknown) => {
    signs.fault ??= exitOfError(error);
  });

  // Node ends both streams when the thread exits; their last chunks come before that.
  const streamEnds = [worker.stdout, worker.stderr].map((stream) => {
    stream.on("data", (chunk: Uint8Array) => output.add(chunk));
    return new Promise<void>((resolve) => stream.once("end", resolve));
  });
  worker.once("exit", (exitCode) => {
    hasEnded = true;
    const exit = exitOf(signs, exitCode);
    void Promise.all(streamEnds).then(() => events.ended({ exit, output: output.text() }));
  });

  return {
    threadId: worker.threadId,
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => {
      if (hasEnded) return;
      signs.isTerminated = true;
      end();
    },
  };
}

/** Hosts actors in threads of this process. */
export const threadHost: ActorHost = { messageBytesMax: null, start: startLocalThread };

/** What is known of an end, before it is known to be one. */
interface Signs {
  lastWord?: ActorExit;
  fault?: ActorExit;
  isTerminated?: boolean;
}

/** By T2. */
function exitOf(signs: Signs, exitCode: number): ActorExit {
  if (signs.lastWord !== undefined) return signs.lastWord;
  if (signs.fault !== undefined) return signs.fault;
  return signs.isTerminated === true ? { kind: "terminated" } : { kind: "exited", exitCode };
}

function lastWordOf(message: FromActor): ActorExit | undefined {
  if (message.type === "stopped") return { kind: "stopped", unhandled: message.unhandled };
  if (message.type === "fatal") return { kind: "thrown", error: message.error };
  return undefined;
}

function exitOfError(error: unknown): ActorExit {
  const isHeap =
    error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  if (isHeap) return { kind: "out_of_memory" };
  return { kind: "thrown", error: errorRecordOf(error) };
}

function resourceLimits(limits: ThreadLimits): Record<string, number> {
  return {
    maxOldGenerationSizeMb: limits.oldGenerationMb,
    ...(limits.youngGenerationMb === undefined
      ? {}
      : { maxYoungGenerationSizeMb: limits.youngGenerationMb }),
    ...(limits.stackMb === undefined ? {} : { stackSizeMb: limits.stackMb }),
  };
}
