/** The source's side: asks its director at each point, and does what it says. */
import { openSync, readSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { HakiriError } from "../../../src/core/error.ts";
import type { Direction, SourceEvent } from "./direction.ts";

/** A connection to the director of a test. */
export class Directed {
  readonly #socket: Socket;
  readonly #pending = new Map<number, (direction: Direction) => void>();
  #asks = 0;

  constructor(socketPath: string) {
    this.#socket = connect(socketPath);
    // A director that is gone answers nothing; the test is over then.
    this.#socket.on("error", () => undefined);
    const lines = createInterface({ input: this.#socket });
    lines.on("error", () => undefined);
    lines.on("line", (line) => {
      const { ask, direction } = JSON.parse(line) as { ask: number; direction: Direction };
      this.#pending.get(ask)?.(direction);
      this.#pending.delete(ask);
    });
  }

  /** Asks, and does what is said; rejects once the signal aborts. */
  async at(event: SourceEvent, signal?: AbortSignal): Promise<Direction> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Direction>();
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    this.#asks += 1;
    this.#pending.set(this.#asks, resolve);
    this.#socket.write(`${JSON.stringify({ ask: this.#asks, event })}\n`);
    try {
      return obey(await promise);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

function obey(direction: Direction): Direction {
  switch (direction.kind) {
    case "go":
    case "world":
    case "session":
      return direction;
    case "throw":
      throw new HakiriError(direction.error);
    case "defect":
      throw new TypeError("a defect of the test's source");
    case "exit":
      return process.exit(3);
    case "exhaust_heap": {
      const lists: unknown[] = [];
      return forever((count) => lists.push(Array.from({ length: 100_000 }).fill(count)));
    }
    case "loop":
      return forever(() => undefined);
    case "abort_process": {
      const table = new Map<number, number>();
      return forever((count) => table.set(count, count));
    }
    case "allocate": {
      // Written to, since the system gives memory out page by page.
      const buffer = Buffer.alloc(direction.bytes, 1);
      return forever(() => buffer[0]);
    }
    case "stall":
      readSync(openSync(direction.pipe, "r+"), new Uint8Array(1));
      return { kind: "go" };
  }
}

function forever(act: (count: number) => unknown): never {
  for (let count = 0; ; count += 1) act(count);
}
