/**
 * A connection to a server: one statement at a time, a copy that is pulled, and its end.
 *
 * It owns the session, the socket's brake and the watch over a silent peer; what a statement's
 * messages mean is its activity's business.
 *
 * C1: one activity at a time, from the sending of its statement to ReadyForQuery.
 * C2: the socket is read while nothing runs, so that the end of the session is noticed, and while a
 *     statement runs, but for a copy whose sink is full: then the server has to wait.
 * C3: a connection that is given up in the midst of something, or on which something unforeseen
 *     came, is closed: nobody can know what its next bytes would mean.
 * C4: after its end every call fails with the reason, and `lost` says it once.
 */
import { usageError, type HakiriError } from "../../../src/connector.ts";
import type { Activity } from "./activity.ts";
import { cancelStatement } from "./cancel-statement.ts";
import { placeOf, type ConnectOptions } from "./connect-options.ts";
import { brokenProtocol, connectionLost, endpointError, stalled } from "./connection-error.ts";
import { CopyActivity, type PumpEnd } from "./copy-activity.ts";
import type { CopySink } from "./copy-sink.ts";
import { queryMessage, terminateMessage } from "./frontend-messages.ts";
import type { MessageBody } from "./message-body.ts";
import { backend, type MessageHandler } from "./message-reader.ts";
import type { Session } from "./open-session.ts";
import type { SocketListener } from "./pg-socket.ts";
import { ProtocolFault } from "./protocol-fault.ts";
import { QueryActivity, resultLimits, type QueryResult } from "./query-result.ts";
import { readReport, serverError, type ServerReport } from "./server-error.ts";
import { StallWatch } from "./stall-watch.ts";

/** A connection, as its users see it. */
export interface PgConnection {
  /** What the server said of itself: `server_version`, `in_hot_standby`, `TimeZone`, ... */
  readonly parameters: ReadonlyMap<string, string>;
  /** Resolves with the reason when the connection is gone, closed by us excepted; never rejects. */
  readonly lost: Promise<HakiriError>;
  /**
   * Runs a statement, or several, in the simple protocol; of several the last one's rows. Bounded
   * by `resultLimits`. An abort closes the connection and rejects with the signal's reason.
   */
  query(sql: string, signal?: AbortSignal): Promise<QueryResult>;
  /** A `COPY (...) TO STDOUT (FORMAT binary)`, which is sent by the first pump. */
  copyOut(sql: string, sink: CopySink): CopyOut;
  /** Asks the server, over a second connection, to cancel what runs; it may be too late for it. */
  cancel(): Promise<void>;
  /** Says goodbye and closes; idempotent, and over within two seconds. */
  close(): Promise<void>;
}

/** A copy that is pulled. */
export interface CopyOut {
  /**
   * Reads on until the sink is full, or the copy ended well. An abort, and a throw of the sink,
   * close the connection and reject with that reason; so does every later call.
   */
  pump(signal: AbortSignal): Promise<PumpEnd>;
}

/** How long a goodbye, and a cancellation that nobody waits for, may take. */
const goodbyeMs = 2000;
const parametersMax = 1000;
const fatal: ReadonlySet<string | undefined> = new Set(["FATAL", "PANIC"]);

/** A connection over an open session. */
export class Connection implements PgConnection, SocketListener, MessageHandler {
  readonly parameters: Map<string, string>;
  readonly lost: Promise<HakiriError>;
  readonly #options: ConnectOptions;
  readonly #session: Session;
  readonly #watch: StallWatch;
  readonly #gone = Promise.withResolvers<undefined>();
  readonly #tellLost: (reason: HakiriError) => void;
  #activity: Activity | null = null;
  /** The activity while it is a copy that somebody pumps. */
  #pumped: CopyActivity | null = null;
  #chunks = 0;
  /** Why every further call fails. */
  #end: { readonly error: unknown } | null = null;
  /** What the server said before it hung up. */
  #lastWords: HakiriError | null = null;
  #isOurs = false;
  #cancelling: Promise<void> = Promise.resolve();

  constructor(options: ConnectOptions, session: Session) {
    this.#options = options;
    this.#session = session;
    this.parameters = session.parameters;
    const { promise, resolve } = Promise.withResolvers<HakiriError>();
    this.lost = promise;
    this.#tellLost = resolve;
    const { readTimeoutMs, clock, endpoint } = options;
    const onStall = (): void => {
      this.#giveUp(stalled(endpoint, readTimeoutMs / 1000));
    };
    this.#watch = new StallWatch(clock, readTimeoutMs, () => this.#chunks, onStall);
    const { inbox, socket } = session.stream;
    inbox.reader.handTo(this);
    socket.listen(this);
    for (const { type, body } of inbox.takeRest()) this.message(type, body);
  }

  async query(sql: string, signal?: AbortSignal): Promise<QueryResult> {
    signal?.throwIfAborted();
    const activity = new QueryActivity(resultLimits);
    this.#begin(activity, sql);
    return await this.#whileRunning(activity.result, signal);
  }

