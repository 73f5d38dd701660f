/** The worker thread that serves queries, with a port to talk over and what is known of its end. */
import { MessageChannel, Worker } from "node:worker_threads";
import * as comlink from "comlink";
import type { ErrorRecord, HakiriError } from "../../core/error.ts";
import type { QueryThread } from "./protocol.ts";

/** A thread that was started. */
export interface LiveThread {
  readonly remote: QueryThread;
  /** Resolves when it is over, with the error for its callers; never rejects. */
  readonly exited: Promise<ErrorRecord>;
  /** Interrupts a query; nobody waits for that. */
  interrupt(id: number): void;
  /** Tells the thread to end. */
  closePort(): void;
  /** Lets this process end although the thread doesn't. */
  leaveBehind(): void;
}

/** How a thread is started. */
export interface ThreadOptions {
  readonly entry: URL;
  readonly heapMb: number;
  /** The error of what ended it, which is told as words after "but". */
  readonly errorOf: (fault: string) => HakiriError;
}

/** Starts a thread. */
export function startThread({ entry, heapMb, errorOf }: ThreadOptions): LiveThread {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(entry, {
    name: "query",
    workerData: { port: port2 },
    transferList: [port2],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    stdout: true,
    stderr: true,
  });
  // Nothing says anything there; what a library says must not mix with an answer.
  worker.stdout.resume();
  worker.stderr.resume();
  let fault: string | null = null;
  worker.on("error", (error: unknown) => {
    fault ??= `it failed: ${error instanceof Error ? error.message : String(error)}`;
  });
  const exited = new Promise<ErrorRecord>((resolve) => {
    worker.once("exit", (exitCode) => {
      port1.close();
      resolve(errorOf(fault ?? `it ended with exit code ${exitCode}`).toRecord());
    });
  });
  // Each member of the thread's interface answers a promise, so that the remote one is the same.
  const remote = comlink.wrap<QueryThread>(port1) as QueryThread;
  return {
    remote,
    exited,
    interrupt: (id) => void remote.interrupt(id).catch(() => undefined),
    closePort: () => port1.close(),
    leaveBehind: () => {
      port1.close();
      worker.unref();
    },
  };
}
