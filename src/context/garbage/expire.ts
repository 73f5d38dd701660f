/** Lets go of snapshots that neither retention nor their number nor a pin keeps. */
import { pageRowsMax, type CatalogQueries, type SnapshotRecord } from "../../core/ports/catalog.ts";
import type { GarbageContext, GarbageOptions } from "./options.ts";

/** Every retained snapshot, the newest first. */
export async function allSnapshots(
  catalog: Pick<CatalogQueries, "snapshots">,
): Promise<readonly SnapshotRecord[]> {
  const snapshots: SnapshotRecord[] = [];
  for (;;) {
    const page = await catalog.snapshots(snapshots.at(-1)?.sequence ?? null, pageRowsMax);
    snapshots.push(...page);
    if (page.length < pageRowsMax) return snapshots;
  }
}

/** Expires, and answers the sequences, smallest first. A command takes a bounded number of them. */
export async function expireSnapshots(
  { catalog, pins }: GarbageContext,
  { retentionMicros, keep, signal }: GarbageOptions,
  nowMicros: bigint,
): Promise<readonly number[]> {
  const expired: number[] = [];
  for (;;) {
    signal.throwIfAborted();
    const answer = await catalog.apply<"expire_snapshots">({
      kind: "expire_snapshots",
      version: 1,
      keep: Math.max(1, keep),
      since: String(nowMicros - retentionMicros),
      // Who pins one after this looks whether it is still there.
      pinned: pins.live(),
      at: String(nowMicros),
    });
    if (answer.expired.length === 0) return expired;
    expired.push(...answer.expired);
  }
}

/** The sequences that `expireSnapshots` would let go, smallest first. */
export async function expirable(
  { catalog, pins }: GarbageContext,
  { retentionMicros, keep }: GarbageOptions,
  nowMicros: bigint,
): Promise<readonly number[]> {
  const since = nowMicros - retentionMicros;
  const pinned = new Set(pins.live());
  const snapshots = await allSnapshots(catalog);
  return snapshots
    .slice(Math.max(1, keep))
    .filter(({ at, sequence }) => BigInt(at) < since && !pinned.has(sequence))
    .map(({ sequence }) => sequence)
    .toReversed();
}
