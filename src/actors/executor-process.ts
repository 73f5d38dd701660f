/**
 * An executor as its control process knows it: a child process that hosts actors in threads.
 *
 *   Owns:    the child process, the channel to it, and which actors are in it.
 *   Doesn't: decide when the executor starts or ends, nor how many actors it takes.
 *   E1. Every actor that was started in it ends: by its own end, or by the executor's death, in
 *       whatever form that comes.
 *   E2. No message beyond `controlBytesMax` is sent, and no buffer is moved.
 *   E3. A channel that is lost ends the executor: it ends itself, and is killed if it doesn't.
 */
import { fork, type ChildProcess } from "node:child_process";
import { HakiriError, type ErrorRecord } from "../core/error.ts";
import type { Clock, ScheduledCall } from "../core/ports/clock.ts";
import { executorGone, notTransferable } from "./actor-error.ts";
import { outputBytesMax, type ActorEnd } from "./actor-exit.ts";
import type { ActorHost, HostedThread, ThreadEvents, ThreadSpec } from "./actor-host.ts";
import { decodeFromExecutor, encodeControl } from "./control-frame.ts";
import { crashedThreadOf, exitByDeath, withoutReport, type KillCause } from "./executor-exit.ts";
import { OutputTail } from "./output-tail.ts";
import {
  controlBytesMax,
  envelopeBytesMax,
  type FromExecutor,
  type ToExecutor,
} from "./protocol.ts";

/** Bytes of stderr that are kept: enough for Node's report (about 8 KB) and what surrounds it. */
const stderrBytesMax = 32 * 1024;

/** How long the pipes of a dead executor may stay open, and a lost channel may go unnoticed. */
const lingerMs = 1000;

/** How long an executor may take to be ready. */
const readyMs = 30_000;

/** Node names the thread of a fatal error in a report, without the environment's secrets. */
const reportFlags = [
  "--report-on-fatalerror",
  "--report-compact",
  "--report-filename=stderr",
  "--report-exclude-env",
  "--report-exclude-network",
];

/** How an executor is started. */
export interface ExecutorOptions {
  /** The module that the process runs; it calls `serveExecutor`. */
  readonly entry: URL;
  /** The process's whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Flags for Node, none where left out. */
  readonly execArgv?: readonly string[];
  readonly clock: Clock;
}

/**
 * Starts an executor, and resolves once it takes actors. Rejects with Transient
 * `executor.not_started`, after which no process is left.
 */
export async function startExecutor(options: ExecutorOptions): Promise<ExecutorProcess> {
  const executor = new ExecutorProcess(options);
  const late = options.clock.schedule(readyMs, () => executor.kill({ kind: "ended" }));
  try {
    await executor.ready;
    return executor;
  } finally {
    late.cancel();
  }
}

interface Hosted {
  readonly id: string;
  readonly events: ThreadEvents;
  threadId: number | null;
}

