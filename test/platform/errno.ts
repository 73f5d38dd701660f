/** Failures as the system reports them, made up: for doubles that fail where a disk would. */
import { constants } from "node:os";

/** An error as node:fs throws it; `name` is one that this platform has, such as `ENOSPC`. */
export function errnoError(name: string): Error {
  const numbers: Readonly<Record<string, number>> = constants.errno;
  const errno = numbers[name];
  if (errno === undefined) throw new Error(`expected the name of an error number, got ${name}`);
  return Object.assign(new Error(`${name}: made up by a test`), { code: name, errno: -errno });
}
