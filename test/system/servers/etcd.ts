/** Throwaway etcd members on loopback, reached through their HTTP gateway: version 3 as JSON. */
import { mkdir } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";

import { findFreePort } from "./port.ts";
import { programs } from "./program.ts";
import { startServer, type Server } from "./server.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const host = "127.0.0.1";
const requestDeadlineMs = 5_000;

/** One member of a cluster. */
export interface EtcdMember {
  readonly name: string;
  /** Of its HTTP gateway, for example `http://127.0.0.1:20123`. */
  readonly url: string;
  readonly server: Server;
}

/** A running cluster. */
export interface Etcd extends AsyncDisposable {
  readonly members: readonly EtcdMember[];
  /** Returns the leader that the members still running agree on, or undefined while they don't. */
  findLeader(): Promise<EtcdMember | undefined>;
  /** Ends all members and removes their folder. */
  stop(): Promise<void>;
}

/**
 * Starts a cluster of 1 or 3 members and waits until each can serve: about 2 s.
 * @throws Error that names the package when etcd is not installed.
 */
export async function startEtcd(memberCount: 1 | 3): Promise<Etcd> {
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await makeTemporaryFolder("etcd"));
  const plans: MemberPlan[] = [];
  for (let index = 0; index < memberCount; index++) {
    const [clientPort, peerPort] = [await findFreePort(), await findFreePort()];
    plans.push({
      name: `etcd-${index}`,
      url: `http://${host}:${clientPort}`,
      peerUrl: `http://${host}:${peerPort}`,
    });
  }
  // Together: a member is healthy only once there is a leader.
  const started = await Promise.allSettled(
    plans.map(async (plan) => {
      const server = undo.use(await startMember(folder.path, plan, plans));
      return { name: plan.name, url: plan.url, server };
    }),
  );
  const members = started.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  const owned = undo.move();
  const stop = () => owned.disposeAsync();
  return { members, findLeader: () => findLeader(members), stop, [Symbol.asyncDispose]: stop };
}

/**
 * Writes a key through a member; resolved means committed.
 * @throws Error when the member can't be reached, refuses or takes more than 5 s: the write may
 *   then have happened or not.
 */
export async function putKey(member: EtcdMember, key: string, value: string): Promise<void> {
  await call(member, "/v3/kv/put", { key: toBase64(key), value: toBase64(value) });
}

/**
 * Reads a key through a member, linearizably; undefined when there is none.
 * @throws Error when the member can't be reached or takes more than 5 s.
 */
export async function getKey(member: EtcdMember, key: string): Promise<string | undefined> {
  const answer = await call(member, "/v3/kv/range", { key: toBase64(key) });
  const { kvs } = answer as { kvs?: [{ value?: string }] };
  // An empty value is left out of the JSON.
  return kvs && Buffer.from(kvs[0].value ?? "", "base64").toString();
}

interface MemberPlan {
  readonly name: string;
  readonly url: string;
  readonly peerUrl: string;
}

async function startMember(
  folder: string,
  plan: MemberPlan,
  plans: readonly MemberPlan[],
): Promise<Server> {
  const dataFolder = join(folder, plan.name);
  await mkdir(dataFolder, { mode: 0o700 });
  return startServer({
    name: plan.name,
    program: programs.etcd,
    args: [
      `--name=${plan.name}`,
      `--data-dir=${dataFolder}`,
      `--listen-client-urls=${plan.url}`,
      `--advertise-client-urls=${plan.url}`,
      `--listen-peer-urls=${plan.peerUrl}`,
      `--initial-advertise-peer-urls=${plan.peerUrl}`,
      `--initial-cluster=${plans.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(",")}`,
      "--initial-cluster-state=new",
      "--initial-cluster-token=hakiri",
      "--logger=zap",
      "--log-outputs=stderr",
    ],
    folder,
    // Version 3.4 refuses to start on arm64 without it.
    ...(arch() === "arm64" ? { env: { ETCD_UNSUPPORTED_ARCH: "arm64" } } : {}),
    isReady: async (signal) => {
      const answer = await (await fetch(`${plan.url}/health`, { signal })).json();
      return (answer as { health?: string }).health === "true";
    },
  });
}

async function findLeader(members: readonly EtcdMember[]): Promise<EtcdMember | undefined> {
  const running = members.filter(({ server }) => server.isRunning());
  const views = await Promise.all(
    running.map(async (member) => {
      const status = await call(member, "/v3/maintenance/status", {}).catch(() => ({}));
      // Ids are decimal strings: they don't fit a double.
      const { header, leader } = status as { header?: { member_id?: string }; leader?: string };
      return { member, id: header?.member_id, leader };
    }),
  );
  const leaders = new Set(views.map(({ leader }) => leader));
  if (leaders.size !== 1) return undefined;
  return views.find(({ id, leader }) => id !== undefined && id === leader)?.member;
}

async function call(member: EtcdMember, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${member.url}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(requestDeadlineMs),
  });
  if (!response.ok) {
    throw new Error(
      `${member.name} answered ${response.status} to ${path}: ${await response.text()}`,
    );
  }
  return response.json();
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}
