/**
 * What every tidy check is: a pure function over files, with a floor on how much it looks at.
 */
import type { TreeFile } from "../tree.ts";

/** One check of the tree. */
export interface Check {
  /** What holds for the tree when the check is silent. */
  readonly claim: string;
  /** The fewest files that must be looked at in the real tree; fewer is a failure. */
  readonly floor: number;
  /** Whether the check looks at this path. */
  readonly looksAt: (path: string) => boolean;
  /** Finds the violations in the files it looks at, each as `path: fault`. `tree` is everything. */
  readonly find: (files: readonly TreeFile[], tree: readonly TreeFile[]) => readonly string[];
}

/** A file that a check must leave alone, and why. */
export interface Exception {
  readonly check: string;
  readonly path: string;
  readonly reason: string;
}

/** What a check said about a tree. */
export interface CheckReport {
  readonly filesSeen: number;
  readonly messages: readonly string[];
}

/** Runs a check over a tree, through its own choice of files. */
export function runCheck(check: Check, tree: readonly TreeFile[]): CheckReport {
  const files = tree.filter((file) => check.looksAt(file.path));
  return { filesSeen: files.length, messages: check.find(files, tree) };
}

/** Drops what the exceptions of a check allow, and adds a message for each that allows nothing. */
export function applyExceptions(
  messages: readonly string[],
  exceptions: readonly Exception[],
): readonly string[] {
  const covers = (exception: Exception, message: string): boolean =>
    message.startsWith(`${exception.path}:`);
  const kept = messages.filter((message) => !exceptions.some((one) => covers(one, message)));
  const stale = exceptions
    .filter((one) => !messages.some((message) => covers(one, message)))
    .map((one) => `${one.path}: the exception "${one.reason}" is no longer needed`);
  return [...kept, ...stale];
}
