/**
 * One statement and its result, on an instance of DuckDB of its own.
 *
 *   Owns:    the instance, its temporary folder, and whether the result is complete.
 *   Doesn't: judge the statement. Its analysis did that before.
 *   S1. An instance runs one statement: what a function in it may have changed ends with it.
 *   S2. A stream of DuckDB's that fails ends as one that is complete. So the statement runs in a
 *       transaction, which a failure aborts, and at each end the transaction is asked.
 *   S3. After an interrupt nothing counts as an end, and every call fails.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBPreparedStatement } from "@duckdb/node-api";
import { HakiriError, usageError } from "../../core/error.ts";
import { filePieces } from "./format/file-pieces.ts";
import { firstRows } from "./format/first-rows.ts";
import { parquetCopy, typeText } from "./format/parquet-query.ts";
import {
  csvWriter,
  jsonLinesWriter,
  jsonWriter,
  type RowWriter,
  type WrittenColumn,
} from "./format/row-writer.ts";
import { textPieces } from "./format/text-pieces.ts";
import { isNumberType } from "./format/value-text.ts";
import { openLockedInstance, type LockedInstance } from "./locked-instance.ts";
import type { OpenQuery, ResultColumn, ResultFormat, ResultRows } from "./protocol.ts";
import { sqlFault } from "./sql-fault.ts";

/** A statement's session. One call at a time, but for `interrupt`. */
export class QuerySession {
  readonly #request: OpenQuery;
  readonly #parquetPath: string;
  #connection: DuckDBConnection | null = null;
  #instance: LockedInstance | null = null;
  #columns: readonly WrittenColumn[] = [];
  #chunks: AsyncIterable<DuckDBDataChunk> | null = null;
  #pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> | null = null;
  #isInterrupted = false;

  constructor(request: OpenQuery) {
    this.#request = request;
    this.#parquetPath = join(request.temporaryFolder, "result.parquet");
  }

