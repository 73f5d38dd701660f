/**
 * Queries the store: one statement, on one snapshot, as bytes of a format or as rows for people.
 *
 *   Q1. A query reads one snapshot, which is pinned until its result is closed. What it spills lies
 *       in a folder of its pin's name, which tells gc whether it is still at work.
 *   Q2. Whoever gets a result closes it; reading all its pieces, or leaving the loop over them,
 *       does.
 */
import type { CatalogQueries, Pins } from "../../core/ports/catalog.ts";
import { pinTemporaryPath } from "../layout.ts";
import { holdSnapshot } from "./hold-snapshot.ts";
import { planViews } from "./plan-views.ts";
import type { QueryLimits, ResultColumn, ResultFormat, ResultRows } from "./protocol.ts";
import type { OpenResult, QueryClient } from "./query-client.ts";

/** What queries work with. */
export interface QueryContext {
  readonly catalog: Pick<
    CatalogQueries,
    "head" | "snapshots" | "snapshotAt" | "table" | "tables" | "files" | "schemas"
  >;
  readonly pins: Pins;
  readonly client: QueryClient;
  /** The absolute path of `.hakiri`, without a slash at its end. */
  readonly root: string;
  /** The same of the folder that queries spill in: `root`, where that may be written. */
  readonly spillRoot: string;
}

/** A statement and how it is answered. */
export interface QueryRequest {
  readonly sql: string;
  /** A snapshot's number or a time; null for the newest. As `holdSnapshot` reads it. */
  readonly at: string | null;
  readonly format: ResultFormat;
  readonly limits: QueryLimits & { readonly timeoutMs: number };
  readonly signal: AbortSignal;
}

/** A result that is open. */
export interface QueryResult {
  /** The snapshot that it shows; 0 where there is none yet. */
  readonly sequence: number;
  readonly columns: readonly ResultColumn[];
  /** Whether it is DuckDB's drawing of a plan, in its second column, and no rows of data. */
  readonly isPlan: boolean;
  /** The document in pieces. Once, and not for format `rows`. Closes the result at its end. */
  pieces(): AsyncGenerator<Uint8Array, void, undefined>;
  /** The first rows, for format `rows`. Once. Closes the result. */
  rows(): Promise<ResultRows>;
  /** Interrupts what is under way and gives everything up. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a query. Throws as `analyseStatement`, `holdSnapshot`, `planViews` and `QueryClient.open`
 * do; while the result is read it throws as the last of them.
 */
export async function queryStore(
  context: QueryContext,
  request: QueryRequest,
): Promise<QueryResult> {
  const { catalog, client, root, spillRoot } = context;
  const { sql, limits, signal, format } = request;
  const wait = { signal, timeoutMs: limits.timeoutMs };
  const analysis = await client.analyse(sql, wait);
  const held = await holdSnapshot(context, request.at);
  try {
    const plan = await planViews({ catalog, sequence: held.sequence, sql, analysis, root });
    const result = await client.open(
      {
        explain: analysis.explain,
        query: analysis.query,
        ...plan,
        format,
        limits,
        temporaryFolder: `${spillRoot}/${pinTemporaryPath(held.pinName)}`,
      },
      wait,
    );
    return resultOf(held, result, analysis.explain !== "");
  } catch (error) {
    held.release();
    throw error;
  }
}

function resultOf(
  held: { readonly sequence: number; release(): void },
  result: OpenResult,
  isPlan: boolean,
): QueryResult {
  const close = async (): Promise<void> => {
    try {
      await result.close();
    } finally {
      held.release(); // Q1
    }
  };
  return {
    sequence: held.sequence,
    columns: result.columns,
    isPlan,
    async *pieces() {
      try {
        for (let piece = await result.next(); piece !== null; piece = await result.next()) {
          yield piece;
        }
      } finally {
        await close(); // Q2
      }
    },
    rows: async () => {
      try {
        return await result.rows();
      } finally {
        await close();
      }
    },
    close,
  };
}
