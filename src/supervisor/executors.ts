/**
 * The executor processes of a control process, and the actors in them.
 *
 *   Owns:    when executors start and end, which actor goes where, and the ladder of each actor.
 *   Doesn't: start an actor again: its exit says whose fault it was, the caller decides.
 *   H1. At most `executorsMax` processes are there at any instant, those that are ending included,
 *       and at most `actorsMax` actors in each.
 *   H2. An executor without actors ends after `idleMs`; while any is in it, only a kill ends it.
 *   H3. A killed executor takes nobody any more; each actor that was in it learns why.
 *   H4. After `close` no process and no timer of this is left.
 */
import { startActor, type ActorSpec, type Dialogue } from "../actors/actor-handle.ts";
import type { KillCause } from "../actors/executor-exit.ts";
import {
  startExecutor,
  type ExecutorOptions,
  type ExecutorProcess,
} from "../actors/executor-process.ts";
import type { ScheduledCall } from "../core/ports/clock.ts";
import { defaultLadderTimes, type LadderTimes } from "./ladder.ts";
import { placeActor, type ExecutorBounds } from "./placement.ts";
import type { RssProbe } from "./resident-memory.ts";
import { actorsClosed, actorsFull } from "./runner-error.ts";
import {
  underLadder,
  type ActorRunner,
  type RunningActor,
  type StartOptions,
} from "./running-actor.ts";
import { settledWithin } from "./settled-within.ts";
import { watchExecutor } from "./watchdog.ts";

/** How long an executor without actors is kept. */
const defaultIdleMs = 60_000;

/** How often the memory of an executor is looked at. */
const defaultSampleMs = 1000;

/** How long an executor that was told to end may take before it is killed. */
const endMs = 2000;

/** How executors are run. */
export interface ExecutorsOptions extends ExecutorOptions, ExecutorBounds {
  readonly probe: RssProbe;
  /** Resident bytes of one executor beyond which it is killed. */
  readonly rssBytesMax: number;
  /** `defaultIdleMs`, `defaultSampleMs` and `defaultLadderTimes` where left out. */
  readonly idleMs?: number;
  readonly sampleMs?: number;
  readonly ladder?: LadderTimes;
}

/** An executor as others may see it. */
export interface ExecutorStatus {
  readonly pid: number;
  readonly actors: readonly string[];
  /** Monotonic time at which the last ping that it answered had been sent. */
  readonly aliveAtMs: number;
}

interface Slot {
  readonly number: number;
  readonly started: Promise<ExecutorProcess>;
  /** Undefined until it has started. */
  executor: ExecutorProcess | undefined;
  readonly actors: Map<symbol, string>;
  isIsolated: boolean;
  isEnding: boolean;
  idle: ScheduledCall | undefined;
}

/** Runs actors in executor processes. */
export class Executors implements ActorRunner {
  readonly #options: ExecutorsOptions;
  readonly #slots = new Map<number, Slot>();
  readonly #running = new Set<{ end(): Promise<unknown> }>();
  #lastExecutor = 0;
  #isClosed = false;

  constructor(options: ExecutorsOptions) {
    this.#options = options;
  }

  /** The executors that run. */
  get executors(): readonly ExecutorStatus[] {
    return [...this.#slots.values()].flatMap(({ executor, actors }) =>
      executor?.pid === undefined
        ? []
        : [{ pid: executor.pid, actors: [...actors.values()], aliveAtMs: executor.aliveAtMs }],
    );
  }

  async start<D extends Dialogue>(
    spec: ActorSpec<D>,
    { isIsolated = false }: StartOptions = {},
  ): Promise<RunningActor<D>> {
    if (this.#isClosed) throw actorsClosed();
    const slot = this.#place(isIsolated);
    const seat = Symbol(spec.id);
    slot.actors.set(seat, spec.id);
    slot.isIsolated = isIsolated;
    slot.idle?.cancel();
    try {
      const executor = await slot.started;
      if (this.#isClosed) throw actorsClosed();
      const actor = this.#run(slot, executor, spec);
      void actor.exited.then(() => this.#leave(slot, seat));
      return actor;
    } catch (error) {
      this.#leave(slot, seat);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#running].map((actor) => actor.end()));
    await Promise.all([...this.#slots.values()].map((slot) => this.#end(slot)));
  }

  #run<D extends Dialogue>(
    slot: Slot,
    executor: ExecutorProcess,
    spec: ActorSpec<D>,
  ): RunningActor<D> {
    const handle = startActor(executor, spec);
    const { clock, ladder: times = defaultLadderTimes } = this.#options;
    const killHost = (): void => this.#kill(slot, executor, { kind: "stuck", actorId: spec.id });
    const actor = underLadder(handle, { clock, times, killHost });
    this.#running.add(actor);
    void actor.exited.then(() => this.#running.delete(actor));
    return actor;
  }

  #place(isIsolated: boolean): Slot {
    const loads = [...this.#slots.values()].map((slot) => ({
      executor: slot.number,
      actors: slot.actors.size,
      isIsolated: slot.isIsolated,
      isEnding: slot.isEnding,
    }));
    const placement = placeActor(loads, isIsolated, this.#options);
    if (placement.kind === "new") return this.#spawn();
    const slot = placement.kind === "existing" ? this.#slots.get(placement.executor) : undefined;
    if (slot !== undefined) return slot;
    throw actorsFull(this.#options.executorsMax * this.#options.actorsMax);
  }

  #spawn(): Slot {
    this.#lastExecutor += 1;
    const slot: Slot = {
      number: this.#lastExecutor,
      started: startExecutor(this.#options),
      executor: undefined,
      actors: new Map(),
      isIsolated: false,
      isEnding: false,
      idle: undefined,
    };
    this.#slots.set(slot.number, slot);
    void this.#keep(slot);
    return slot;
  }

  /** Sees an executor through, from its start to its end. */
  async #keep(slot: Slot): Promise<void> {
    try {
      const executor = await slot.started;
      slot.executor = executor;
      void watchExecutor(executor, {
        clock: this.#options.clock,
        probe: this.#options.probe,
        rssBytesMax: this.#options.rssBytesMax,
        everyMs: this.#options.sampleMs ?? defaultSampleMs,
        kill: (cause) => this.#kill(slot, executor, cause),
      });
      await executor.exited;
    } catch {
      // Whoever waits for this executor to start gets the error.
    } finally {
      slot.idle?.cancel();
      this.#slots.delete(slot.number);
    }
  }

  #leave(slot: Slot, seat: symbol): void {
    slot.actors.delete(seat);
    if (slot.actors.size > 0 || slot.isEnding || !this.#slots.has(slot.number)) return;
    slot.isIsolated = false;
    const { clock, idleMs = defaultIdleMs } = this.#options;
    slot.idle?.cancel();
    slot.idle = clock.schedule(idleMs, () => void this.#end(slot));
  }

  #kill(slot: Slot, executor: ExecutorProcess, cause: KillCause): void {
    slot.isEnding = true;
    executor.kill(cause);
  }

  async #end(slot: Slot): Promise<void> {
    slot.isEnding = true;
    slot.idle?.cancel();
    const executor = await slot.started.catch(() => undefined);
    if (executor === undefined) return;
    executor.end();
    const { clock, ladder: times = defaultLadderTimes } = this.#options;
    if (!(await settledWithin(executor.exited, endMs, clock))) {
      executor.kill({ kind: "ended" });
      // Only a kernel that can't end the process lets this wait run out.
      await settledWithin(executor.exited, times.killMs, clock);
    }
  }
}
