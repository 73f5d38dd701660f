/**
 * Leaves a rebuilt catalog with the snapshots that can be read. Expiry is in no manifest, so which
 * were expired is told by the checkpoint and by the files that are gone.
 */
import type { Catalog } from "../../core/ports/catalog.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { TableFile } from "../../core/snapshot.ts";
import type { Finding } from "../inspect/finding.ts";
import { fileLives, firstFrom, placeCommits, type FileLife } from "./file-lives.ts";
import type { RecordedCommit } from "./recorded-commit.ts";

/** What is known of the snapshots that were replayed. */
export interface Replayed {
  /** In order. */
  readonly commits: readonly RecordedCommit[];
  /** Sequences that were expired. */
  readonly expired: readonly number[];
  /** Microseconds. */
  readonly at: string;
  readonly options: { readonly signal: AbortSignal };
}

/** Most sequences that one command names as kept. */
const pinnedMax = 4096;

/**
 * Expires what can't be read, and answers what is left, smallest first. The newest snapshot stays
 * whatever is missing of it.
 */
export async function retainReadable(
  { filesystem, catalog }: { readonly filesystem: Filesystem; readonly catalog: Catalog },
  { commits, expired, at, options }: Replayed,
): Promise<{ readonly snapshots: readonly number[]; readonly findings: readonly Finding[] }> {
  const sequences = commits.flatMap(({ sequence }) => sequence ?? []);
  const head = sequences.at(-1) ?? 0;
  const gone = new Set(expired.filter((sequence) => sequence !== head));
  const kept = sequences.filter((sequence) => !gone.has(sequence));
  const findings: Finding[] = [];
  for (const life of fileLives(placeCommits(commits))) {
    options.signal.throwIfAborted();
    const [from, before] = [firstFrom(kept, life.added.since), beforeOf(kept, life)];
    if (from >= before) continue;
    const fault = await missing(filesystem, life.file);
    if (fault === null) continue;
    const holders = kept.slice(from, before);
    for (const sequence of holders) if (sequence !== head) gone.add(sequence);
    findings.push(missingFinding(life, fault, holders.includes(head)));
  }
  const snapshots = sequences.filter((sequence) => !gone.has(sequence));
  await expireAll(catalog, { snapshots, gone, at });
  return { snapshots, findings };
}

/** Index of the first kept snapshot that doesn't hold the file any more. */
function beforeOf(kept: readonly number[], { removed }: FileLife): number {
  return removed === null ? kept.length : firstFrom(kept, removed.since);
}

async function missing(filesystem: Filesystem, file: TableFile): Promise<string | null> {
  const stat = await filesystem.stat(file.path);
  if (stat === null) return "there is none";
  return stat.sizeBytes === file.sizeBytes ? null : `it has ${stat.sizeBytes}`;
}

function missingFinding({ file }: FileLife, fault: string, isLive: boolean): Finding {
  return {
    severity: isLive ? "error" : "warning",
    code: isLive ? "store.missing_file" : "rebuild.snapshot_given_up",
    path: file.path,
    message:
      `expected a file of ${file.sizeBytes} bytes, but ${fault}` +
      (isLive ? "" : "; the older snapshots that need it are taken for expired"),
    hint: isLive ? "restore the file from a copy, or run the pipeline with --full-refresh" : "",
  };
}

/** Names the snapshots to keep before the newest row of those that stay. */
async function expireAll(
  catalog: Catalog,
  kept: {
    readonly snapshots: readonly number[];
    readonly gone: ReadonlySet<number>;
    readonly at: string;
  },
): Promise<void> {
  const newestGone = Math.max(0, ...kept.gone);
  const pinned = kept.snapshots.filter((sequence) => sequence < newestGone);
  const newest = kept.snapshots.length - pinned.length;
  // More than a command holds were kept by as many pins: better too many snapshots than too few.
  if (kept.gone.size === 0 || pinned.length > pinnedMax) return;
  const { at } = await catalog.head();
  for (;;) {
    const { expired } = await catalog.apply<"expire_snapshots">({
      kind: "expire_snapshots",
      version: 1,
      keep: newest,
      since: String(BigInt(at) + 1n),
      pinned,
      at: kept.at,
    });
    if (expired.length === 0) return;
  }
}
