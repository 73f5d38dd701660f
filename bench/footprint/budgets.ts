/** The budgets of docs/footprint.md. MB are 10^6 bytes, also of memory. */

/** Compressed size of a profile's tarball, node included. */
export const tarballMb = { coord: 50, core: 50, full: 150 } as const;

/** Resident set when idle: core's handler, full's process tree, coord's leader of three. */
export const idleMb = { coord: 50, core: 60, full: 180 } as const;

/** The zip for a host that brings its own node. */
export const lambdaZipMb = 30;

/** A cold start on a quiet machine. */
export const coldStartMs = 200;

/**
 * Cold starts against `node -e 0` in the same run, for machines whose speed drifts. Both are 1.2 to
 * 1.4 here; the handler's bound is ours, tight enough that a library loaded too early is seen.
 */
export const coldStartRatio = { version: 2.5, handler: 2 } as const;

/** Debian 12, Ubuntu 22.04 and RHEL 9 have glibc 2.34 or newer. */
export const glibcMinor = 34;
