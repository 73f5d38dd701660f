/**
 * A supervisor: starts its children in order, starts them again by its strategy, stops them in
 * reverse order, and gives up, and so ends itself, when they fail too often.
 *
 *   Owns:    when its children start and stop.
 *   Doesn't: know what a child does; nor does it decide anything itself: `restart.ts` does.
 *   S1. One thing at a time: an end, an order or a stop is dealt with before the next is looked at.
 *   S2. At most one end of each child waits to be dealt with: a child has ended before it is
 *       started again, and an end that a stop of ours brought about is not dealt with.
 *   S3. When `exited` resolves, no child runs. It never rejects.
 *   S4. A child is killed once its time to stop is over; `kill` kills all at once.
 *   S5. A restart whose start fails counts as one more restart, so the intensity bounds it too.
 */
import { errorRecordOf } from "../actors/actor-error.ts";
import { HakiriError, type ErrorRecord } from "../core/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Child, ChildExit, ChildSpec } from "./child.ts";
import {
  decide,
  type ChildEnded,
  type ChildState,
  type Decision,
  type SupervisionRules,
  type SupervisionState,
} from "./restart.ts";
import { settledWithin } from "./settled-within.ts";

/** Most children of one supervisor. */
export const childrenMax = 1024;

/** Most orders (add, remove) that wait at one supervisor. */
export const ordersMax = 64;

/** How a supervisor is made. */
export interface SupervisorOptions extends SupervisionRules {
  readonly id: string;
  /** Children to start with, in this order. */
  readonly children: readonly ChildSpec[];
  readonly clock: Clock;
}

/** A child as others may see it. */
export interface ChildStatus {
  readonly id: string;
  readonly isRunning: boolean;
  /** Times it was started by this supervisor, the first included. */
  readonly starts: number;
}

/**
 * Starts a supervisor and its children, and resolves once all run. Where one can't be started,
 * stops those that run, in reverse order, and rejects with what it threw. `signal` gives up.
 */
export async function startSupervisor(
  options: SupervisorOptions,
  signal?: AbortSignal,
): Promise<Supervisor> {
  const supervisor = new Supervisor(options);
  const giveUp = (): void => supervisor.kill();
  if (signal?.aborted === true) giveUp();
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    for (const spec of options.children) await supervisor.add(spec);
    return supervisor;
  } catch (error) {
    supervisor.stop();
    const exit = await supervisor.exited;
    throw exit.kind === "abnormal" ? new HakiriError(exit.error, { cause: error }) : error;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}

interface Supervised {
  readonly spec: ChildSpec;
  child: Child | undefined;
  starts: number;
}

interface Order {
  readonly act: () => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A running supervisor, itself a child. */
export class Supervisor implements Child {
  readonly id: string;
  readonly exited: Promise<ChildExit>;
  readonly #options: SupervisorOptions;
  readonly #exit = Promise.withResolvers<ChildExit>();
  /** Everything supervised, in the order of start; in step with `#state.children`. */
  readonly #supervised = new Map<string, Supervised>();
  readonly #ends = new Map<string, { readonly child: Child; readonly exit: ChildExit }>();
  readonly #orders: Order[] = [];
  /** Aborted by `stop`: nothing is started any more. */
  readonly #stopping = new AbortController();
  #isKilled = false;
  #state: SupervisionState = { children: [], restartsMs: [] };
  #phase: "idle" | "busy" | "ended" = "idle";

  constructor(options: SupervisorOptions) {
    this.id = options.id;
    this.#options = options;
    this.exited = this.#exit.promise;
  }

  /** The children in the order of their start. */
  get children(): readonly ChildStatus[] {
    return [...this.#supervised.values()].map(({ spec, child, starts }) => {
      return { id: spec.id, isRunning: child !== undefined, starts };
    });
  }

  /**
   * Starts one more child, after the others. Rejects with what its start threw, with
   * `supervisor.duplicate`, `supervisor.full`, and `supervisor.stopped`.
   */
  add(spec: ChildSpec): Promise<void> {
    return this.#order(async () => {
      if (spec.isSignificant === true && !maySignify(spec, this.#options)) {
        throw new Error(`child ${spec.id} is significant, which nothing here goes by`);
      }
      if (this.#supervised.has(spec.id)) throw refusal("duplicate", `a new id, came ${spec.id}`);
      if (this.#supervised.size >= childrenMax) {
        throw refusal("full", `at most ${childrenMax} children, came one more`);
      }
      const supervised: Supervised = { spec, child: undefined, starts: 0 };
      await this.#start(supervised);
      this.#supervised.set(spec.id, supervised);
      this.#state = { ...this.#state, children: [...this.#state.children, stateOf(spec)] };
    });
  }

