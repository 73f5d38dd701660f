/** How waits for the query thread end: by answers, signals, deadlines, and the thread's own end. */
import { afterEach, describe, expect, test } from "vitest";
import { openQueriesMax, type OpenQuery } from "../../../src/context/query/protocol.ts";
import { graceMs, QueryClient } from "../../../src/context/query/query-client.ts";
import type { Clock } from "../../../src/core/ports/clock.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { ManualClock } from "../../platform/manual-clock.ts";
import { never } from "../fixtures.ts";
import { withFolder } from "../temporary-folder.ts";
import { rejectionOf } from "../thrown.ts";
import { limits } from "./queries.ts";

const clients: QueryClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

function clientOf(entry: "query-thread.ts" | "broken-thread.ts", clock: Clock = systemClock) {
  const urls = {
    "query-thread.ts": new URL("./query-thread.ts", import.meta.url),
    "broken-thread.ts": new URL("./broken-thread.ts", import.meta.url),
  };
  const client = new QueryClient({ entry: urls[entry], clock, heapMb: 64 });
  clients.push(client);
  return client;
}

const wait = { signal: never, timeoutMs: 60_000 };
const endless = "SELECT count(*) AS n FROM range(100000000000) a WHERE random() > 2";

async function withRequest<T>(
  query: string,
  use: (request: Omit<OpenQuery, "id">) => Promise<T>,
): Promise<T> {
  return withFolder((folder) =>
    use({
      explain: "",
      query,
      views: "",
      paths: [],
      format: { kind: "jsonl", numbers: "text" },
      limits,
      temporaryFolder: `${folder}/temp/q`,
    }),
  );
}

describe("a query", () => {
  test("ends by its caller's signal, with its reason, and the next one runs", async () => {
    const client = clientOf("query-thread.ts");
    await withRequest(endless, async (request) => {
      const abort = new AbortController();
      const reason = new Error("enough");
      const opening = client.open(request, { ...wait, signal: abort.signal });
      abort.abort(reason);
      await expect(opening).rejects.toBe(reason);
      const next = await client.open({ ...request, query: "SELECT 1 AS a" }, wait);
      expect(new TextDecoder().decode((await next.next()) ?? undefined)).toBe('{"a":1}\n');
      await next.close();
      await expect(client.open(request, { ...wait, signal: abort.signal })).rejects.toBe(reason);
    });
  });

  test("ends by its deadline, also while its pieces are read", async () => {
    const client = clientOf("query-thread.ts");
    await withRequest(endless, async (request) => {
      const error = await rejectionOf(client.open(request, { ...wait, timeoutMs: 30 }));
      expect(error).toMatchObject({
        code: "query.deadline",
        message: "expected the query to end within 30 ms",
      });
      const many = { ...request, query: "FROM range(100000000000)" };
      const result = await client.open(many, { ...wait, timeoutMs: 300 });
      const reading = async () => {
        while ((await result.next()) !== null);
      };
      expect((await rejectionOf(reading())).code).toBe("query.deadline");
      await result.close();
    });
    expect(client.isStuck).toBe(false);
  });

  test("that is closed early stops its work", async () => {
    const client = clientOf("query-thread.ts");
    await withRequest("FROM range(100000000000)", async (request) => {
      const result = await client.open(request, wait);
      expect(await result.next()).not.toBeNull();
      await result.close();
      await result.close();
      await expect(result.next()).rejects.toThrow();
    });
  });

  test("isn't begun where as many are open as may be", async () => {
    const client = clientOf("query-thread.ts");
    await withRequest("FROM range(100000000000)", async (request) => {
      const open = [];
      for (let count = 0; count < openQueriesMax; count += 1) {
        const temporaryFolder = `${request.temporaryFolder}${count}`;
        open.push(await client.open({ ...request, temporaryFolder }, wait));
      }
      const error = await rejectionOf(client.open(request, wait));
      expect(error).toMatchObject({ kind: "Transient", code: "query.too_many" });
      await open[0]?.close();
      open[0] = await client.open(request, wait);
      for (const result of open) await result.close();
    });
  });

  test("runs no more than a piece ahead of its reader", async () => {
    const client = clientOf("query-thread.ts");
    // The whole result has 4 GB, which would never fit into the memory that the query has.
    await withRequest("SELECT repeat('x', 2000) AS s FROM range(2000000)", async (request) => {
      const result = await client.open(
        { ...request, limits: { ...limits, memoryLimit: "100MB" } },
        wait,
      );
      for (let piece = 0; piece < 5; piece += 1) {
        expect((await result.next())?.byteLength).toBeGreaterThan(100_000);
      }
      await result.close();
    });
  });
});

describe("a thread", () => {
  test.each([
    ["exit", "it ended with exit code 3"],
    ["throw", "it failed: thrown on purpose"],
    ["heap", "it failed: Worker terminated due to reaching memory limit"],
  ])("that dies (%s) fails its calls, and is started again by the next", async (how, reason) => {
    const client = clientOf("broken-thread.ts");
    const [first, second] = await Promise.all([
      rejectionOf(client.analyse(how, wait)),
      rejectionOf(client.analyse("hang", wait)),
    ]);
    expect(first).toMatchObject({ kind: "Permanent", code: "query.thread_ended" });
    expect(first.message).toContain(reason);
    expect(second.code).toBe("query.thread_ended");
    expect((await client.analyse("fine", wait)).query).toBe("fine");
  });

  test("that answers no interrupt is left behind once its grace is over", async () => {
    const clock = new ManualClock();
    const client = clientOf("broken-thread.ts", clock);
    await withRequest("stuck", async (request) => {
      const abort = new AbortController();
      const opening = rejectionOf(client.open(request, { ...wait, signal: abort.signal }));
      await client.analyse("fine", wait);
      abort.abort();
      await clock.advanceThrough(graceMs - 1);
      expect(client.isStuck).toBe(false);
      await clock.advanceThrough(1);
      expect((await opening).code).toBe("query.stuck");
      expect(client.isStuck).toBe(true);
      expect((await rejectionOf(client.analyse("fine", wait))).code).toBe("query.stuck");
      await client.close();
      expect(clock.scheduled).toBe(0);
    });
  });

  test("that is closed fails what is under way, and starts no more", async () => {
    const client = clientOf("query-thread.ts");
    const parsing = rejectionOf(client.analyse(`SELECT ${"1, ".repeat(50_000)}1`, wait));
    await client.close();
    expect((await parsing).code).toBe("query.thread_ended");
    expect(client.isStuck).toBe(false);
    expect((await rejectionOf(client.analyse("fine", wait))).message).toContain("it was closed");
    await client.close();
  });

  test("that is closed while DuckDB works ends all the same", async () => {
    const client = clientOf("query-thread.ts");
    await withRequest(endless, async (request) => {
      const opening = rejectionOf(client.open(request, wait));
      await client.analyse("SELECT 1", wait);
      await client.close();
      expect((await opening).code).toBe("query.thread_ended");
      expect(client.isStuck).toBe(false);
    });
  });

  test("isn't started by closing a client that was never used", async () => {
    await clientOf("broken-thread.ts").close();
  });
});
