/**
 * `gc`: expires snapshots, and removes what nothing needs any more.
 *
 *   C1. Nothing that a retained snapshot, a pin, a claim or a run that may be resumed needs goes.
 *   C2. Each step leaves a store that works, and work that the next collection finishes.
 *   C3. What frees space without taking any comes first, so that a full disk can be freed.
 *   C4. One collection at a time.
 */
import type { Claim } from "../../core/ports/claim.ts";
import type { FileStat, Filesystem } from "../../core/ports/filesystem.ts";
import type { HakiriError } from "../../core/error.ts";
import { refused } from "../../core/refusal.ts";
import { clockJump, readWitness, writeWitness } from "./clock-witness.ts";
import { deleteFiles, unlinkDurably } from "./delete-files.ts";
import { expirable, expireSnapshots } from "./expire.ts";
import type { GarbageContext, GarbageOptions } from "./options.ts";
import { keptReasons, Tally, type GarbageReport } from "./report.ts";
import { sweepRuns, type Sweep } from "./sweep-runs.ts";
import { sweepTemporary } from "./sweep-temporary.ts";
import { thinHistory } from "./thin-history.ts";

/** The name of the lock of C4 among the claims; no pipeline has it, since ids are longer. */
export const garbageLock = "gc";

/**
 * Collects. Throws Permanent `refused.gc_running` where another process does,
 * `refused.clock_jumped` where the clock seems to have been set forward since the last commit and
 * `force` isn't set, and what the disk and the catalog throw.
 */
export async function collectGarbage(
  context: GarbageContext,
  options: GarbageOptions,
): Promise<GarbageReport> {
  const lock = takeLock(context, options);
  try {
    return await collect(context, options);
  } finally {
    lock.release();
  }
}

function takeLock({ claims }: GarbageContext, { dryRun }: GarbageOptions): Claim {
  const lock = dryRun ? { release: () => undefined } : claims.take(garbageLock);
  if (lock !== null) return lock;
  throw refused(
    "gc_running",
    "expected no other gc on this store, but there is one",
    "wait for it",
  );
}

async function collect(context: GarbageContext, options: GarbageOptions): Promise<GarbageReport> {
  const { clock } = context;
  const nowMicros = clock.nowMicros();
  await expectSaneClock(context, options, nowMicros);
  const tally = new Tally();
  const sweep: Sweep = { options, nowMicros, tally };
  await sweepRuns(context, sweep);
  await sweepTemporary(context, sweep);
  await sweepRoot(context, sweep);
  const expired = options.dryRun
    ? await expirable(context, options, nowMicros)
    : await expireSnapshots(context, options, nowMicros);
  await deleteFiles(context, options, { nowMicros, tally });
  await thinHistory(context, sweep, options.dryRun ? expired : []);
  return {
    dryRun: options.dryRun,
    expired,
    files: tally.of("files"),
    leftovers: tally.of("leftovers"),
    records: tally.of("records"),
    kept: keptReasons.map((why) => ({ why, ...tally.of(why) })).filter(({ count }) => count > 0),
  };
}

/** A clock that was set forward would let every time limit pass at once. */
async function expectSaneClock(
  { catalog, publisher, bootClock }: GarbageContext,
  { dryRun, force }: GarbageOptions,
  nowMicros: bigint,
): Promise<void> {
  const { at, sequence } = await catalog.head();
  const { filesystem, random } = publisher;
  const moment = await bootClock();
  const witness = await readWitness(filesystem);
  const jump = clockJump({ nowMicros, committedMicros: BigInt(at), moment, witness });
  if (!force && sequence > 0 && jump !== null) throw jumped(jump);
  if (dryRun || moment === null) return;
  await writeWitness(filesystem, random, { ...moment, atMicros: nowMicros });
}

function jumped(jumpMicros: bigint): HakiriError {
  const hours = String(jumpMicros / 3_600_000_000n);
  return refused(
    "clock_jumped",
    "expected a clock that goes as fast as this machine's own, " +
      `but it seems to have been set forward by ${hours} hours since this store was last used`,
    "look at the clock, and if it is right: hakiri gc --force",
  );
}

/** Of a store's files and of a catalog that was being made, with what SQLite has beside it. */
const rootTemporary = /\.tmp-[0-9a-z]{10,26}(?:-wal|-shm|-journal)?$/u;

/** Of a pin that was being made. */
const pinTemporary = /^[^/]+\.lock\.tmp-[0-9a-f]{20}$/u;

/** Temporary files of `views.sql` and its like, once whoever wrote them must be gone. */
async function sweepRoot(
  { publisher }: GarbageContext,
  { options, nowMicros, tally }: Sweep,
): Promise<void> {
  const { filesystem } = publisher;
  const before = nowMicros - options.graceMicros;
  const names = await filesystem.list("");
  const pins = await filesystem.list("pins");
  const paths = [
    ...names.filter((name) => rootTemporary.test(name)),
    ...pins.filter((name) => pinTemporary.test(name)).map((name) => `pins/${name}`),
  ];
  const old = await olderThan(filesystem, paths, before);
  const files = old.filter(({ stat }) => stat.kind === "file");
  for (const { stat } of files) tally.add("leftovers", stat.sizeBytes);
  if (options.dryRun) return;
  await unlinkDurably(
    filesystem,
    files.map(({ path }) => path),
  );
}

async function olderThan(
  filesystem: Filesystem,
  paths: readonly string[],
  before: bigint,
): Promise<readonly { readonly path: string; readonly stat: FileStat }[]> {
  const found = [];
  for (const path of paths) {
    const stat = await filesystem.stat(path);
    if (stat !== null && stat.modifiedMicros < before) found.push({ path, stat });
  }
  return found;
}
