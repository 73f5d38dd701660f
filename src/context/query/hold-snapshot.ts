/**
 * Finds the snapshot that a query is to read, and pins it.
 *
 *   H1. What is pinned is looked at again after: a snapshot may expire between the two, and only
 *       one that the catalog still knows under the pin has all its files.
 */
import { parseTimestamp } from "../../columns/temporal-text.ts";
import { usageError, type HakiriError } from "../../core/error.ts";
import type { CatalogQueries, Pins, SnapshotRecord } from "../../core/ports/catalog.ts";
import { microseconds, timestampText } from "./format/temporal-text.ts";

/** A snapshot that is held. */
export interface HeldSnapshot {
  /** 0 before the first snapshot: a store without tables. */
  readonly sequence: number;
  /** Of its pin. */
  readonly pinName: string;
  /** Gives it up. Idempotent. */
  release(): void;
}

/** What a snapshot is found with. */
export interface SnapshotContext {
  readonly catalog: Pick<CatalogQueries, "head" | "snapshots" | "snapshotAt">;
  readonly pins: Pins;
}

/** How often a newer head is taken where the one before expired at once. */
export const holdTriesMax = 8;

/**
 * Holds the newest snapshot, or the one that `at` names: a sequence, or a time, which is RFC 3339
 * with microseconds, a date being its midnight and no zone meaning UTC; then it is the last
 * snapshot at or before it. Throws Permanent `usage.snapshot` for another text, and
 * `usage.unknown_snapshot`, which names those that are kept.
 */
export async function holdSnapshot(
  context: SnapshotContext,
  at: string | null,
): Promise<HeldSnapshot> {
  for (let tries = 0; tries < holdTriesMax; tries += 1) {
    const sequence = at === null ? await newest(context) : await named(context, at);
    const pin = context.pins.pin(sequence);
    try {
      if (sequence === 0 || (await context.catalog.snapshotAt({ sequence })) !== null) {
        return { sequence, pinName: pin.name, release: () => pin.release() }; // H1
      }
    } catch (error) {
      pin.release();
      throw error;
    }
    pin.release();
    if (at !== null) throw await unknownSnapshot(context, at);
  }
  throw new Error(`expected a snapshot that stays for a moment, tried ${holdTriesMax}`);
}

async function newest({ catalog }: SnapshotContext): Promise<number> {
  return (await catalog.head()).sequence;
}

async function named(context: SnapshotContext, at: string): Promise<number> {
  const by = nameOf(at);
  const record = await context.catalog.snapshotAt(by);
  if (record === null) throw await unknownSnapshot(context, at);
  return record.sequence;
}

const sequencePattern = /^\d{1,15}$/u;
const zonePattern = /(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/u;

function nameOf(at: string): { readonly sequence: number } | { readonly at: string } {
  if (sequencePattern.test(at)) return { sequence: Number(at) };
  const hasTime = /[Tt :]/u.test(at);
  const micros = parseTimestamp(at, hasTime && zonePattern.test(at));
  if (micros === "unreadable" || micros === "out_of_range" || micros === "inexact") {
    throw usageError(
      "snapshot",
      `expected a snapshot's number or a time, got '${at}'`,
      "type a number that 'hakiri snapshots' lists, or a time such as 2026-01-31T12:00:00Z",
    );
  }
  return { at: String(micros) };
}

async function unknownSnapshot(context: SnapshotContext, at: string): Promise<HakiriError> {
  const range = await retainedRange(context);
  const kept =
    range === null
      ? "there are none yet; begin with: hakiri ingest FILE"
      : `kept are ${shown(range.oldest)} to ${shown(range.newest)}; ` +
        "list them with: hakiri snapshots";
  return usageError(
    "unknown_snapshot",
    `expected a snapshot that is kept, but there is none at '${at}'`,
    kept,
  );
}

function shown({ sequence, at }: SnapshotRecord): string {
  return `${sequence} (${timestampText(BigInt(at), microseconds)}Z)`;
}

/** Snapshots asked for at a time. */
const pageSnapshots = 500;

async function retainedRange({
  catalog,
}: SnapshotContext): Promise<{ oldest: SnapshotRecord; newest: SnapshotRecord } | null> {
  const [first] = await catalog.snapshots(null, 1);
  if (first === undefined) return null;
  let oldest = first;
  for (;;) {
    const page = await catalog.snapshots(oldest.sequence, pageSnapshots);
    const last = page.at(-1);
    if (last === undefined) return { oldest, newest: first };
    oldest = last;
  }
}
