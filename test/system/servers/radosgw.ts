/**
 * A throwaway Ceph object gateway on loopback: an S3 server that honours conditional writes.
 * One monitor, one object store in memory, one gateway; nothing survives a stop.
 *
 * Where radosgw 16 differs from S3, and what is done about it:
 * R1 `If-Match` compares the ETag unquoted, so a quoted one (what S3 asks for and what the gateway
 *    itself returns) never matches. `createS3Client` takes the quotes off before signing.
 * R2 A body sent with the SDK's default trailing checksum is refused with 411; the client computes
 *    checksums only where S3 requires them.
 * R3 A contended `If-Match` may answer 500: the write may or may not have happened. Read again. The
 *    SDK's own retry would hide that behind the 412 of its second attempt: the client makes one.
 * R4 Completing a multipart upload and DELETE ignore conditions. Never rely on either.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";

import { waitUntil } from "./deadline.ts";
import { findFreePort } from "./port.ts";
import { programs, runProgram, type Program } from "./program.ts";
import { startServer, type Server, type ServerOptions } from "./server.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const host = "127.0.0.1";
const keyringFile = "keyring";

/** A running gateway with one user. */
export interface Radosgw extends AsyncDisposable {
  /** For example `http://127.0.0.1:20123`; buckets are the first part of the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The gateway's own process. */
  readonly server: Server;
  /** Makes a client that knows the quirks R1 to R3; the caller destroys it. */
  createS3Client(config?: Partial<S3ClientConfig>): S3Client;
  /** Ends the gateway, the store and the monitor, and removes their folder. */
  stop(): Promise<void>;
}

/**
 * Starts monitor, store and gateway and creates the user: about 3 s.
 * @throws Error that names the package of the first program that is missing.
 */