/** A running executor. */
export class ExecutorProcess implements ActorHost {
  readonly messageBytesMax = controlBytesMax - envelopeBytesMax;
  /** Resolves once the executor takes actors; rejects with `executor.not_started`. */
  readonly ready: Promise<void>;
  /** Resolves once the process is gone and each of its actors was told so. */
  readonly exited: Promise<void>;
  readonly #options: ExecutorOptions;
  readonly #child: ChildProcess;
  readonly #stdout = new OutputTail(outputBytesMax);
  readonly #stderr = new OutputTail(stderrBytesMax);
  readonly #ready = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #actors = new Map<number, Hosted>();
  #lastActor = 0;
  #killedFor: KillCause | undefined;
  #ping: { readonly ping: number; readonly sentMs: number } = { ping: 0, sentMs: 0 };
  #aliveAtMs: number;
  #linger: ScheduledCall | undefined;
  #isGone = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.ready = this.#ready.promise;
    this.ready.catch(() => undefined); // who only watches `exited` learns the same there
    this.exited = this.#exited.promise;
    this.#aliveAtMs = options.clock.monotonicMs();
    this.#child = fork(options.entry, {
      env: { ...options.env },
      execArgv: [...reportFlags, ...(options.execArgv ?? [])],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#listen(this.#child);
  }

  /** Undefined where the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Monotonic time at which the last ping that was answered had been sent. */
  get aliveAtMs(): number {
    return this.#aliveAtMs;
  }

  start(spec: ThreadSpec, events: ThreadEvents): HostedThread {
    if (this.#isGone || !this.#child.connected) throw executorGone();
    const actor = this.#lastActor + 1;
    const { id: name, env, limits } = spec;
    this.#send({ type: "start-actor", actor, name, entry: spec.entry.href, env, limits });
    this.#lastActor = actor;
    this.#actors.set(actor, { id: spec.id, events, threadId: null });
    return {
      post: (message, transfer) => {
        if (transfer.length > 0) throw notTransferable();
        if (this.#actors.has(actor)) this.#send({ type: "to-actor", actor, message });
      },
      terminate: () => {
        if (this.#actors.has(actor)) this.#send({ type: "terminate-actor", actor });
      },
    };
  }

  /** Asks whether the executor still answers; does nothing while an older ping waits. */
  ping(): void {
    if (this.#ping.sentMs > this.#aliveAtMs) return;
    this.#ping = { ping: this.#ping.ping + 1, sentMs: this.#options.clock.monotonicMs() };
    this.#send({ type: "ping", ping: this.#ping.ping });
  }

  /** Kills the process at once; the first cause is the one that its actors hear. */
  kill(cause: KillCause): void {
    // One that has died already was not killed for this.
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#killedFor ??= cause;
    this.#child.kill("SIGKILL");
  }

  /** Asks the process to end, with whatever actors it still has. It may be stuck and not do so. */
  end(): void {
    this.#killedFor ??= { kind: "ended" };
    this.#send({ type: "end" });
  }

  #listen(child: ChildProcess): void {
    child.stdout?.on("data", (chunk: Uint8Array) => this.#stdout.add(chunk));
    child.stderr?.on("data", (chunk: Uint8Array) => this.#stderr.add(chunk));
    child.on("message", (frame) => this.#receive(decodeFromExecutor(frame)));
    child.once("disconnect", () => this.#lingerOr(() => void child.kill("SIGKILL")));
    child.once("error", (error) => {
      this.#stderr.add(new TextEncoder().encode(`${error.message}\n`));
      if (child.pid === undefined) this.#bury(null, null);
    });
    child.once("exit", (exitCode, signal) => {
      // Its pipes end with it, unless a process that it started still holds them.
      child.once("close", () => this.#bury(exitCode, signal));
      this.#lingerOr(() => this.#bury(exitCode, signal));
    });
  }

  #lingerOr(act: () => void): void {
    this.#linger?.cancel();
    this.#linger = this.#options.clock.schedule(lingerMs, act);
  }

  #receive(message: FromExecutor): void {
    switch (message.type) {
      case "ready":
        this.#ready.resolve();
        break;
      case "pong":
        if (message.ping === this.#ping.ping) this.#aliveAtMs = this.#ping.sentMs;
        break;
      case "spawned": {
        const hosted = this.#actors.get(message.actor);
        if (hosted !== undefined) hosted.threadId = message.threadId;
        break;
      }
      case "from-actor":
        this.#actors.get(message.actor)?.events.message(message.message);
        break;
      case "actor-ended": {
        const hosted = this.#actors.get(message.actor);
        this.#actors.delete(message.actor);
        hosted?.events.ended(message.end);
        break;
      }
    }
  }

  /** Throws by E2. What can't be sent since the channel is closed is lost with its reader. */
  #send(message: ToExecutor): void {
    const frame = encodeControl(message);
    if (this.#child.connected) this.#child.send(frame, () => undefined);
  }

  #bury(exitCode: number | null, signal: string | null): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#linger?.cancel();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    const stderr = this.#stderr.text();
    const threadId = crashedThreadOf(stderr);
    const death =
      this.#killedFor === undefined
        ? ({ kind: "crashed", exitCode, signal, threadId } as const)
        : ({ kind: "killed", cause: this.#killedFor } as const);
    const output = clipped(`${this.#stdout.text()}${withoutReport(stderr)}`);
    this.#ready.reject(new HakiriError(notStarted(exitCode, signal, output)));
    const hosted = [...this.#actors.values()];
    this.#actors.clear();
    for (const actor of hosted) {
      const end: ActorEnd = { exit: exitByDeath(death, actor, hosted), output };
      actor.events.ended(end);
    }
    this.#exited.resolve();
  }
}

function clipped(output: string): string {
  const tail = new OutputTail(outputBytesMax);
  tail.add(new TextEncoder().encode(output));
  return tail.text();
}

function notStarted(exitCode: number | null, signal: string | null, output: string): ErrorRecord {
  const end = signal ?? `exit code ${exitCode}`;
  const lastLine = output.trim().split("\n").at(-1) ?? "";
  return {
    kind: "Transient",
    code: "executor.not_started",
    message: `expected an executor that is ready, but it ended with ${end}: ${lastLine}`,
    hint: "",
  };
}
