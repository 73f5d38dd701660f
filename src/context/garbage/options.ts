/** What a garbage collection works with, and how much it spares. */
import type { Catalog, Pins } from "../../core/ports/catalog.ts";
import type { Claims } from "../../core/ports/claim.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Publisher } from "../publish.ts";
import type { BootClock } from "./clock-witness.ts";

/** What it works with. */
export interface GarbageContext {
  readonly catalog: Catalog;
  readonly claims: Claims;
  readonly pins: Pins;
  readonly publisher: Publisher;
  readonly clock: Clock;
  /** Tells whether the clock was set. */
  readonly bootClock: BootClock;
}

/** What it spares. Times are microseconds. */
export interface GarbageOptions {
  /** Snapshots that are younger are kept. */
  readonly retentionMicros: bigint;
  /** At least so many snapshots are kept, the newest ones; 1 at least. */
  readonly keep: number;
  /** A file that no snapshot holds is kept for so long, for who reads it without a pin. */
  readonly graceMicros: bigint;
  /** What a run staged that ended without a commit is kept for so long, to be gone on from. */
  readonly resumeTtlMicros: bigint;
  /** Says what it would do, and does nothing. */
  readonly dryRun: boolean;
  /** Goes on where the clock seems to have jumped. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

const hourMicros = 3_600_000_000n;

/** What is spared where the user doesn't say. */
export const garbageDefaults = {
  retentionMicros: 7n * 24n * hourMicros,
  keep: 10,
  graceMicros: 24n * hourMicros,
  resumeTtlMicros: 7n * 24n * hourMicros,
} as const satisfies Partial<GarbageOptions>;
