/**
 * The test's side of its sources: says what the world holds, hears where each source is, and tells
 * it what to do there.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { vi } from "vitest";
import type { ErrorKind } from "../../../src/core/error.ts";
import type { Direction, SourceEvent } from "./direction.ts";
import type { World } from "./world.ts";

/** Decides over one event; null leaves it to the next rule, and at last the source goes on. */
export type Rule = (event: SourceEvent) => Direction | Promise<Direction> | null;

/** Directs the sources of one test. */
export class Director {
  readonly socketPath: string;
  /** What is out there; a test changes it between runs. */
  world: World;
  /** Everything that sources asked, in order. */
  readonly events: SourceEvent[] = [];
  readonly #rules: Rule[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Map<string, () => void>();
  #sessionsMade = 0;

  constructor(socketPath: string, world: World) {
    this.socketPath = socketPath;
    this.world = world;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Takes sources from now on. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.socketPath, resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Adds a rule before all earlier ones; returns what takes it away. */
  rule(rule: Rule): () => void {
    this.#rules.unshift(rule);
    return () => void this.#rules.splice(this.#rules.indexOf(rule), 1);
  }

  /** Breaks the first `times` events that match. */
  breakAt(matches: (event: SourceEvent) => boolean, direction: Direction, times = 1): void {
    let left = times;
    this.rule((event) => {
      if (left === 0 || !matches(event)) return null;
      left -= 1;
      return direction;
    });
  }

  /** Stops the first event that matches, until it is let go. */
  stopAt(matches: (event: SourceEvent) => boolean): StopPoint {
    const reached = Promise.withResolvers<SourceEvent>();
    const answer = Promise.withResolvers<Direction>();
    let isTaken = false;
    this.rule((event) => {
      if (isTaken || !matches(event)) return null;
      isTaken = true;
      reached.resolve(event);
      return answer.promise;
    });
    return {
      reached: reached.promise,
      go: (direction = { kind: "go" }) => answer.resolve(direction),
    };
  }

  /** Loses every session that is open. */
  loseSessions(): void {
    for (const lose of this.#sessions.values()) lose();
    this.#sessions.clear();
  }

  /** Sessions that are open now. */
  get sessions(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /** How many of the events so far match. */
  count(matches: (event: SourceEvent) => boolean): number {
    return this.events.filter(matches).length;
  }

  /** Resolves once so many events that match have come. */
  async eventually(matches: (event: SourceEvent) => boolean, times = 1): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.count(matches) < times) throw new Error(`expected ${times} events`);
      },
      { timeout: 30_000 },
    );
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    const lines = createInterface({ input: socket });
    lines.on("error", () => undefined);
    lines.on("line", (line) => void this.#answer(socket, line));
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const { ask, event } = JSON.parse(line) as { ask: number; event: SourceEvent };
    this.events.push(event);
    const direction = await this.#decide(event);
    if (socket.writable) socket.write(`${JSON.stringify({ ask, direction })}\n`);
  }

  async #decide(event: SourceEvent): Promise<Direction> {
    for (const rule of this.#rules) {
      const direction = rule(event);
      if (direction !== null) return direction;
    }
    return this.#byDefault(event);
  }

  #byDefault(event: SourceEvent): Direction | Promise<Direction> {
    switch (event.at) {
      case "world":
        return { kind: "world", world: this.world };
      case "session": {
        this.#sessionsMade += 1;
        const token = `session-${this.#sessionsMade}`;
        this.#sessions.set(token, () => undefined);
        return { kind: "session", token };
      }
      case "lost": {
        const { promise, resolve } = Promise.withResolvers<Direction>();
        this.#sessions.set(event.token, () => resolve({ kind: "go" }));
        return promise;
      }
      case "session_closed":
        this.#sessions.delete(event.token);
        return { kind: "go" };
      case "next":
        if (event.token === null || this.#sessions.has(event.token)) return { kind: "go" };
        return failure("Transient", "test.snapshot_gone");
      default:
        return { kind: "go" };
    }
  }
}

/** A point at which a source waits. */
export interface StopPoint {
  /** Resolves once it is there. */
  readonly reached: Promise<SourceEvent>;
  go(direction?: Direction): void;
}

/** The direction to throw an error of that kind. */
export function failure(
  kind: ErrorKind,
  code = `test.${kind.toLowerCase()}`,
  more: { readonly retryAfterMs?: number } = {},
): Direction {
  const message = `expected a source that works, got ${code}`;
  return { kind: "throw", error: { kind, code, message, hint: "", ...more } };
}
