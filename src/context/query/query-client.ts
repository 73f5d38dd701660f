/**
 * The owner's side of the query thread: starts it when it is needed, and waits for its answers.
 *
 *   Owns:    the thread, and every wait for it.
 *   Doesn't: know what a statement is.
 *   C1. A wait ends: by the answer, by the thread's exit (comlink's calls would hang for ever), by
 *       the caller's signal or by the deadline.
 *   C2. A call that is given up is interrupted, again and again until it answers: an interrupt that
 *       comes before DuckDB began has no effect.
 *   C3. A thread with a call under way is never terminated: that ends the whole process. One that
 *       doesn't answer to interrupts is stuck: it is left behind, and the process should end.
 */
import { HakiriError } from "../../core/error.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { giveUp, type GivingUp } from "./give-up.ts";
import type {
  Analysis,
  OpenQuery,
  QueryThread,
  Reply,
  ResultColumn,
  ResultRows,
} from "./protocol.ts";
import { startThread, type LiveThread } from "./live-thread.ts";

/** How a thread is started. */
export interface QueryClientOptions {
  /** The module that the thread runs; it calls `serveQueries`. */
  readonly entry: URL;
  readonly clock: Clock;
  /**
   * Heap of the thread, MiB: for pieces of results and trees of statements, not DuckDB's memory.
   */
  readonly heapMb: number;
}

/** How long a caller waits. */
export interface QueryWait {
  readonly signal: AbortSignal;
  /** For all calls of one query together, from 1. */
  readonly timeoutMs: number;
}

/** A query that is open in the thread. One call at a time. */
export interface OpenResult {
  readonly columns: readonly ResultColumn[];
  /** The next piece of the result, null after the last. */
  next(): Promise<Uint8Array | null>;
  /** The rows of a query of format `rows`. Once. */
  rows(): Promise<ResultRows>;
  /** Interrupts what is under way, and frees the query. Idempotent. */
  close(): Promise<void>;
}

/** How long a thread may take to answer once it is interrupted, and to end once it is told to. */
export const graceMs = 5000;

const never = new AbortController().signal;

type Start<T> = (thread: QueryThread) => Promise<Reply<T>>;

/** Time of a query, in all and what is left of it. */
interface Budget {
  readonly limitMs: number;
  leftMs: number;
}

const budgetOf = (limitMs: number): Budget => ({ limitMs, leftMs: limitMs });

interface CallWait {
  readonly signal: AbortSignal;
  /** What is left of the time for all calls; each takes its part of it. */
  readonly budget: Budget;
  /** The query that is interrupted; null where nothing can be. */
  readonly id: number | null;
}

/** A query thread, started by the first call and again after it died. */
export class QueryClient {
  readonly #options: QueryClientOptions;
  /** Aborted by `close`. */
  readonly #closing = new AbortController();
  /** Calls that wait for an answer; they settle, and never reject. */
  readonly #waiting = new Set<Promise<unknown>>();
  #thread: LiveThread | null = null;
  #nextId = 1;
  #end: HakiriError | null = null;
  #isStuck = false;

  constructor(options: QueryClientOptions) {
    this.#options = options;
  }

