/** The network whose links the cluster's tests cut and heal. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFile, readdir, readlink } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { waitUntil } from "./servers/deadline.ts";
import { startNetwork, type NetworkHost } from "./servers/network.ts";
import { programs, runProgram } from "./servers/program.ts";

const peerScript = fileURLToPath(new URL("guests/tcp-peer.ts", import.meta.url));
const port = 7000;
// More than one packet dropped means that TCP itself has tried again in vain.
const droppedMin = 3;

test("two hosts exchange bytes over TCP", async () => {
  await using network = await startNetwork(2);
  await using pair = await connectPair(network.hosts);
  pair.left.say("one");
  pair.right.say("two");
  await waitUntil("both lines to arrive", () => pair.right.heard("one") && pair.left.heard("two"));
});

test("a one-way cut stops that direction only, and healing delivers what was held up", async () => {
  await using network = await startNetwork(2);
  await using pair = await connectPair(network.hosts);
  const { left, right } = pair;
  left.say("before");
  await waitUntil("a line before the cut", () => right.heard("before"));
  expect(await network.countDropped(right.host)).toBe(0);

  await network.cut(left.host, right.host);
  left.say("during");
  right.say("back");
  await waitUntil("the other direction to go on", () => left.heard("back"));
  await waitUntil(
    "the cut to drop retries",
    async () => (await network.countDropped(right.host)) >= droppedMin,
  );
  expect(right.heard("during")).toBe(false);
  expect(await network.countDropped(left.host)).toBe(0);

  await network.heal(left.host, right.host);
  await waitUntil("the line to arrive after healing", () => right.heard("during"));
});

test("a cut between two hosts leaves the third one's links alone", async () => {
  await using network = await startNetwork(3);
  const [a, b, c] = network.hosts;
  if (!a || !b || !c) throw new Error("expected three hosts");
  await network.cut(a, b);
  await network.cut(b, a);
  await using throughThird = await connectPair([a, c]);
  throughThird.left.say("hello");
  await waitUntil("a line to the third host", () => throughThird.right.heard("hello"));
  await using other = await connectPair([b, c], port + 1);
  other.right.say("hello");
  await waitUntil("a line from the third host", () => other.left.heard("hello"));
  expect(await network.countDropped(c)).toBe(0);
});

test("the machine's own network gets no interface and no route", async () => {
  await using network = await startNetwork(2);
  const [host] = network.hosts;
  const show = async (enter: readonly string[]) => {
    const links = await runProgram(programs.ip, ["-brief", "link"], { enter });
    const routes = await runProgram(programs.ip, ["route"], { enter });
    return links.toString() + routes.toString();
  };
  expect(await show(host?.enter ?? [])).toMatch(/^eth0.*^10\.77\.0\.0\/24/ms);
  expect(await show([])).not.toMatch(/^bridge|^port0|10\.77\.0/m);
});

test("a stopped network leaves no namespace", async () => {
  const network = await startNetwork(2);
  const own = await readlink("/proc/self/ns/net");
  const made = (await namespaces(process.pid)).difference(new Set([own]));
  expect(made.size).toBe(3);
  await network.stop();
  expect((await namespaces()).intersection(made)).toEqual(new Set());
});

interface Peer {
  readonly host: NetworkHost;
  say(line: string): void;
  /** Whether the line has arrived from the other side. */
  heard(line: string): boolean;
}

interface Pair extends AsyncDisposable {
  readonly left: Peer;
  readonly right: Peer;
}

/** Connects the first host (left) to the second (right), which listens. */
async function connectPair(hosts: readonly NetworkHost[], at = port): Promise<Pair> {
  const [from, to] = hosts;
  if (!from || !to) throw new Error("expected two hosts");
  await using undo = new AsyncDisposableStack();
  const right = undo.use(startPeer(to, [String(at)]));
  await waitUntil("the peer to listen", () => right.status().includes("listening"));
  const left = undo.use(startPeer(from, [String(at), to.address]));
  await waitUntil("the peers to connect", () =>
    [left, right].every((peer) => peer.status().includes("connected")),
  );
  const owned = undo.move();
  return { left, right, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function startPeer(host: NetworkHost, args: readonly string[]) {
  const [file = "", ...rest] = [...host.enter, process.execPath, peerScript, ...args];
  const child = spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"] });
  const output = collect(child.stdout);
  const status = collect(child.stderr);
  return {
    host,
    say: (line: string) => void child.stdin.write(`${line}\n`),
    heard: (line: string) => output().split("\n").includes(line),
    status,
    [Symbol.asyncDispose]: () => endPeer(child),
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

async function endPeer(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await waitUntil("the peer to end", () => child.exitCode !== null || child.signalCode !== null);
}

/** The network namespaces that any process is in, or those that the children of one are in. */
async function namespaces(parent?: number): Promise<Set<string>> {
  const found = new Set<string>();
  for (const pid of await readdir("/proc")) {
    // A process may end while it's looked at.
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (parent !== undefined && !status.includes(`\nPPid:\t${parent}\n`)) continue;
    const namespace = await readlink(`/proc/${pid}/ns/net`).catch(() => undefined);
    if (namespace !== undefined) found.add(namespace);
  }
  return found;
}
