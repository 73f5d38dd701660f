/**
 * Hosts on one machine: network namespaces joined by a bridge, with links that are cut and healed.
 *
 * N1 Nothing is done to the machine's own network: the bridge has a namespace of its own.
 * N2 A namespace has no name and lives as long as one process that holds it, which dies with the
 *    test. Links, addresses and rules go with their namespace, so nothing can be left over.
 * N3 A cut drops packets where they arrive, after the bridge: one direction at a time, silently, as
 *    a broken network does. A connection notices nothing but silence.
 */
import { readlink } from "node:fs/promises";

import { findProgram, programs, runProgram, type Program } from "./program.ts";
import { startServer, type Server } from "./server.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { expectRoot } from "./user.ts";

const subnet = "10.77.0";
const hostsMax = 250;
const firewall = `
table inet hakiri {
  set cut { type ipv4_addr; }
  chain input {
    type filter hook input priority 0; policy accept;
    ip saddr @cut counter drop
  }
}
`;

/** A host of the network. */
export interface NetworkHost {
  /** Its IPv4 address, which the other hosts reach. */
  readonly address: string;
  /** Put before a command, runs it in this host; execs, so the process id is the command's. */
  readonly enter: readonly string[];
}

/** A running network. */
export interface Network extends AsyncDisposable {
  readonly hosts: readonly NetworkHost[];
  /** Drops all packets that go from one host to another, and not those that come back. */
  cut(from: NetworkHost, to: NetworkHost): Promise<void>;
  /** Ends a cut; packets dropped until now are lost, TCP sends them again. */
  heal(from: NetworkHost, to: NetworkHost): Promise<void>;
  /** Counts the packets that cuts dropped on their arrival at a host since the start. */
  countDropped(to: NetworkHost): Promise<number>;
  /** Removes all namespaces; what still runs inside loses its network. */
  stop(): Promise<void>;
}

/**
 * Makes hosts that all reach each other.
 * @param hostCount 1 to 250.
 * @throws Error when not run as root, or a program is missing.
 */
export async function startNetwork(hostCount: number): Promise<Network> {
  expectRoot("network namespaces");
  if (hostCount < 1 || hostCount > hostsMax) {
    throw new RangeError(`expected 1 to ${hostsMax} hosts, got ${hostCount}`);
  }
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await makeTemporaryFolder("network"));
  const hold = async (name: string) => undo.use(await holdNamespace(folder.path, name));

  const bridge = await hold("bridge");
  await inside(bridge, programs.ip, "link add bridge type bridge\nlink set bridge up\n");
  const hosts: NetworkHost[] = [];
  for (let index = 0; index < hostCount; index++) {
    const holder = await hold(`host-${index}`);
    const address = `${subnet}.${index + 1}`;
    await join(bridge, holder, { port: `port${index}`, address });
    hosts.push({ address, enter: enterNamespace(holder) });
  }

  const owned = undo.move();
  const stop = () => owned.disposeAsync();
  return {
    hosts,
    cut: (from, to) => nft(to, `add element inet hakiri cut { ${from.address} }`),
    heal: (from, to) => nft(to, `delete element inet hakiri cut { ${from.address} }`),
    countDropped,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Starts the process that a namespace lives by (N2). */
function holdNamespace(folder: string, name: string): Promise<Server> {
  return startServer({
    name,
    program: programs.unshare,
    args: ["--net", "--", "sleep", "infinity"],
    folder,
    stopSignal: "SIGKILL",
    isReady: async (_signal, pid) =>
      (await readlink(`/proc/${pid}/ns/net`)) !== (await readlink("/proc/self/ns/net")),
  });
}

async function join(
  bridge: Server,
  host: Server,
  link: { readonly port: string; readonly address: string },
): Promise<void> {
  await inside(
    bridge,
    programs.ip,
    `link add ${link.port} type veth peer name eth0 netns ${host.pid}\n` +
      `link set ${link.port} master bridge up\n`,
  );
  await inside(
    host,
    programs.ip,
    `link set lo up\naddress add ${link.address}/24 dev eth0\nlink set eth0 up\n`,
  );
  await inside(host, programs.nft, firewall);
}

/** Feeds a script to `ip` or `nft` in a namespace. */
async function inside(holder: Server, program: Program, script: string): Promise<void> {
  const args = program === programs.ip ? ["-batch", "-"] : ["-f", "-"];
  await runProgram(program, args, { enter: enterNamespace(holder), input: script });
}

function enterNamespace(holder: Server): readonly string[] {
  return [findProgram(programs.nsenter), `--net=/proc/${holder.pid}/ns/net`, "--"];
}

async function nft(host: NetworkHost, command: string): Promise<void> {
  await runProgram(programs.nft, ["-f", "-"], { enter: host.enter, input: `${command}\n` });
}

async function countDropped(to: NetworkHost): Promise<number> {
  const args = ["list", "chain", "inet", "hakiri", "input"];
  const text = (await runProgram(programs.nft, args, { enter: to.enter })).toString();
  const packets = /counter packets (\d+)/.exec(text)?.[1];
  if (packets === undefined) throw new Error(`expected a counter, found: ${text}`);
  return Number(packets);
}
