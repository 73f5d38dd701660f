/**
 * What a real server said, flipped, cut, repeated and cut into chunks anew: the right result, a
 * typed error, never a hang or a crash. A seed of its own makes each case; the first that fails is
 * said by its seed.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPostgres } from "../../../../connectors/postgres/wire/connect-postgres.ts";
import { Connection } from "../../../../connectors/postgres/wire/connection.ts";
import { startupMessage } from "../../../../connectors/postgres/wire/frontend-messages.ts";
import { Inbox, SocketEnded } from "../../../../connectors/postgres/wire/inbox.ts";
import {
  controlBytesMax,
  MessageReader,
  rowBytesMax,
} from "../../../../connectors/postgres/wire/message-reader.ts";
import { greet, openSession } from "../../../../connectors/postgres/wire/open-session.ts";
import type {
  ServerSocket,
  SocketListener,
} from "../../../../connectors/postgres/wire/pg-socket.ts";
import { ProtocolFault } from "../../../../connectors/postgres/wire/protocol-fault.ts";
import {
  startPostgres,
  type EmbeddedPostgres,
} from "../../../../scripts/servers/embedded-postgres.ts";
import { HakiriError } from "../../../../src/core/error.ts";
import { optionsFor } from "./connect-to.ts";
import { KeepingSink } from "./counting-sink.ts";
import { said } from "./fake-server.ts";

const cases = 50_000;
const resultSql = `DO $$ BEGIN RAISE WARNING 'careful'; END $$; SELECT g, CASE WHEN g % 3 > 0 THEN
  repeat('é', g) END AS t, NULL::numeric(4,2) AS n FROM generate_series(1, 12) g`;
const copySql =
  "COPY (SELECT g, repeat('x', g * g) FROM generate_series(1, 12) g) TO STDOUT (FORMAT binary)";
const failingSql =
  "COPY (SELECT 1 / (3 - g) FROM generate_series(1, 5) g) TO STDOUT (FORMAT binary)";

let server: EmbeddedPostgres;
/** What the server said to each, up to the end of the statement. */
const recorded = { result: Buffer.alloc(0), copy: Buffer.alloc(0), failing: Buffer.alloc(0) };
let greeting: Buffer;

beforeAll(async () => {
  server = await startPostgres();
  const parts: Buffer[] = [];
  class Recording extends Connection {
    override chunk(bytes: Uint8Array, end: number): void {
      parts.push(Buffer.from(bytes.subarray(0, end)));
      super.chunk(bytes, end);
    }
  }
  const options = optionsFor(server);
  const connection = new Recording(options, await openSession(options, () => {}));
  await connection.query(resultSql);
  recorded.result = Buffer.concat(parts.splice(0));
  await connection.copyOut(copySql, new KeepingSink()).pump(new AbortController().signal);
  recorded.copy = Buffer.concat(parts.splice(0));
  await runCopy(connection, failingSql).catch(() => {});
  recorded.failing = Buffer.concat(parts.splice(0));
  await connection.close();
  greeting = await greetingOf(server.port);
});
afterAll(async () => {
  await server.stop();
});

async function runCopy(connection: Connection, sql: string): Promise<Buffer> {
  const sink = new KeepingSink();
  await connection.copyOut(sql, sink).pump(new AbortController().signal);
  return sink.bytes();
}

/** What a server says to a startup message of somebody whom it trusts. */
async function greetingOf(port: number): Promise<Buffer> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write(startupMessage({ user: "postgres", database: "postgres" }));
  const parts: Buffer[] = [];
  // ReadyForQuery is the end.
  while (Buffer.concat(parts).at(-6) !== 0x5a) {
    const [bytes] = (await once(socket, "data")) as [Buffer];
    parts.push(bytes);
  }
  socket.destroy();
  return Buffer.concat(parts);
}

/** A socket in memory: it hands over what it is told to, as one of the network would. */
class MemorySocket implements ServerSocket {
  readonly remoteAddress = null;
  readonly #buffer = new Uint8Array(2048);
  #listener: SocketListener | null = null;
  #isGone = false;

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  /** Hands bytes over in chunks of random sizes, then closes. */
  say(bytes: Uint8Array, random: () => number): void {
    const largest = 1 + Math.floor(random() * (random() < 0.5 ? 16 : 2000));
    for (let at = 0; at < bytes.length && !this.#isGone;) {
      const end = Math.min(bytes.length, at + 1 + Math.floor(random() * largest));
      // Memory that changes behind the listener's back, as the one buffer of a socket does.
      this.#buffer.set(bytes.subarray(at, end));
      try {
        this.#listener?.chunk(this.#buffer, end - at);
      } catch (error) {
        this.destroy(error);
      }
      this.#buffer.fill(0xff, 0, end - at);
      at = end;
    }
    this.destroy(null);
  }

  write(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}

