/** What the system says of a failed step on a disk, as the filesystem port promises it. */
import { HakiriError } from "../core/error.ts";

/** A step that the system refused. */
export interface FailedStep {
  /** What was tried, as in "expected to {deed} {path}": `write`, `make the folder`. */
  readonly deed: string;
  readonly path: string;
  /** What to do about it where the step knows better than the error number. */
  readonly hint?: string | undefined;
}

/**
 * The HakiriError of a failed step, of kind Permanent: `disk.full` (ENOSPC, EDQUOT),
 * `disk.permission` (EACCES, EPERM), `disk.read_only` (EROFS), `disk.missing` (ENOENT), else
 * `disk.failed`. What no system call reported is a defect or a HakiriError already, and comes back
 * as it was.
 */
export function diskError(cause: unknown, step: FailedStep): unknown {
  const errno = errnoOf(cause);
  if (errno === null) return cause;
  const found = meanings.get(errno) ?? {
    code: "disk.failed",
    means: messageOf(cause),
    hint: anyHint,
  };
  return new HakiriError(
    {
      kind: "Permanent",
      code: found.code,
      message: `expected to ${step.deed} '${step.path}', got ${errno}: ${found.means}`,
      hint: step.hint ?? found.hint,
    },
    { cause },
  );
}

/** Runs a step, and throws what `diskError` makes of its failure. */
export async function onDisk<T>(step: FailedStep, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw diskError(error, step);
  }
}

/** The name of the number that a system call failed with, such as `ENOENT`; null for others. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || !("errno" in error)) return null;
  return typeof error.code === "string" && typeof error.errno === "number" ? error.code : null;
}

interface Meaning {
  readonly code: string;
  readonly means: string;
  readonly hint: string;
}

const anyHint = "look for this error in the system's log, then run the same command again";
const fullHint = "free space there, then run the same command again; what was committed is kept";
const permissionHint = "check the owner and mode of that path and of the folders above it";
const readOnlyHint = "mount that filesystem for writing, or move the project to one that is";
const missingHint = "something else removed or moved it: run 'hakiri doctor'";
const openHint = "close other programs, or raise the limit: ulimit -n 4096";
const placeHint = "move away what stands there under that name";
const damageHint =
  "the disk may be failing: save a copy of the project and look at the system's log";

const meanings: ReadonlyMap<string, Meaning> = new Map([
  ["ENOSPC", { code: "disk.full", means: "no space is left", hint: fullHint }],
  ["EDQUOT", { code: "disk.full", means: "the quota is used up", hint: fullHint }],
  ["EACCES", { code: "disk.permission", means: "permission denied", hint: permissionHint }],
  ["EPERM", { code: "disk.permission", means: "operation not permitted", hint: permissionHint }],
  ["EROFS", { code: "disk.read_only", means: "read-only filesystem", hint: readOnlyHint }],
  ["ENOENT", { code: "disk.missing", means: "no such file or folder", hint: missingHint }],
  ["EMFILE", { code: "disk.failed", means: "too many open files here", hint: openHint }],
  ["ENFILE", { code: "disk.failed", means: "too many open files in the system", hint: openHint }],
  ["EEXIST", { code: "disk.failed", means: "the name is taken", hint: placeHint }],
  [
    "ENOTDIR",
    { code: "disk.failed", means: "a file stands where a folder must be", hint: placeHint },
  ],
  [
    "EISDIR",
    { code: "disk.failed", means: "a folder stands where a file must be", hint: placeHint },
  ],
  ["EIO", { code: "disk.failed", means: "the disk reports an error", hint: damageHint }],
]);

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
