/** Queries over a test's store, and what comes of them as text. */
import { afterAll } from "vitest";
import { storeFolder } from "../../../src/context/layout.ts";
import type { ResultFormat } from "../../../src/context/query/protocol.ts";
import { QueryClient } from "../../../src/context/query/query-client.ts";
import {
  queryStore,
  type QueryContext,
  type QueryRequest,
  type QueryResult,
} from "../../../src/context/query/query-store.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { never } from "../fixtures.ts";
import type { TestStore } from "../views/test-store.ts";

/** Bounds that no test's query reaches. */
export const limits = {
  threads: 2,
  memoryLimit: "512MB",
  spillLimit: "1GB",
  timeoutMs: 60_000,
};

/** A client on a thread of its own, ended after the file's tests. */
export function clientOfFile(): QueryClient {
  const entry = new URL("./query-thread.ts", import.meta.url);
  const client = new QueryClient({ entry, clock: systemClock, heapMb: 256 });
  afterAll(() => client.close());
  return client;
}

/** What queries over a store work with. */
export function contextOf(store: TestStore, client: QueryClient): QueryContext {
  const { catalog, pins, folder } = store;
  const root = `${folder}/${storeFolder}`;
  return { catalog, pins, client, root, spillRoot: root };
}

/** Starts a query of the newest snapshot that nobody gives up, as JSON unless said otherwise. */
export async function startQuery(
  context: QueryContext,
  sql: string,
  more: Partial<QueryRequest> = {},
): Promise<QueryResult> {
  const format: ResultFormat = { kind: "json", numbers: "text" };
  return queryStore(context, { sql, at: null, format, limits, signal: never, ...more });
}

/** The whole document of a query. */
export async function documentOf(
  context: QueryContext,
  sql: string,
  more: Partial<QueryRequest> = {},
): Promise<string> {
  const result = await startQuery(context, sql, more);
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of result.pieces()) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

/** The rows of a query, parsed from its JSON document. */
export async function rowsOf(
  context: QueryContext,
  sql: string,
  more: Partial<QueryRequest> = {},
): Promise<readonly { readonly [column: string]: unknown }[]> {
  return JSON.parse(await documentOf(context, sql, more)) as { readonly [c: string]: unknown }[];
}
