/**
 * The connections of one source: each is set up alike, and one that is done with is used again,
 * since opening one costs the server a process.
 *
 *   K1. A connection is given back only outside of a transaction and with nothing under way; any
 *       other is closed.
 */
import type { PgConnection } from "./wire/connection.ts";

/** Opens a connection and sets it up. */
export type OpenConnection = (signal: AbortSignal) => Promise<PgConnection>;

/** Most that wait to be used again. */
const idleMax = 4;

/** Connections of one source. */
export class Connections {
  readonly #open: OpenConnection;
  readonly #idle: PgConnection[] = [];
  readonly #taken = new Set<PgConnection>();
  #isClosed = false;

  constructor(open: OpenConnection) {
    this.#open = open;
  }

  /** One that waits, or a new one; given back or closed by whoever took it. */
  async take(signal: AbortSignal): Promise<PgConnection> {
    signal.throwIfAborted();
    const waiting = this.#idle.pop();
    const connection = waiting ?? (await this.#open(signal));
    this.#taken.add(connection);
    return connection;
  }

  /** K1. */
  async giveBack(connection: PgConnection): Promise<void> {
    if (!this.#taken.delete(connection)) return;
    if (this.#isClosed || this.#idle.length >= idleMax) return connection.close();
    this.#idle.push(connection);
  }

  /** Closes one that can't be used again. */
  async drop(connection: PgConnection): Promise<void> {
    this.#taken.delete(connection);
    await connection.close();
  }

  /** Has work done on one, which is given back after; closed where the work threw. */
  async use<T>(signal: AbortSignal, work: (connection: PgConnection) => Promise<T>): Promise<T> {
    const connection = await this.take(signal);
    try {
      const result = await work(connection);
      await this.giveBack(connection);
      return result;
    } catch (error) {
      await this.drop(connection);
      throw error;
    }
  }

  /** Closes all. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#idle.splice(0), ...this.#taken];
    this.#taken.clear();
    await Promise.all(all.map((connection) => connection.close()));
  }
}