  destroy(error: unknown = null): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#listener?.gone(error);
  }
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function damaged(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(random() * copy.length);
  const length = Math.floor(random() * Math.min(64, copy.length - at));
  const way = random();
  if (way < 0.5) {
    for (let flips = 1 + Math.floor(random() * 4); flips > 0; flips -= 1) {
      const place = Math.floor(random() * copy.length);
      copy[place] = (copy[place] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    return copy;
  }
  if (way < 0.65) return copy.subarray(0, at);
  if (way < 0.8) return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
  return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
}

function connectionOn(socket: MemorySocket): Connection {
  const stream = { socket, inbox: new Inbox(), certificate: null };
  return new Connection(optionsFor(server), { stream, parameters: new Map(), cancelKey: null });
}

/** What came of bytes: a value, or the error of a typed failure. Anything else is thrown. */
async function outcomeOf<T>(seed: number, running: Promise<T>): Promise<T | HakiriError> {
  try {
    return await running;
  } catch (error) {
    if (error instanceof HakiriError) return error;
    throw new Error(`seed ${seed} ended in an error without a type`, { cause: error });
  }
}

test("chunks of any size give the same result", async () => {
  const options = optionsFor(server);
  const real = await connectPostgres(options, new AbortController().signal);
  const result = await real.query(resultSql);
  const sink = new KeepingSink();
  await real.copyOut(copySql, sink).pump(new AbortController().signal);
  await real.close();
  for (let seed = 0; seed < 500; seed += 1) {
    const random = randomOf(seed);
    const [first, second] = [new MemorySocket(), new MemorySocket()];
    const asking = connectionOn(first).query(resultSql);
    first.say(recorded.result, random);
    expect(await outcomeOf(seed, asking)).toEqual(result);
    const copying = runCopy(connectionOn(second), copySql);
    second.say(recorded.copy, random);
    const bytes = await outcomeOf(seed, copying);
    expect(bytes instanceof Buffer && bytes.equals(sink.bytes()), `seed ${seed}`).toBe(true);
  }
});

test(`${cases} damaged statements end in a result or a typed error`, async () => {
  const seen = { results: 0, errors: new Set<string>() };
  for (let seed = 0; seed < cases; seed += 1) {
    const random = randomOf(seed);
    const socket = new MemorySocket();
    const connection = connectionOn(socket);
    const kind = (["result", "copy", "failing"] as const)[seed % 3] ?? "result";
    const running: Promise<unknown> =
      kind === "result" ? connection.query("") : runCopy(connection, "");
    socket.say(damaged(recorded[kind], random), random);
    const outcome = await outcomeOf(seed, running);
    if (outcome instanceof HakiriError) seen.errors.add(outcome.code);
    else seen.results += 1;
  }
  expect(seen.results).toBeGreaterThan(cases / 20);
  expect(seen.errors).toContain("postgres.protocol");
  expect(seen.errors).toContain("postgres.connection_lost");
});

test("10000 damaged greetings end in a session or a typed error", async () => {
  const ways = new Set<string>();
  for (let seed = 0; seed < 10_000; seed += 1) {
    const random = randomOf(seed);
    const socket = new MemorySocket();
    const inbox = new Inbox();
    socket.listen(inbox);
    const greeted = greet(optionsFor(server), { socket, inbox, certificate: null });
    socket.say(damaged(greeting, random), random);
    try {
      ways.add(typeof (await greeted).parameters);
    } catch (error) {
      const cause = error instanceof SocketEnded ? error.cause : error;
      const isTyped = cause instanceof HakiriError || cause instanceof ProtocolFault;
      expect(isTyped || cause === null, `seed ${seed}: ${String(cause)}`).toBe(true);
      ways.add(isTyped ? cause.name : "ended");
    }
  }
  expect([...ways].toSorted()).toEqual(["HakiriError", "ProtocolFault", "ended", "object"]);
});

test.for<readonly [letter: string, bytesMax: number]>([
  ["N", controlBytesMax],
  ["D", rowBytesMax],
])("a message %s of the largest size is taken, and none beyond", ([letter, bytesMax]) => {
  const taken: number[] = [];
  const reader = new MessageReader({
    message: (_type, body) => taken.push(body.left),
    copyData: () => {},
  });
  const largest = said(letter, Buffer.alloc(bytesMax));
  reader.feed(largest, 0, 10);
  reader.feed(largest, 10, largest.length);
  expect(taken).toEqual([bytesMax]);
  const header = said(letter, Buffer.alloc(bytesMax + 1)).subarray(0, 5);
  expect(() => {
    reader.feed(header, 0, header.length);
  }).toThrow(ProtocolFault);
});

test("a row of any size is handed on in pieces, and nothing of it is kept", () => {
  let bytes = 0;
  const reader = new MessageReader({
    message: () => {},
    copyData: (_bytes, start, end) => {
      bytes += end - start;
    },
  });
  const header = Buffer.from([0x64, 0x3f, 0xff, 0xff, 0xff]);
  reader.feed(header, 0, header.length);
  const chunk = Buffer.alloc(256 * 1024);
  for (let count = 0; count < 1000; count += 1) reader.feed(chunk, 0, chunk.length);
  expect(bytes).toBe(1000 * chunk.length);
});