  copyOut(sql: string, sink: CopySink): CopyOut {
    const activity = new CopyActivity(sink);
    let isSent = false;
    return {
      pump: async (signal) => {
        signal.throwIfAborted();
        if (!isSent) this.#begin(activity, sql);
        isSent = true;
        const stop = activity.wait();
        if (activity.isOver) return await stop;
        this.#pumped = activity;
        this.#session.stream.socket.resume();
        return await this.#whileRunning(stop, signal);
      },
    };
  }

  async cancel(): Promise<void> {
    await cancelStatement(this.#options, this.#session, this.#options.connectTimeoutMs);
  }

  async close(): Promise<void> {
    const { socket } = this.#session.stream;
    if (this.#end === null) {
      this.#isOurs = true;
      if (this.#activity === null) socket.end(terminateMessage());
      else this.#giveUp(closedByUs(this.#options));
      this.#end = { error: closedByUs(this.#options) };
    }
    const patience = this.#options.clock.schedule(goodbyeMs, () => {
      socket.destroy();
    });
    await this.#gone.promise;
    patience.cancel();
    await this.#cancelling;
  }

  chunk(bytes: Uint8Array, end: number): void {
    this.#chunks += 1;
    try {
      this.#session.stream.inbox.reader.feed(bytes, 0, end);
      this.#pumped?.flush();
    } catch (error) {
      this.#end ??= { error: this.#faultOf(error) };
      throw error;
    }
    const pumped = this.#pumped;
    if (pumped === null || !pumped.isFull) return;
    this.#pumped = null;
    this.#session.stream.socket.pause();
    pumped.stop();
  }

  message(type: number, body: MessageBody): void {
    switch (type) {
      case backend.notice:
      case backend.notification:
        // Nobody listens; what a notice warns of is the business of the server's administrators.
        return;
      case backend.parameterStatus:
        if (this.parameters.size >= parametersMax) throw new ProtocolFault("no end of parameters");
        this.parameters.set(body.zeroEnded(), body.zeroEnded());
        return;
      case backend.error:
        this.#report(readReport(body));
        return;
      case backend.readyForQuery:
        this.#ready();
        return;
      default:
        if (this.#activity === null) {
          throw new ProtocolFault(`a message of type 0x${type.toString(16)} that nobody asked for`);
        }
        this.#activity.message(type, body);
    }
  }

  copyData(bytes: Uint8Array, start: number, end: number): void {
    if (this.#activity === null) throw new ProtocolFault("data that nobody asked for");
    this.#activity.copyData(bytes, start, end);
  }

  gone(error: unknown): void {
    const { endpoint } = this.#options;
    const reason = this.#end?.error ?? this.#lastWords ?? connectionLost(endpoint, error);
    this.#end ??= { error: reason };
    this.#watch.stop();
    this.#pumped = null;
    this.#activity?.fail(reason);
    this.#activity = null;
    if (!this.#isOurs) this.#tellLost(connectionLost(endpoint, reason));
    this.#gone.resolve(undefined);
  }

  #begin(activity: Activity, sql: string): void {
    if (this.#end !== null) throw asError(this.#end.error);
    if (this.#activity !== null) throw new Error("a statement runs already on this connection");
    if (sql.includes("\0")) throw zeroInSql();
    this.#activity = activity;
    this.#session.stream.socket.write(queryMessage(sql));
  }

  async #whileRunning<T>(running: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const onAbort = (): void => {
      this.#isOurs = true;
      this.#giveUp(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#watch.start();
    try {
      return await running;
    } finally {
      this.#watch.stop();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ends the connection in the midst of a statement, which the server is asked to drop as well. */
  #giveUp(error: unknown): void {
    if (this.#end !== null) return;
    this.#end = { error };
    const cancelling = cancelStatement(this.#options, this.#session, goodbyeMs);
    // The server notices by itself, if later, that nobody reads what it sends.
    this.#cancelling = cancelling.catch(() => {});
    this.#session.stream.socket.destroy();
  }

  #report(report: ServerReport): void {
    const error = serverError(this.#options.endpoint, report);
    if (this.#activity === null || fatal.has(report.get("V") ?? report.get("S"))) {
      this.#lastWords = error;
    }
    this.#activity?.report(error);
  }

  #ready(): void {
    const activity = this.#activity;
    if (activity === null) throw new ProtocolFault("the end of a statement that nobody sent");
    // What it throws ends the connection, and the end is told to the activity that there is.
    activity.ready();
    this.#activity = null;
    this.#pumped = null;
  }

  /** What a sink throws is its own: the connection is closed for it, and not lost. */
  #faultOf(error: unknown): unknown {
    if (error instanceof ProtocolFault) {
      return brokenProtocol(this.#options.endpoint, error.message, false);
    }
    this.#isOurs = true;
    return error;
  }
}

function closedByUs({ endpoint }: ConnectOptions): HakiriError {
  return endpointError(endpoint, {
    kind: "Transient",
    code: "postgres.connection_closed",
    message: `expected an open connection to ${placeOf(endpoint)}, but it was closed meanwhile`,
    hint: "",
  });
}

function zeroInSql(): HakiriError {
  return usageError(
    "bad_sql",
    "expected SQL without a character U+0000, which PostgreSQL has no way to take",
    "remove it from the query",
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("the connection is gone", { cause: error });
}
