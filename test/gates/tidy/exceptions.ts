/**
 * The files that a tidy check leaves alone, each with its reason. One that is no longer needed is
 * reported.
 */
import type { Exception } from "./check.ts";
import type { CheckName } from "./checks.ts";

/** The exceptions of the tree; keep it short. */
export const exceptions: readonly (Exception & { readonly check: CheckName })[] = [
  {
    check: "conditionalTests",
    path: "test/platform/idle-memory.test.ts",
    reason: "asks for what only Linux's kernel does",
  },
  {
    check: "sleeps",
    path: "test/system/servers/deadline.ts",
    reason: "pauses between two looks at a condition, and ends at a deadline",
  },
];
