/**
 * Refuses a folder on a network filesystem: claims rest on file locks, and those may not keep two
 * machines apart there.
 */
import { execFile } from "node:child_process";
import { readFile, realpath, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { refused } from "../core/refusal.ts";
import { errnoOf, onDisk } from "./disk-error.ts";
import { linuxMounts, macosMounts, mountOf } from "./mount-table.ts";
import { linuxKindOfMagic, linuxNetworkName, macosNetworkName } from "./network-kind.ts";

/**
 * Resolves when a path lies on a disk of this machine; what doesn't exist yet is judged by the
 * nearest folder above it. Throws HakiriError `refused.network_filesystem`, which exits with 7, or
 * a disk code where the path can't be looked at.
 */
export async function requireLocalFilesystem(path: string): Promise<void> {
  const absolute = resolve(path);
  const name = await onDisk({ deed: "look at the filesystem of", path: absolute }, async () =>
    networkNameOf(await nearestReal(absolute)),
  );
  if (name === null) return;
  throw refused(
    "network_filesystem",
    `expected '${absolute}' on a disk of this machine, got a network filesystem (${name})`,
    "move the project to a local disk, or join a cluster: hakiri node start --coord HOST:PORT",
  );
}

async function networkNameOf(realPath: string): Promise<string | null> {
  if (process.platform === "darwin") {
    const { stdout } = await run("/sbin/mount", [], { timeout: mountTimeoutMs });
    return macosNetworkName(mountOf(realPath, macosMounts(stdout)));
  }
  if (process.platform !== "linux") return null;
  const found = linuxKindOfMagic((await statfs(realPath, { bigint: true })).type);
  switch (found.kind) {
    case "local":
      return null;
    case "network":
      return found.name;
    case "undecided":
      return linuxNetworkName(mountOf(realPath, linuxMounts(await mountinfo())));
  }
}

/** `mount` lists what the kernel has at hand and asks no server, so this is never waited for. */
const mountTimeoutMs = 10_000;

const run = promisify(execFile);

/** Empty where there is no /proc. */
async function mountinfo(): Promise<string> {
  try {
    return await readFile("/proc/self/mountinfo", "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "";
    throw error;
  }
}

/** Resolves symbolic links in a path, or in the nearest one above it that exists. */
async function nearestReal(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || path === dirname(path)) throw error;
    return nearestReal(dirname(path));
  }
}
