/**
 * Entry of the footprint gate: a leader and its followers under load, without Raft. It does with
 * coord's libraries what a coordinator does with them (pack, log, fsync, replicate, apply), so
 * that their memory is known before the protocol is written, and goes when `coord start` exists.
 *
 *   leader FOLDER COMMANDS    prints its port, then `done`, idles, and gives memory back
 *   follower FOLDER PORT      acknowledges what it has logged
 *
 * Options: `--tls` with CERT and KEY as further operands, `--sqlite node:sqlite` for Node's own,
 * `--keep-memory` to give nothing back.
 */
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Packr } from "msgpackr";
import { trimIdleMemory } from "../platform/idle-memory.ts";

/** Entries that share one frame, one fsync and one transaction. */
const batchEntries = 100;
const followersMax = 2;
/** How often a leader tells its followers that it leads. */
const heartbeatMs = 100;
/** Without a command for so long, a coordinator is idle and gives memory back. */
const idleMs = 2000;
/** Records by position: no maps, so that both sides agree on bytes. */
const packr = new Packr({ useRecords: false });

interface Statement {
  run(...values: (string | number)[]): unknown;
}

interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
}

type Entry = readonly [index: number, kind: string, pipeline: string, at: number];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    sqlite: { type: "string" },
    tls: { type: "boolean" },
    "keep-memory": { type: "boolean" },
  },
});
const [role = "", folder = "", amount = "", certFile = "", keyFile = ""] = positionals;
const tls =
  values.tls === true ? { cert: readFileSync(certFile), key: readFileSync(keyFile) } : undefined;
const catalog = await openCatalog(join(folder, `${role}-${process.pid}.sqlite`));
const log = openSync(join(folder, `${role}-${process.pid}.log`), "a");

if (role === "leader") await lead(Number(amount));
else await follow(Number(amount));

async function lead(commands: number): Promise<void> {
  const followers: Socket[] = [];
  const joined = new Promise<void>((resolve) => {
    void listen((socket) => {
      if (followers.push(socket) === followersMax) resolve();
    });
  });
  await joined;
  const acks = followers.map(acknowledgements);
  for (let first = 1; first <= commands; first += batchEntries) {
    const entries = Array.from({ length: Math.min(batchEntries, commands - first + 1) }, (_, i) =>
      entry(first + i),
    );
    const frame = framed(packr.pack(entries));
    for (const follower of followers) follower.write(frame);
    store(frame);
    await Promise.all(acks.map((next) => next()));
    apply(entries);
  }
  say("done");
  const heartbeat = framed(packr.pack([]));
  setInterval(() => followers.forEach((follower) => follower.write(heartbeat)), heartbeatMs);
  if (values["keep-memory"] === true) return;
  setTimeout(() => void trimIdleMemory().then((trim) => say(JSON.stringify(trim))), idleMs);
}

async function follow(port: number): Promise<void> {
  const socket = await dial(port);
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32LE(0)) {
      const end = 4 + rest.readUInt32LE(0);
      const entries = packr.unpack(rest.subarray(4, end)) as Entry[]; // all that a leader packs
      // A heartbeat is a frame without entries: there is nothing to store before it is answered.
      if (entries.length > 0) {
        store(rest.subarray(0, end));
        apply(entries);
      }
      socket.write(Buffer.of(1));
      rest = rest.subarray(end);
    }
  });
  socket.on("close", () => closeSync(log));
}

function entry(index: number): Entry {
  return [index, "checkpoint", `pipeline-${index % 50}`, 1_700_000_000_000_000 + index];
}

function framed(body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

function store(frame: Buffer): void {
  writeSync(log, frame);
  fdatasyncSync(log);
}

function apply(entries: readonly Entry[]): void {
  catalog.exec("begin immediate");
  for (const [index, kind, pipeline, at] of entries) catalog.insert.run(pipeline, kind, index, at);
  catalog.applied.run(entries.at(-1)?.[0] ?? 0);
  catalog.exec("commit");
}

async function openCatalog(
  file: string,
): Promise<{ exec: (sql: string) => unknown; insert: Statement; applied: Statement }> {
  const database = await openDatabase(file);
  database.exec("pragma journal_mode = wal; pragma synchronous = normal");
  database.exec("create table heads (pipeline text primary key, kind, position, at)");
  database.exec("create table applied (position)");
  return {
    exec: (sql) => database.exec(sql),
    insert: database.prepare("insert or replace into heads values (?, ?, ?, ?)"),
    applied: database.prepare("insert or replace into applied (rowid, position) values (1, ?)"),
  };
}

async function openDatabase(file: string): Promise<Database> {
  if (values.sqlite === "node:sqlite") {
    const { DatabaseSync } = await import("node:sqlite");
    return new DatabaseSync(file);
  }
  const { openSqliteFile } = await import("./libraries/sqlite-file.ts");
  return openSqliteFile(file);
}

async function listen(onSocket: (socket: Socket) => void): Promise<void> {
  const server =
    tls === undefined
      ? createServer(onSocket)
      : (await import("node:tls")).createServer(
          { ...tls, ca: tls.cert, requestCert: true },
          onSocket,
        );
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo; // a TCP server that listens has one
    say(`port ${port}`);
  });
}

async function dial(port: number): Promise<Socket> {
  if (tls === undefined) return connect(port, "127.0.0.1");
  const { connect: connectTls } = await import("node:tls");
  const checkServerIdentity = (): undefined => undefined;
  return connectTls({ ...tls, ca: tls.cert, host: "127.0.0.1", port, checkServerIdentity });
}

/** Not by `console`, whose stream costs 2 MB of memory. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** Answers a function that waits for one more acknowledgement; the follower sends one a frame. */
function acknowledgements(socket: Socket): () => Promise<void> {
  let received = 0;
  let taken = 0;
  let wake: (() => void) | undefined;
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
    wake?.();
  });
  return async () => {
    taken += 1;
    while (received < taken) await new Promise<void>((resolve) => (wake = resolve));
  };
}
