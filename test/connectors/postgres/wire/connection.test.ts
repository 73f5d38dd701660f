/** A connection to a real server: results, copies, cancelling, ends, and what each is told as. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connectPostgres } from "../../../../connectors/postgres/wire/connect-postgres.ts";
import {
  startPostgres,
  type EmbeddedPostgres,
} from "../../../../scripts/servers/embedded-postgres.ts";
import { HakiriError } from "../../../../src/core/error.ts";
import { ManualClock } from "../../../platform/manual-clock.ts";
import { startProxy } from "../tcp-proxy.ts";
import { optionsFor, refusalOf, refusedBy, withConnection } from "./connect-to.ts";
import { CountingSink, KeepingSink } from "./counting-sink.ts";

const open = new AbortController().signal;
let server: EmbeddedPostgres;

beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: 10 } });
});
afterAll(async () => {
  await server.stop();
});

const rowsSql = (rows: number): string =>
  `COPY (SELECT g::int4, repeat('x', 100) FROM generate_series(1, ${rows}) g) TO STDOUT (FORMAT binary)`;

test("a result has the last statement's fields, its rows as text, and its command", async () => {
  await withConnection(optionsFor(server), async (connection) => {
    const result = await connection.query(
      "SELECT 1 AS gone; SELECT 7::int8 AS n, NULL AS nothing, 'Zoë 🐘'::varchar(9) AS t",
    );
    expect(result.fields).toEqual([
      { name: "n", typeOid: 20, typmod: -1 },
      { name: "nothing", typeOid: 25, typmod: -1 },
      { name: "t", typeOid: 1043, typmod: 13 },
    ]);
    expect(result.rows).toEqual([["7", null, "Zoë 🐘"]]);
    expect(result.command).toBe("SELECT 1");
    expect((await connection.query("")).rows).toEqual([]);
    expect(connection.parameters.get("server_version")).toMatch(/^1[58]\./u);
  });
});

test("a connection goes on after a failed statement", async () => {
  await withConnection(optionsFor(server), async (connection) => {
    const failed = await refusalOf(connection.query("SELECT nope"));
    expect(failed).toMatchObject({ kind: "Permanent", code: "postgres.no_column" });
    expect(failed.evidence).toMatchObject({ sqlstate: "42703", host: "127.0.0.1" });
    expect((await connection.query("SELECT 2 AS n")).rows).toEqual([["2"]]);
  });
});

test("parameters of the session are set, whatever they hold", async () => {
  const session = { application_name: "it's a \\ test", statement_timeout: "1234" };
  await withConnection(optionsFor(server, { session }), async (connection) => {
    expect((await connection.query("SHOW application_name")).rows).toEqual([["it's a \\ test"]]);
    expect((await connection.query("SHOW statement_timeout")).rows).toEqual([["1234ms"]]);
  });
  const refused = await refusedBy(optionsFor(server, { session: { no_such_thing: "1" } }));
  expect(refused.code).toBe("postgres.server_error");
});

test("a Unix socket does what TCP does", async () => {
  const options = optionsFor(server, {
    endpoint: { host: server.socketFolder },
    tls: { mode: "verify-full" },
  });
  await withConnection(options, async (connection) => {
    const sink = new KeepingSink();
    expect(await connection.copyOut(rowsSql(1000), sink).pump(open)).toBe("end");
    expect(sink.bytes()).toHaveLength(19 + 1000 * (2 + 4 + 4 + 4 + 100) + 2);
  });
});

test("a copy is pulled: a full sink leaves the rest to the server", async () => {
  await withConnection(optionsFor(server), async (connection) => {
    const sink = new CountingSink(1);
    const rows = 300_000;
    const copy = connection.copyOut(rowsSql(rows), sink);
    expect(await copy.pump(open)).toBe("full");
    const { bytes } = sink;
    expect(bytes).toBeLessThan(1024 * 1024);
    // The backend waits for us in the midst of its rows, however long we let it.
    await withConnection(optionsFor(server), async (other) => {
      await vi.waitFor(async () => {
        const { rows: waits } = await other.query(
          "SELECT wait_event FROM pg_stat_activity WHERE query LIKE 'COPY%' AND pid <> pg_backend_pid()",
        );
        expect(waits).toEqual([["ClientWrite"]]);
      });
    });
    expect(sink.bytes).toBe(bytes);
    let pumps = 1;
    do sink.empty();
    while ((pumps += 1) < 1_000_000 && (await copy.pump(open)) === "full");
    expect(pumps).toBeGreaterThan(10);
    expect(sink.bytes).toBe(19 + rows * (2 + 4 + 4 + 4 + 100) + 2);
    expect(await copy.pump(open)).toBe("end");
    expect((await connection.query("SELECT 1")).rows).toEqual([["1"]]);
  });
});

test.each(["push", "flush"])(
  "a sink that throws in %s ends the copy with that, and the connection",
  async (method) => {
    await withConnection(optionsFor(server), async (connection) => {
      const disk = new Error("disk full");
      const fail = (): never => {
        throw disk;
      };
      const sink = { isFull: false, push: () => {}, flush: () => {}, [method]: fail };
      const copy = connection.copyOut(rowsSql(10), sink);
      await expect(copy.pump(open)).rejects.toBe(disk);
      await expect(copy.pump(open)).rejects.toBe(disk);
      await expect(connection.query("SELECT 1")).rejects.toBe(disk);
    });
  },
);

test("an abort ends a statement with its reason, here and on the server", async () => {
  const reason = new Error("enough");
  const connection = await connectPostgres(optionsFor(server), open);
  const stop = new AbortController();
  const sleeping = connection.query("SELECT pg_sleep(1000)", stop.signal);
  await withConnection(optionsFor(server), async (other) => {
    const sleepers = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    await vi.waitFor(async () => {
      expect((await other.query(sleepers)).rows).toHaveLength(1);
    });
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await vi.waitFor(async () => {
      expect((await other.query(sleepers)).rows).toHaveLength(0);
    });
  });
  await connection.close();
  await expect(connection.query("SELECT 1", AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("a cancelled statement leaves the connection as it was", async () => {
  await withConnection(optionsFor(server), async (connection) => {
    const running = refusalOf(connection.query("SELECT pg_sleep(1000)"));
    await vi.waitFor(async () => {
      await connection.cancel();
      await withConnection(optionsFor(server), async (other) => {
        const { rows } = await other.query(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
        );
        expect(rows).toEqual([]);
      });
    });
    expect(await running).toMatchObject({ code: "postgres.statement_cancelled" });
    expect((await connection.query("SELECT 1")).rows).toEqual([["1"]]);
  });
});

test("timeouts of the server are told apart", async () => {
  const session = { statement_timeout: "50", lock_timeout: "20" };
  await withConnection(optionsFor(server), async (holder) => {
    await holder.query("CREATE TABLE held (n int)");
    await holder.query("BEGIN; LOCK held");
    await withConnection(optionsFor(server, { session }), async (connection) => {
      expect(await refusalOf(connection.query("SELECT pg_sleep(1000)"))).toMatchObject({
        kind: "Permanent",
        code: "postgres.statement_timeout",
      });
      expect(await refusalOf(connection.query("SELECT * FROM held"))).toMatchObject({
        kind: "Transient",
        code: "postgres.lock_timeout",
      });
    });
    await holder.query("ROLLBACK");
    await holder.query("DROP TABLE held");
  });
});

test("a server with all connections taken is a failure that passes", async () => {
  const taken = await Promise.all(
    Array.from({ length: 10 }, async () => {
      try {
        return await connectPostgres(optionsFor(server), open);
      } catch {
        return null;
      }
    }),
  );
  const refused = await refusedBy(optionsFor(server));
  expect(refused).toMatchObject({ kind: "Transient", code: "postgres.too_many_connections" });
  await Promise.all(
    taken.flatMap((connection) => (connection === null ? [] : [connection.close()])),
  );
});

test.for(["fast", "immediate"] as const)(
  "a server that restarts (%s) within a copy is a loss that passes",
  async (mode) => {
    const connection = await connectPostgres(optionsFor(server), open);
    const idle = await connectPostgres(optionsFor(server), open);
    const sink = new CountingSink(1);
    const copy = connection.copyOut(rowsSql(1_000_000), sink);
    expect(await copy.pump(open)).toBe("full");
    await server.restart(mode);
    const ended = (async () => {
      do sink.empty();
      while ((await copy.pump(open)) === "full");
    })();
    const failure = await refusalOf(ended);
    expect(failure.kind).toBe("Transient");
    expect(failure.code).toMatch(/^postgres\.(?:server_stopped|connection_lost)$/u);
    expect((await connection.lost).code).toBe(failure.code);
    expect((await idle.lost).kind).toBe("Transient");
    await Promise.all([connection.close(), idle.close()]);
    await withConnection(optionsFor(server), () => Promise.resolve());
  },
);

test("a connection that is cut within a copy is a loss that passes", async () => {
  await using proxy = await startProxy(server);
  const connection = await connectPostgres(optionsFor(proxy), open);
  const sink = new CountingSink(1);
  const copy = connection.copyOut(rowsSql(1_000_000), sink);
  expect(await copy.pump(open)).toBe("full");
  proxy.cut();
  const ended = (async () => {
    do sink.empty();
    while ((await copy.pump(open)) === "full");
  })();
  const failure = await refusalOf(ended);
  expect(failure).toMatchObject({ kind: "Transient", code: "postgres.connection_lost" });
  await connection.close();
});

test("a peer that falls silent within a copy is given up after read_timeout", async () => {
  await using proxy = await startProxy(server);
  const clock = new ManualClock();
  const options = optionsFor(proxy, { clock, readTimeoutMs: 60_000 });
  const connection = await connectPostgres(options, open);
  const sink = new CountingSink(1);
  const copy = connection.copyOut(rowsSql(1_000_000), sink);
  expect(await copy.pump(open)).toBe("full");
  proxy.stall();
  const ended = (async () => {
    do sink.empty();
    while ((await copy.pump(open)) === "full");
  })();
  const caught = refusalOf(ended);
  await vi.waitFor(() => {
    clock.advance(15_000);
    expect(proxy.held).toBeGreaterThan(0);
  });
  let isOver = false;
  void caught.finally(() => {
    isOver = true;
  });
  await vi.waitFor(() => {
    clock.advance(15_000);
    expect(isOver).toBe(true);
  });
  expect(await caught).toMatchObject({ kind: "Transient", code: "postgres.stalled" });
  expect((await connection.lost).code).toBe("postgres.stalled");
  const closing = connection.close();
  clock.advance(10_000);
  await closing;
});

test("a paused copy may wait for ever", async () => {
  const clock = new ManualClock();
  const connection = await connectPostgres(
    optionsFor(server, { clock, readTimeoutMs: 1000 }),
    open,
  );
  const copy = connection.copyOut(rowsSql(300_000), new CountingSink(1));
  expect(await copy.pump(open)).toBe("full");
  for (let look = 0; look < 100; look += 1) clock.advance(1000);
  expect(await copy.pump(open)).toBe("full");
  const closing = connection.close();
  clock.advance(10_000);
  await closing;
});

test("a server that never answers is given up after connect_timeout", async () => {
  await using proxy = await startProxy(server);
  proxy.stall();
  const clock = new ManualClock();
  const connecting = refusedBy(optionsFor(proxy, { clock, connectTimeoutMs: 5000 }));
  await vi.waitFor(() => {
    expect(proxy.connections).toBe(1);
  });
  clock.advance(4999);
  clock.advance(1);
  expect(await connecting).toMatchObject({ kind: "Transient", code: "postgres.connect_timeout" });
});

test("an abort while connecting rejects with its reason", async () => {
  await using proxy = await startProxy(server);
  proxy.stall();
  const stop = new AbortController();
  const connecting = connectPostgres(optionsFor(proxy), stop.signal);
  await vi.waitFor(() => {
    expect(proxy.connections).toBe(1);
  });
  const reason = new Error("never mind");
  stop.abort(reason);
  await expect(connecting).rejects.toBe(reason);
});

test("who can't be reached is said with what to check", async () => {
  const closed = await refusedBy(optionsFor({ port: 1 }));
  expect(closed).toMatchObject({ kind: "Transient", code: "postgres.unreachable" });
  expect(closed.message).toContain("database 'postgres' on 127.0.0.1:1 as user 'postgres'");
  expect(closed.hint).toContain("listen_addresses");
  const host = "no-such-host.invalid";
  const unknown = await refusedBy(optionsFor(server, { endpoint: { host } }));
  expect(unknown).toMatchObject({ kind: "Transient", code: "postgres.unreachable" });
  expect(unknown.hint).toContain(host);
  const socket = await refusedBy(optionsFor(server, { endpoint: { host: "/nowhere" } }));
  expect(socket).toMatchObject({ kind: "Transient", code: "postgres.unreachable" });
  expect(socket.hint).toContain(`/nowhere/.s.PGSQL.${server.port}`);
});

test("a missing database and table are told as what they are", async () => {
  const missing = await refusedBy(optionsFor(server, { endpoint: { database: "nope" } }));
  expect(missing).toMatchObject({ kind: "Permanent", code: "postgres.no_database" });
  await withConnection(optionsFor(server), async (connection) => {
    const copy = connection.copyOut("COPY (SELECT * FROM nope) TO STDOUT", new CountingSink());
    expect(await refusalOf(copy.pump(open))).toMatchObject({ code: "postgres.no_table" });
    const text = connection.copyOut("COPY (SELECT 1) TO STDOUT", new CountingSink());
    expect(await refusalOf(text.pump(open))).toBeInstanceOf(HakiriError);
  });
});
