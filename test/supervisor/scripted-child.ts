// A child in memory that ends when the test says so, and writes down what happens to it.
import type { Child, ChildExit, ChildSpec } from "../../src/supervisor/child.ts";
import { HakiriError } from "../../src/core/error.ts";

/** How a scripted child takes being told to stop. */
export type Manners = "obeys" | "ignores";

/** Starts scripted children, and keeps the log of all that happened to them. */
export class Script {
  readonly log: string[] = [];
  readonly #running = new Map<string, (exit: ChildExit) => void>();
  readonly #failures = new Map<string, number>();

  /** A spec whose children are scripted. */
  spec(id: string, overrides: Partial<ChildSpec> = {}, manners: Manners = "obeys"): ChildSpec {
    return {
      id,
      restart: "permanent",
      shutdown: 1000,
      start: async (signal) => this.#start(id, signal, manners),
      ...overrides,
    };
  }

  /** Makes the next starts of a child fail. */
  failStarts(id: string, count: number): void {
    this.#failures.set(id, count);
  }

  /** Ends a child by itself. */
  end(id: string, exit: ChildExit = crashed): void {
    this.log.push(`${id} ${exit.kind === "normal" ? "ends" : "crashes"}`);
    this.#exit(id, exit);
  }

  /** The children that run. */
  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** The log since it was taken last. */
  takeLog(): readonly string[] {
    return this.log.splice(0);
  }

  #start(id: string, signal: AbortSignal, manners: Manners): Child {
    signal.throwIfAborted();
    const failures = this.#failures.get(id) ?? 0;
    this.#failures.set(id, failures - 1);
    if (failures > 0) {
      this.log.push(`${id} fails to start`);
      throw new HakiriError({ kind: "Transient", code: "s.start", message: "no start", hint: "" });
    }
    if (this.#running.has(id)) throw new Error(`${id} runs twice`);
    this.log.push(`start ${id}`);
    const { promise, resolve } = Promise.withResolvers<ChildExit>();
    this.#running.set(id, resolve);
    const isThis = (): boolean => this.#running.get(id) === resolve;
    return {
      exited: promise,
      stop: () => {
        if (!isThis()) return;
        this.log.push(`stop ${id}`);
        if (manners === "obeys") this.#exit(id, { kind: "normal" });
      },
      kill: () => {
        if (!isThis()) return;
        this.log.push(`kill ${id}`);
        this.#exit(id, crashed);
      },
    };
  }

  #exit(id: string, exit: ChildExit): void {
    const resolve = this.#running.get(id);
    if (resolve === undefined) throw new Error(`${id} doesn't run`);
    this.#running.delete(id);
    resolve(exit);
  }
}

/** An abnormal end. */
const crashed: ChildExit = {
  kind: "abnormal",
  error: { kind: "Permanent", code: "s.crash", message: "it crashed", hint: "" },
};
