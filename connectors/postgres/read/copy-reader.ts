/**
 * Reads the rows of one statement as record batches: what is asked for is pulled through the
 * socket, the rest waits at the server.
 */
import {
  HakiriError,
  type OpenRequest,
  type ReadCursor,
  type ReadEnd,
  type Reader,
  type ReadItem,
  type RecordBatch,
  type StreamSchema,
} from "../../../src/connector.ts";
import type { Connections } from "../connections.ts";
import { CopyDecoder } from "../copy/copy-decoder.ts";
import type { ColumnPlan } from "../types/column-plan.ts";
import type { CopyOut, PgConnection } from "../wire/connection.ts";

/** A statement, and what goes with its rows. */
export interface CopyRead {
  readonly sql: string;
  /** As they are selected. */
  readonly columns: readonly ColumnPlan[];
  /** What a batch is given as: its rows may be fewer, and columns too. */
  readonly deliver: (batch: RecordBatch) => RecordBatch;
  readonly schema: StreamSchema;
  /** Asked for after each batch, for the rows up to its end. */
  readonly cursor: () => ReadCursor;
  /** Asked for once all rows were given. */
  readonly lastCursor: () => ReadCursor | null;
}

/** Reads a statement on a connection in a transaction, which is the reader's until it is closed. */
export class CopyReader implements Reader {
  readonly #connections: Connections;
  readonly #connection: PgConnection;
  readonly #read: CopyRead;
  readonly #request: Pick<OpenRequest, "limits" | "signal">;
  readonly #decoder: CopyDecoder;
  #copy: CopyOut | null = null;
  /** `read` once the server has sent all, `drained` once all of it was given. */
  #state: "reading" | "read" | "drained" | "closed" = "reading";
  #hasRows = false;

  constructor(
    connections: Connections,
    connection: PgConnection,
    read: CopyRead,
    request: Pick<OpenRequest, "limits" | "signal">,
  ) {
    this.#connections = connections;
    this.#connection = connection;
    this.#read = read;
    this.#request = request;
    const { batchRowsMax, batchBytesMax } = request.limits;
    this.#decoder = new CopyDecoder(read.columns, {
      rowsMax: batchRowsMax,
      bytesMax: batchBytesMax,
    });
  }

  async next(): Promise<ReadItem | ReadEnd> {
    for (;;) {
      const batch = await this.#nextBatch();
      if (batch === null) return this.#end();
      const delivered = this.#read.deliver(batch);
      // A batch that was delivered before, whole.
      if (delivered.rows === 0) continue;
      this.#hasRows = true;
      const { schema } = this.#read;
      return { kind: "records", schema, batch: delivered, cursor: this.#read.cursor() };
    }
  }

  async close(): Promise<void> {
    const before = this.#state;
    this.#state = "closed";
    if (before === "closed") return;
    if (before === "reading") return this.#abandon();
    try {
      await this.#connection.query("COMMIT");
    } catch (error) {
      await this.#connections.drop(this.#connection);
      if (error instanceof HakiriError) return;
      throw error;
    }
    await this.#connections.giveBack(this.#connection);
  }

  /** The server goes on by itself until it meets a closed socket, which a lock wait never does. */
  async #abandon(): Promise<void> {
    if (this.#copy !== null) await this.#connection.cancel().catch(() => undefined);
    await this.#connections.drop(this.#connection);
  }

  async #nextBatch(): Promise<RecordBatch | null> {
    const { signal } = this.#request;
    for (;;) {
      const batch = this.#decoder.take();
      if (batch !== null) return batch;
      if (this.#state === "drained" || this.#state === "closed") return null;
      if (this.#state === "read") {
        this.#state = "drained";
        return this.#decoder.end();
      }
      this.#copy ??= this.#connection.copyOut(this.#read.sql, this.#decoder);
      if ((await this.#copy.pump(signal)) === "full") continue;
      this.#state = "read";
    }
  }

  #end(): ReadEnd {
    const { schema, lastCursor } = this.#read;
    return {
      kind: "end",
      cursor: lastCursor(),
      schema: this.#hasRows ? null : schema,
      supersedes: [],
    };
  }
}

/** The rows of a batch in some of its columns, by their places. */
export function withColumns(batch: RecordBatch, places: readonly number[]): RecordBatch {
  const columns = places.map((place) => {
    const column = batch.columns[place];
    if (column === undefined) throw new Error(`expected a column ${place}`);
    return column;
  });
  return { ...batch, columns };
}
