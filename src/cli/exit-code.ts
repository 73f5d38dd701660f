/** Exit codes of the command line: one per way in which a caller would go on. */
import type { ErrorKind, ErrorRecord } from "../core/error.ts";

/** The command did what it was asked. */
export const exitDone = 0;

/** A broken invariant: a defect of hakiri itself. */
export const exitDefect = 1;

/** SIGINT or SIGTERM ended the command, cleanly where it came once. */
export const exitInterrupted = 130;

/** Every exit code with what it means, as `hakiri help exit-codes` prints them. */
export const exitCodes: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: exitDone, meaning: "done" },
  { code: exitDefect, meaning: "a defect of hakiri: please report it" },
  { code: 2, meaning: "the command line, a configuration or an SQL text is wrong" },
  { code: 3, meaning: "failed for good: damaged store, disk full, a newer format, a failed test" },
  { code: 4, meaning: "the data doesn't fit the schema, and no lossless change makes it fit" },
  { code: 5, meaning: "credentials are missing, wrong or expired" },
  { code: 6, meaning: "failed for now, after the last attempt: try again later" },
  { code: 7, meaning: "refused: somebody else runs this pipeline, or rights are missing" },
  { code: 8, meaning: "a conflict that somebody must decide, or a check that failed" },
  {
    code: exitInterrupted,
    meaning: "interrupted; nothing half done is visible, and the same command goes on",
  },
];

const byPrefix: ReadonlyMap<string, number> = new Map([
  ["defect", exitDefect],
  ["usage", 2],
  ["refused", 7],
  ["conflict", 8],
  ["interrupted", exitInterrupted],
]);

const byCode: ReadonlyMap<string, number> = new Map([
  // Cancelled before it began, by whoever asked for it.
  ["run.cancelled", exitInterrupted],
]);

const byKind: Readonly<Record<ErrorKind, number>> = {
  Permanent: 3,
  SchemaIncompatible: 4,
  AuthExpired: 5,
  Transient: 6,
  RateLimited: 6,
};

/** The exit code of a failure: by its code or the first part of it, else by its kind. */
export function exitCodeOf(error: Pick<ErrorRecord, "kind" | "code">): number {
  const prefix = error.code.split(".", 1)[0] ?? "";
  return byCode.get(error.code) ?? byPrefix.get(prefix) ?? byKind[error.kind];
}