  /** Starts the statement and answers the columns of its result. Throws as `sqlFault` maps. */
  async open(): Promise<readonly ResultColumn[]> {
    const { format, explain } = this.#request;
    if (format.kind === "parquet" && explain !== "") throw noParquet();
    return this.#guarded(0, async () => {
      const connection = await this.#connect();
      await connection.run("BEGIN");
      const prepared = await this.#prepare(connection);
      try {
        this.#columns = columnsOf(prepared);
        if (format.kind === "parquet")
          this.#pieces = this.#parquetPieces(connection, this.#columns);
        else {
          this.#chunks = this.#chunksOf(connection, await prepared.stream());
          if (format.kind !== "rows") {
            this.#pieces = textPieces(this.#chunks, writerOf(format, this.#columns));
          }
        }
      } finally {
        prepared.destroySync();
      }
      return this.#columns.map(({ name, type }) => {
        return { name, type: typeText(type), isNumber: isNumberType(type) };
      });
    });
  }

  /** The next piece of the result, null after the last; the piece is the caller's. */
  async next(): Promise<Uint8Array<ArrayBuffer> | null> {
    const pieces = this.#pieces;
    if (pieces === null) throw new Error("expected an open query that has pieces");
    return this.#guarded(0, async () => {
      const { value, done } = await pieces.next();
      return done === true ? null : value;
    });
  }

  /** The first rows of the result, once. */
  async rows(): Promise<ResultRows> {
    const { format } = this.#request;
    const chunks = this.#chunks;
    if (format.kind !== "rows" || chunks === null) throw new Error("expected a query for rows");
    this.#chunks = null;
    return this.#guarded(0, () => firstRows(chunks, this.#columns, format.rowsMax));
  }

  /** Makes what is under way fail with `duckdb.interrupted`, and every call after. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#connection?.interrupt();
  }

  /** Frees everything. Idempotent; no call but `interrupt` may be under way. */
  async close(): Promise<void> {
    await this.#pieces?.return();
    this.#instance?.close();
    this.#connection = null;
    this.#instance = null;
    await rm(this.#request.temporaryFolder, { recursive: true, force: true });
  }

  async #connect(): Promise<DuckDBConnection> {
    const { limits, views, paths, temporaryFolder, format } = this.#request;
    const files = format.kind === "parquet" ? [...paths, this.#parquetPath] : paths;
    const options = { limits, views, paths: files, temporaryFolder };
    this.#instance = await openLockedInstance(options, (connection) => {
      this.#connection = connection;
    });
    return this.#instance.connection;
  }

  async #prepare(connection: DuckDBConnection): Promise<DuckDBPreparedStatement> {
    const { explain, query } = this.#request;
    const statements = await connection.extractStatements(explain + query);
    if (statements.count !== 1)
      throw new TypeError(`expected 1 statement, got ${statements.count}`);
    const prepared = await statements.prepare(0);
    if (prepared.parameterCount > 0) throw noParameters();
    return prepared;
  }

  /** S2 and S3. */
  async *#chunksOf(
    connection: DuckDBConnection,
    result: { fetchChunk(): Promise<DuckDBDataChunk | null> },
  ): AsyncGenerator<DuckDBDataChunk, void, undefined> {
    for (;;) {
      const chunk = await result.fetchChunk();
      if (this.#isInterrupted) throw interrupted();
      if (chunk === null || chunk.rowCount === 0) break;
      yield chunk;
    }
    const isAborted = await connection.run("SELECT 1").then(
      () => false,
      () => true,
    );
    if (isAborted) throw await this.#reasonOfAbort(connection);
  }

  /** DuckDB told nobody why a stream ended, so it is made to fail again, without a result. */
  async #reasonOfAbort(connection: DuckDBConnection): Promise<HakiriError> {
    const again = "EXPLAIN ANALYZE ";
    try {
      await this.#guarded(again.length, async () => {
        await connection.run("ROLLBACK");
        await connection.run(again + this.#request.query);
      });
    } catch (error) {
      if (error instanceof HakiriError) return error;
      throw error;
    }
    return new HakiriError({
      kind: "Transient",
      code: "query.incomplete",
      message: "expected the whole result, but the query failed once, and not when it ran again",
      hint: "try again",
    });
  }

  async *#parquetPieces(
    connection: DuckDBConnection,
    columns: readonly WrittenColumn[],
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    await mkdir(this.#request.temporaryFolder, { recursive: true });
    const { statement, offset } = parquetCopy(this.#request.query, columns, this.#parquetPath);
    await this.#guarded(offset, () => connection.run(statement));
    yield* filePieces(this.#parquetPath);
  }

  /** `offset` counts the bytes before the statement in what DuckDB is given. */
  async #guarded<T>(offset: number, work: () => Promise<T>): Promise<T> {
    try {
      if (this.#isInterrupted) throw interrupted();
      const answer = await work();
      if (this.#isInterrupted) throw interrupted();
      return answer;
    } catch (error) {
      if (this.#isInterrupted) throw interrupted();
      // Whatever DuckDB throws is a plain Error; others are defects.
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      const { explain, query, paths } = this.#request;
      throw sqlFault(error, { sql: explain + query, offset, paths });
    }
  }
}

function columnsOf(prepared: DuckDBPreparedStatement): readonly WrittenColumn[] {
  return Array.from({ length: prepared.columnCount }, (_, index) => {
    return { name: prepared.columnName(index), type: prepared.columnType(index) };
  });
}

function writerOf(
  format: Exclude<ResultFormat, { kind: "parquet" | "rows" }>,
  columns: readonly WrittenColumn[],
): RowWriter {
  switch (format.kind) {
    case "json":
      return jsonWriter(columns, format.numbers);
    case "jsonl":
      return jsonLinesWriter(columns, format.numbers);
    case "csv":
      return csvWriter(columns, format.delimiter);
  }
}

function interrupted(): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "duckdb.interrupted",
    message: "the query was interrupted",
    hint: "",
  });
}

function noParquet(): HakiriError {
  return usageError(
    "sql_statement",
    "expected a SELECT to write as Parquet, got EXPLAIN",
    "choose another --format",
  );
}

function noParameters(): HakiriError {
  return usageError(
    "sql",
    "expected a statement without parameters ($1, ?)",
    "write the values into it",
  );
}
