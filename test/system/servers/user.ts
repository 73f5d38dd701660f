/** The machine's users: who runs the tests, and whom a server runs as. */
import { readFile } from "node:fs/promises";

/** A user of the machine by its numbers. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Whether the tests run as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Throws unless the tests run as root.
 * @param what needs it, as the message's subject: "network namespaces".
 */
export function expectRoot(what: string): void {
  if (isRoot()) return;
  throw new Error(`expected to run as root, ran as user ${process.getuid?.()}: ${what} need it`);
}

/**
 * Finds a user in /etc/passwd.
 * @param name for example `postgres`.
 * @throws Error when there is none, with the package that creates it.
 */
export async function findUser(name: string, packageName: string): Promise<User> {
  for (const line of (await readFile("/etc/passwd", "utf8")).split("\n")) {
    const [login, , uid, gid] = line.split(":");
    if (login === name) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`expected a user ${name}; install with apt-get install ${packageName}`);
}
