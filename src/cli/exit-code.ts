/** Exit codes of the command line: one per way in which a caller would go on. */
import type { ErrorKind, ErrorRecord } from "../core/error.ts";

/** The command did what it was asked. */
export const exitDone = 0;

/** A broken invariant: a defect of hakiri itself. */
export const exitDefect = 1;

const byPrefix: ReadonlyMap<string, number> = new Map([
  ["usage", 2],
  ["refused", 7],
  ["conflict", 8],
]);

const byKind: Readonly<Record<ErrorKind, number>> = {
  Permanent: 3,
  SchemaIncompatible: 4,
  AuthExpired: 5,
  Transient: 6,
  RateLimited: 6,
};

/** The exit code of a failure: by the first part of its code, else by its kind. */
export function exitCodeOf(error: Pick<ErrorRecord, "kind" | "code">): number {
  const prefix = error.code.split(".", 1)[0] ?? "";
  return byPrefix.get(prefix) ?? byKind[error.kind];
}
