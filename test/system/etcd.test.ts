/** The etcd cluster that the coordinators are compared with. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { waitUntil } from "./servers/deadline.ts";
import { getKey, putKey, startEtcd, type Etcd, type EtcdMember } from "./servers/etcd.ts";

let etcd: Etcd;

beforeAll(async () => {
  etcd = await startEtcd(3);
});

afterAll(() => etcd?.stop());

test("a value put through one member is read through all three", async () => {
  const [first] = etcd.members;
  if (first === undefined) throw new Error("expected members");
  await putKey(first, "shared", "värde");
  const values = await Promise.all(etcd.members.map((member) => getKey(member, "shared")));
  expect(values).toEqual(["värde", "värde", "värde"]);
});

test("a key that was never put is absent, an empty value isn't", async () => {
  const leader = await leaderOf(etcd);
  await putKey(leader, "empty", "");
  expect(await getKey(leader, "empty")).toBe("");
  expect(await getKey(leader, "never")).toBeUndefined();
});

test("a single member serves alone", async () => {
  await using single = await startEtcd(1);
  const leader = await leaderOf(single);
  await putKey(leader, "alone", "yes");
  expect(await getKey(leader, "alone")).toBe("yes");
});

test("a value survives the leader's crash, and the other two take writes", async () => {
  const leader = await leaderOf(etcd);
  await putKey(leader, "durable", "before");
  await leader.server.kill();
  expect(leader.server.isRunning()).toBe(false);

  const next = await leaderOf(etcd);
  expect(next.name).not.toBe(leader.name);
  const survivors = etcd.members.filter((member) => member !== leader);
  expect(survivors).toHaveLength(2);
  for (const member of survivors) expect(await getKey(member, "durable")).toBe("before");
  await putKey(next, "durable", "after");
  expect(await getKey(next, "durable")).toBe("after");
});

async function leaderOf({ findLeader }: Etcd): Promise<EtcdMember> {
  let leader: EtcdMember | undefined;
  await waitUntil("a leader", async () => {
    leader = await findLeader();
    return leader !== undefined;
  });
  if (leader === undefined) throw new Error("expected a leader");
  return leader;
}