  /** Whether a call never came back: then nothing but the end of the process ends the thread. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Finds out what a statement is. Throws as `analyseStatement`, and as waits end (C1). */
  analyse(sql: string, { signal, timeoutMs }: QueryWait): Promise<Analysis> {
    const both = AbortSignal.any([signal, this.#closing.signal]);
    const wait = { signal: both, budget: budgetOf(timeoutMs), id: null };
    return this.#call((thread) => thread.analyse(sql), wait);
  }

  /**
   * Starts a query. Throws as `sqlFault` maps DuckDB's errors; the signal's reason once it is
   * aborted; Permanent `query.deadline`, `query.thread_ended` and `query.stuck`; and Transient
   * `query.too_many`.
   */
  async open(
    request: Omit<OpenQuery, "id">,
    { signal, timeoutMs }: QueryWait,
  ): Promise<OpenResult> {
    const id = this.#nextId;
    this.#nextId += 1;
    const own = new AbortController();
    const wait = {
      signal: AbortSignal.any([signal, own.signal, this.#closing.signal]),
      budget: budgetOf(timeoutMs),
      id,
    };
    const free = (): Promise<void> => this.#free(id);
    try {
      const columns = await this.#call((thread) => thread.open({ ...request, id }), wait);
      return openResult(columns, {
        next: () => this.#call((thread) => thread.next(id), wait),
        rows: () => this.#call((thread) => thread.rows(id), wait),
        close: async (underWay) => {
          own.abort();
          await underWay.catch(() => undefined);
          await free();
        },
      });
    } catch (error) {
      // What failed first is what the caller must know.
      await free().catch(() => undefined);
      throw error;
    }
  }

  /** Ends the thread, once what is under way has failed with `query.thread_ended`. Idempotent. */
  async close(): Promise<void> {
    this.#end ??= ended("it was closed");
    this.#closing.abort(this.#end);
    await Promise.all(this.#waiting);
    const thread = this.#thread;
    if (thread === null || this.#isStuck) return;
    thread.closePort();
    const { clock } = this.#options;
    const late = Promise.withResolvers<null>();
    const timer = clock.schedule(graceMs, () => late.resolve(null));
    const reason = await Promise.race([thread.exited, late.promise]);
    timer.cancel();
    if (reason === null) this.#leaveBehind(thread);
  }

  async #free(id: number): Promise<void> {
    // A thread that is gone, or is about to go, holds nothing.
    if (this.#thread === null || this.#end !== null) return;
    const wait = { signal: never, budget: budgetOf(graceMs), id };
    await this.#call((thread) => thread.close(id), wait);
  }

  #call<T>(start: Start<T>, wait: CallWait): Promise<T> {
    const answer = this.#answer(start, wait);
    const settled = answer.catch(() => undefined);
    this.#waiting.add(settled);
    void settled.then(() => this.#waiting.delete(settled));
    return answer;
  }

  async #answer<T>(start: Start<T>, { signal, budget, id }: CallWait): Promise<T> {
    signal.throwIfAborted();
    if (this.#end !== null) throw this.#end;
    const thread = this.#live();
    const { clock } = this.#options;
    const begun = clock.monotonicMs();
    const givingUp = giveUp({
      clock,
      signal,
      leftMs: Math.max(0, budget.leftMs),
      limitMs: budget.limitMs,
      graceMs,
      interrupt: () => {
        if (id !== null) thread.interrupt(id);
      },
    });
    const gone = thread.exited.then((error) => ({ kind: "failure", error }) as const);
    try {
      const reply = await Promise.race([start(thread.remote), gone, givingUp.exhausted]);
      return this.#settle(reply, givingUp, thread);
    } finally {
      givingUp.stop();
      budget.leftMs -= clock.monotonicMs() - begun;
    }
  }

  #settle<T>(reply: Reply<T> | null, givingUp: GivingUp, thread: LiveThread): T {
    if (reply === null) {
      this.#leaveBehind(thread);
      throw this.#end ?? stuck();
    }
    givingUp.throwReason();
    if (reply.kind === "answer") return reply.value;
    throw HakiriError.fromRecord(reply.error);
  }

  #live(): LiveThread {
    if (this.#thread !== null) return this.#thread;
    const { entry, heapMb } = this.#options;
    const thread = startThread({ entry, heapMb, errorOf: ended });
    this.#thread = thread;
    void thread.exited.then(() => {
      if (this.#thread === thread) this.#thread = null;
    });
    return thread;
  }

  /** C3. */
  #leaveBehind(thread: LiveThread): void {
    this.#isStuck = true;
    this.#end = stuck();
    thread.leaveBehind();
  }
}

interface ResultCalls {
  readonly next: () => Promise<Uint8Array | null>;
  readonly rows: () => Promise<ResultRows>;
  /** `underWay` settles when no call is. */
  readonly close: (underWay: Promise<unknown>) => Promise<void>;
}

/** Asks for a piece ahead, so that the thread is at work while its owner writes the one before. */
function openResult(columns: readonly ResultColumn[], calls: ResultCalls): OpenResult {
  let underWay: Promise<unknown> = Promise.resolve();
  let ahead: Promise<Uint8Array | null> | null = null;
  let closing: Promise<void> | null = null;
  const ask = <T>(call: () => Promise<T>): Promise<T> => {
    const answer = call();
    // Whoever awaits the answer handles its failure; one that is asked ahead may never be awaited.
    answer.catch(() => undefined);
    underWay = answer;
    return answer;
  };
  return {
    columns,
    next: async () => {
      const piece = await (ahead ?? ask(calls.next));
      ahead = piece === null ? Promise.resolve(null) : ask(calls.next);
      return piece;
    },
    rows: () => ask(calls.rows),
    close: () => {
      closing ??= calls.close(underWay);
      return closing;
    },
  };
}

function ended(reason: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "query.thread_ended",
    message: `expected an answer of the query thread, but ${reason}`,
    hint: "try again with a smaller query",
  });
}

function stuck(): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "query.stuck",
    message: `expected DuckDB to stop within ${graceMs} ms, but it goes on`,
    hint: "end this process",
  });
}
