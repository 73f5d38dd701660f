/**
 * The query thread: serves a `QueryThread` over a message port. With query-client.ts it is the only
 * place that uses comlink.
 *
 *   Owns:    sessions by the ids that their owner chose, and one DuckDB to parse statements with.
 *   Doesn't: know the catalog. What a statement may read comes with it.
 *   W1. The thread ends by itself once its port is closed: ending a thread from outside while
 *       DuckDB works in it ends the process.
 */
import { MessagePort } from "node:worker_threads";
import * as comlink from "comlink";
import { HakiriError, toHakiriError } from "../../core/error.ts";
import { openDuckDb, type DuckDb } from "../duckdb/open-duckdb.ts";
import { analyseStatement } from "./analyse-statement.ts";
import { openQueriesMax, type QueryThread, type Reply } from "./protocol.ts";
import { QuerySession } from "./query-session.ts";

/** Serves queries over the port that the thread was started with; `data` is its `workerData`. */
export function serveQueries(data: unknown): void {
  const port = typeof data === "object" && data !== null && "port" in data ? data.port : undefined;
  if (!(port instanceof MessagePort)) throw new TypeError("expected { port } as workerData");
  const sessions = new Map<number, QuerySession>();
  const parser = lazyParser();
  comlink.expose(queryThread(sessions, parser.open), port);
  port.once("close", () => {
    for (const session of sessions.values()) session.interrupt();
    parser.close();
  });
}

interface LazyParser {
  readonly open: () => Promise<DuckDb>;
  readonly close: () => void;
}

/** A DuckDB that only parses: made for the first statement, it reads no file. */
function lazyParser(): LazyParser {
  let opening: Promise<DuckDb> | null = null;
  return {
    open: () => {
      opening ??= openDuckDb({ threads: 1, memoryLimit: "256MB", temporaryFolder: "" });
      return opening;
    },
    close: () => void opening?.then((duckDb) => duckDb.close()).catch(() => undefined),
  };
}

function queryThread(
  sessions: Map<number, QuerySession>,
  parser: () => Promise<DuckDb>,
): QueryThread {
  const known = (id: number): QuerySession => {
    const session = sessions.get(id);
    if (session === undefined) throw new Error(`expected an open query, got ${id}`);
    return session;
  };
  return {
    analyse: (sql) => reply(async () => analyseStatement(await parser(), sql)),
    open: (request) =>
      reply(async () => {
        if (sessions.size >= openQueriesMax) throw tooMany();
        const session = new QuerySession(request);
        sessions.set(request.id, session);
        return session.open();
      }),
    next: async (id) => {
      const answer = await reply(() => known(id).next());
      const isPiece = answer.kind === "answer" && answer.value !== null;
      return isPiece ? comlink.transfer(answer, [answer.value.buffer]) : answer;
    },
    rows: (id) => reply(() => known(id).rows()),
    interrupt: (id) =>
      reply(async () => {
        sessions.get(id)?.interrupt();
        return null;
      }),
    close: (id) =>
      reply(async () => {
        const session = sessions.get(id);
        sessions.delete(id);
        await session?.close();
        return null;
      }),
  };
}

async function reply<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { kind: "answer", value: await work() };
  } catch (error) {
    return { kind: "failure", error: toHakiriError(error).toRecord() };
  }
}

function tooMany(): HakiriError {
  return new HakiriError({
    kind: "Transient",
    code: "query.too_many",
    message: `expected at most ${openQueriesMax} queries at once`,
    hint: "try again when one of them is done",
  });
}