  /** Stops a child and forgets it. Does nothing where there is none of this id. */
  remove(id: string): Promise<void> {
    return this.#order(async () => {
      const supervised = this.#supervised.get(id);
      if (supervised === undefined) return;
      await this.#stop(supervised);
      this.#keepOnly(this.#state.children.filter((one) => one.id !== id));
    });
  }

  stop(): void {
    this.#stopping.abort(stopped(this.id));
    this.#wake();
  }

  kill(): void {
    this.#isKilled = true;
    for (const { child } of this.#supervised.values()) child?.kill();
    this.stop();
  }

  #order(act: () => Promise<void>): Promise<void> {
    if (this.#stopping.signal.aborted || this.#phase === "ended") {
      return Promise.reject(stopped(this.id));
    }
    if (this.#orders.length >= ordersMax) {
      return Promise.reject(refusal("busy", `at most ${ordersMax} waiting orders, came one more`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#orders.push({ act, done: resolve, failed: reject });
    this.#wake();
    return promise;
  }

  #wake(): void {
    if (this.#phase !== "idle") return;
    this.#phase = "busy";
    void this.#work();
  }

  /** Deals with what waits, one by one (S1): a stop first, then ends, then orders. */
  async #work(): Promise<void> {
    try {
      // The one who woke this goes on first.
      await Promise.resolve();
      while (this.#phase === "busy") {
        const [end] = this.#ends;
        if (this.#stopping.signal.aborted) await this.#shutDown({ kind: "normal" });
        else if (end !== undefined) await this.#dealWith(end[0]);
        else if (this.#orders.length > 0) await this.#obey();
        else this.#phase = "idle";
      }
    } catch (defect) {
      this.kill();
      await this.#shutDown({ kind: "abnormal", error: errorRecordOf(defect) });
    }
  }

  async #obey(): Promise<void> {
    const order = this.#orders.shift();
    if (order !== undefined) await order.act().then(order.done, order.failed);
  }

  async #dealWith(id: string): Promise<void> {
    const end = this.#ends.get(id);
    const supervised = this.#supervised.get(id);
    this.#ends.delete(id);
    // S2: one that was stopped, and perhaps started again, is none of the children any more.
    if (end === undefined || supervised === undefined || supervised.child !== end.child) return;
    supervised.child = undefined;
    let ended: ChildEnded | undefined = {
      id,
      isNormal: end.exit.kind === "normal",
      nowMs: this.#now,
    };
    let last: ErrorRecord | undefined = end.exit.kind === "abnormal" ? end.exit.error : undefined;
    while (ended !== undefined) {
      const decision: Decision = decide(this.#options, this.#state, ended);
      if (decision.kind === "shut_down") {
        const exit = decision.why === "significant" ? normal : gaveUp(this.#options, last);
        return this.#shutDown(exit);
      }
      const failure = decision.kind === "restart" ? await this.#restart(decision) : undefined;
      this.#keepOnly(decision.state.children, decision.state.restartsMs);
      if (this.#stopping.signal.aborted) return;
      last = failure?.error ?? last;
      ended = failure && { id: failure.id, isNormal: false, nowMs: this.#now };
    }
  }

  async #restart(
    decision: Extract<Decision, { kind: "restart" }>,
  ): Promise<{ readonly id: string; readonly error: ErrorRecord } | undefined> {
    for (const id of decision.stop) await this.#stop(this.#get(id));
    for (const id of decision.start) {
      if (this.#stopping.signal.aborted) return undefined;
      try {
        await this.#start(this.#get(id));
      } catch (thrown) {
        return { id, error: errorRecordOf(thrown) };
      }
    }
    return undefined;
  }

  async #start(supervised: Supervised): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    const child = await supervised.spec.start(this.#stopping.signal);
    supervised.child = child;
    supervised.starts += 1;
    const { id } = supervised.spec;
    void child.exited.then((exit) => {
      if (supervised.child !== child) return;
      this.#ends.set(id, { child, exit });
      this.#wake();
    });
    if (this.#isKilled) child.kill();
  }

  async #stop(supervised: Supervised): Promise<void> {
    const { child, spec } = supervised;
    if (child === undefined) return;
    if (spec.shutdown !== "brutal_kill") {
      child.stop();
      await settledWithin(child.exited, spec.shutdown, this.#options.clock);
    }
    child.kill();
    await child.exited;
    supervised.child = undefined;
  }

  async #shutDown(exit: ChildExit): Promise<void> {
    this.#stopping.abort(stopped(this.id));
    for (const supervised of [...this.#supervised.values()].toReversed()) {
      await this.#stop(supervised);
    }
    this.#phase = "ended";
    this.#ends.clear();
    for (const order of this.#orders.splice(0)) order.failed(stopped(this.id));
    this.#exit.resolve(exit);
  }

  /** Makes these the children. Those that are none any more were stopped before. */
  #keepOnly(children: readonly ChildState[], restartsMs = this.#state.restartsMs): void {
    const kept = new Set(children.map(({ id }) => id));
    for (const id of this.#supervised.keys()) if (!kept.has(id)) this.#supervised.delete(id);
    this.#state = { children, restartsMs };
  }

  #get(id: string): Supervised {
    const supervised = this.#supervised.get(id);
    if (supervised === undefined) throw new Error(`child ${id} is in the state but not supervised`);
    return supervised;
  }

  get #now(): number {
    return this.#options.clock.monotonicMs();
  }
}

const normal: ChildExit = { kind: "normal" };

function stateOf(spec: ChildSpec): ChildState {
  const { id, restart, isSignificant = false } = spec;
  return { id, restart, isSignificant, isRunning: true };
}

function maySignify(spec: ChildSpec, options: SupervisorOptions): boolean {
  return options.autoShutdown !== "never" && spec.restart !== "permanent";
}

function gaveUp(options: SupervisorOptions, last: ErrorRecord | undefined): ChildExit {
  const { restartsMax, periodMs } = options.intensity;
  const often = `expected at most ${restartsMax} restarts in ${periodMs} ms`;
  const message = `${often} under supervisor ${options.id}, came one more: ${last?.message ?? ""}`;
  const cause = last === undefined ? {} : { cause: last };
  const code = "supervisor.gave_up";
  return { kind: "abnormal", error: { kind: "Permanent", code, message, hint: "", ...cause } };
}

function stopped(id: string): HakiriError {
  const message = `expected supervisor ${id} to run, but it was stopped`;
  return new HakiriError({ kind: "Transient", code: "supervisor.stopped", message, hint: "" });
}

function refusal(name: string, expected: string): HakiriError {
  const message = `expected ${expected}`;
  return new HakiriError({ kind: "Permanent", code: `supervisor.${name}`, message, hint: "" });
}