export async function startRadosgw(): Promise<Radosgw> {
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await makeTemporaryFolder("radosgw"));
  const daemon = async (options: CephDaemon) => undo.use(await startDaemon(folder.path, options));
  const run = (program: Program, ...args: string[]) =>
    runProgram(program, args, { cwd: folder.path, env: cephEnvironment(folder.path) });

  await makeMonitor(folder.path, run);
  await daemon({
    program: programs["ceph-mon"],
    args: ["-i", "a"],
    isReady: async () =>
      (await run(programs.ceph, "--connect-timeout=5", "mon", "stat")).length > 0,
  });

  const storeId = randomUUID();
  await mkdir(join(folder.path, "osd"));
  await run(programs.ceph, "osd", "new", storeId);
  await run(programs["ceph-osd"], "--mkfs", "-i", "0", "--osd-uuid", storeId);
  await daemon({
    program: programs["ceph-osd"],
    args: ["-i", "0"],
    isReady: async () => {
      const text = (await run(programs.ceph, "osd", "stat", "--format=json")).toString();
      return /"num_up_osds":\s*1\b/.test(text);
    },
  });

  const credentials = {
    accessKeyId: randomBytes(10).toString("hex").toUpperCase(),
    secretAccessKey: randomBytes(20).toString("hex"),
  };
  await createUser(run, credentials);

  const port = await findFreePort();
  const endpoint = `http://${host}:${port}`;
  const server = await daemon({
    program: programs.radosgw,
    args: ["-n", "client.admin", `--rgw-frontends=beast endpoint=${host}:${port}`],
    isReady: async (signal) => (await fetch(endpoint, { signal })).ok,
  });

  const region = "us-east-1";
  const owned = undo.move();
  const stop = () => owned.disposeAsync();
  return {
    endpoint,
    region,
    credentials,
    server,
    createS3Client: (config) =>
      createS3Client({ endpoint, region, credentials: { ...credentials }, ...config }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Run = (program: Program, ...args: string[]) => Promise<Buffer>;
type CephDaemon = Pick<ServerOptions, "program" | "args" | "isReady">;

function startDaemon(folder: string, { program, args, isReady }: CephDaemon): Promise<Server> {
  return startServer({
    name: program.name,
    program,
    args: ["-f", ...args],
    folder,
    env: cephEnvironment(folder),
    isReady,
  });
}

function cephEnvironment(folder: string): Record<string, string> {
  return { CEPH_CONF: join(folder, "ceph.conf"), HOME: folder };
}

async function makeMonitor(folder: string, run: Run): Promise<void> {
  const clusterId = randomUUID();
  const address = `v2:${host}:${await findFreePort()}`;
  await writeFile(join(folder, "ceph.conf"), cephSettings(folder, clusterId, address));
  // Real keys: with authentication off ("none") the gateway can't log in to the monitor at all.
  const key = (...args: string[]) =>
    run(programs["ceph-authtool"], keyringFile, "--gen-key", ...args);
  await writeFile(join(folder, keyringFile), "", { mode: 0o600 });
  await key("-n", "mon.", "--cap", "mon", "allow *");
  await key("-n", "client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *");
  await key("-n", "osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *");
  const map = ["--create", "--fsid", clusterId, "--addv", "a", `[${address}]`, "monmap"];
  await run(programs.monmaptool, ...map);
  const files = ["--monmap", "monmap", "--keyring", keyringFile];
  await run(programs["ceph-mon"], "--mkfs", "-i", "a", ...files);
}

function cephSettings(folder: string, clusterId: string, monitorAddress: string): string {
  return `[global]
fsid = ${clusterId}
mon host = [${monitorAddress}/0]
mon initial members = a
public addr = ${host}
cluster addr = ${host}
keyring = ${join(folder, keyringFile)}
mon data = ${join(folder, "mon")}
osd data = ${join(folder, "osd")}
run dir = ${folder}
admin socket = ${join(folder, "$name.asok")}
chdir =
pid file =
log file =
mon cluster log file =
log to stderr = true
err to stderr = true

# One store in memory, one copy.
osd objectstore = memstore
memstore device bytes = 2147483648
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
osd pool default pg autoscale mode = off
osd pool default pg num = 1
osd pool default pgp num = 1
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1

# A lone monitor needn't gather proposals: every change of a map waits for this (default 1 s).
paxos propose interval = 0.02
paxos min wait = 0.01

rgw thread pool size = 64
rgw enable gc threads = false
rgw enable lc threads = false
rgw enable quota threads = false
rgw enable usage log = false
rgw dynamic resharding = false
rgw run sync thread = false
`;
}

/** The first command that meets the gateway's pools also creates them, and may come too soon. */
async function createUser(run: Run, user: Radosgw["credentials"]): Promise<void> {
  const names = ["--uid=hakiri", "--display-name=hakiri"];
  const keys = [`--access-key=${user.accessKeyId}`, `--secret-key=${user.secretAccessKey}`];
  await waitUntil("radosgw-admin to create a user", async () => {
    await run(programs["radosgw-admin"], "user", "create", ...names, ...keys);
    return true;
  });
}

function createS3Client(config: S3ClientConfig): S3Client {
  const client = new S3Client({
    forcePathStyle: true,
    maxAttempts: 1, // R3
    requestChecksumCalculation: "WHEN_REQUIRED", // R2
    responseChecksumValidation: "WHEN_REQUIRED",
    ...config,
  });
  // R1. Signing follows the build step, so the header is signed as it is sent.
  client.middlewareStack.add(
    (next) => (args) => {
      if (hasHeaders(args.request)) {
        const { headers } = args.request;
        const etag = headers["if-match"];
        if (etag !== undefined) headers["if-match"] = etag.replace(/^"(.*)"$/, "$1");
      }
      return next(args);
    },
    { step: "build", name: "unquoteIfMatch" },
  );
  return client;
}

function hasHeaders(request: unknown): request is { headers: Record<string, string | undefined> } {
  return typeof request === "object" && request !== null && "headers" in request;
}
