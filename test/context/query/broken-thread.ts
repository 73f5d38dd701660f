/** Entry of a query thread that fails in ways that a statement chooses. */
import { workerData, type MessagePort } from "node:worker_threads";
import * as comlink from "comlink";
import type { OpenQuery, QueryThread } from "../../../src/context/query/protocol.ts";

const never = new Promise<never>(() => undefined);
const answer = { kind: "answer" } as const;

const thread: QueryThread = {
  analyse: async (sql) => {
    if (sql === "exit") process.exit(3);
    if (sql === "throw")
      setImmediate(() => {
        throw new Error("thrown on purpose");
      });
    if (sql === "heap") fillHeap();
    if (sql !== "fine") return never;
    return { ...answer, value: { explain: "", query: sql, tables: [], listsTables: false } };
  },
  open: async ({ query }: OpenQuery) =>
    query === "stuck"
      ? never
      : { ...answer, value: [{ name: "a", type: "INTEGER", isNumber: true }] },
  next: async () => never,
  rows: async () => never,
  interrupt: async () => ({ ...answer, value: null }),
  close: async () => ({ ...answer, value: null }),
};

function fillHeap(): void {
  const kept: number[][] = [];
  for (;;) kept.push(Array.from<number>({ length: 1_000_000 }).fill(kept.length));
}

// The tests start it with a port, as `serveQueries` is.
comlink.expose(thread, (workerData as { port: MessagePort }).port);
