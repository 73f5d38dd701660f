/** The source of a PostgreSQL database: its tables, views and queries. */
import { availableParallelism } from "node:os";
import {
  nearest,
  usageError,
  type HakiriError,
  type OpenRequest,
  type Partition,
  type Reader,
  type Source,
  type SourceContext,
  type SourceSession,
  type StreamDescription,
} from "../../src/connector.ts";
import { Connections, type OpenConnection } from "./connections.ts";
import { findRelations, type Relation, type StreamSettings } from "./discover/find-relations.ts";
import { CopyReader } from "./read/copy-reader.ts";
import { ctidRanges, rangesWanted } from "./read/ctid-ranges.ts";
import { planFullRead, planIncrementalRead, type IncrementalSettings } from "./read/plan-read.ts";
import { checkSnapshotKept } from "./read/snapshot-kept.ts";
import {
  beginRead,
  oldestTransaction,
  openSharedSnapshot,
  readToken,
  type SharedState,
} from "./shared-snapshot.ts";
import type { PgConnection } from "./wire/connection.ts";

/** How a database is read. */
export interface DatabaseSettings extends StreamSettings, IncrementalSettings {
  /** Ranges that a table is read in at once. */
  readonly split: "auto" | number;
  /** Whether all streams of a run show one state of the database. */
  readonly snapshot: boolean;
}

/** Makes the source of a database. Nothing is connected before it is asked for. */
export function databaseSource(settings: DatabaseSettings, open: OpenConnection): Source {
  return new DatabaseSource(settings, open);
}

interface SessionRequest {
  readonly streams: readonly string[];
  readonly signal: AbortSignal;
}

class DatabaseSource implements Source {
  readonly #settings: DatabaseSettings;
  readonly #connections: Connections;
  #relations: ReadonlyMap<string, Relation> | null = null;

  constructor(settings: DatabaseSettings, open: OpenConnection) {
    this.#settings = settings;
    this.#connections = new Connections(open);
  }

  async discover(context: SourceContext): Promise<readonly StreamDescription[]> {
    const relations = await this.#find(context);
    return [...relations.values()].map(({ description }) => description);
  }

  async open(request: OpenRequest): Promise<Reader> {
    const { signal, stream, incremental, range } = request;
    if (range !== null && incremental === null) throw rangeWithoutColumn(stream);
    const relation = await this.#relation(request);
    const shared = request.sessionToken === null ? null : readToken(request.sessionToken);
    const connection = await this.#connections.take(signal);
    try {
      const state = shared ?? (await this.#ownState(connection, request));
      await beginRead(connection, state, signal);
      // A cursor that moves on over nothing loses nothing.
      if (incremental === null) await checkSnapshotKept(connection, relation, signal);
      const read =
        incremental === null
          ? planFullRead(relation, request, shared)
          : await planIncrementalRead(connection, relation, request, {
              ...this.#settings,
              heldBackAt: state.heldBackAt,
            });
      return new CopyReader(this.#connections, connection, read, request);
    } catch (error) {
      await this.#connections.drop(connection);
      throw error;
    }
  }

  async partitions(request: OpenRequest): Promise<readonly Partition[]> {
    const { signal, sessionToken } = request;
    const { split } = this.#settings;
    if (sessionToken === null || split === 1) return [];
    const relation = await this.#relation(request);
    const cores = availableParallelism();
    return this.#connections.use(signal, (connection) =>
      ctidRanges(connection, { relation, split, cores, signal }),
    );
  }

  async session({ streams, signal }: SessionRequest): Promise<SourceSession | null> {
    const { snapshot, split } = this.#settings;
    const isOneRead = streams.length === 1 && rangesWanted(split, availableParallelism()) < 2;
    if (!snapshot || isOneRead) return null;
    return openSharedSnapshot(this.#connections, {
      holdsBack: this.#settings.lateCommits === "hold_back",
      signal,
    });
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  /** Of a read that shares nothing. */
  async #ownState(
    connection: PgConnection,
    { signal, incremental }: OpenRequest,
  ): Promise<SharedState> {
    const holdsBack = incremental !== null && this.#settings.lateCommits === "hold_back";
    const heldBackAt = holdsBack ? await oldestTransaction(connection, signal) : null;
    return { snapshot: null, heldBackAt };
  }

  async #find(context: SourceContext): Promise<ReadonlyMap<string, Relation>> {
    this.#relations = await this.#connections.use(context.signal, (connection) =>
      findRelations(connection, this.#settings, context),
    );
    return this.#relations;
  }

  async #relation(request: OpenRequest): Promise<Relation> {
    const relations = this.#relations ?? (await this.#find(request));
    const relation = relations.get(request.stream);
    if (relation !== undefined) return relation;
    throw unknownStream(request.stream, [...relations.keys()]);
  }
}

function unknownStream(stream: string, known: readonly string[]): HakiriError {
  const near = nearest(stream, known);
  return usageError(
    "unknown_stream",
    `expected a table, view or query of this database, got '${stream}'`,
    near === null
      ? `there are: ${known.slice(0, 20).join(", ") || "none"}; see 'hakiri discover'`
      : `did you mean '${near}'?`,
  );
}

function rangeWithoutColumn(stream: string): HakiriError {
  return usageError(
    "no_cursor_column",
    `expected a column for the range of stream '${stream}'`,
    "name it with --incremental COLUMN",
  );
}
