/**
 * Puts recorded commits into the order in which they were made. Pure.
 *
 *   G1. A snapshot follows the one that its parent digest names. A store that was once rebuilt from
 *       a part of its history has commits that its later ones don't follow from; of two that follow
 *       one snapshot, that of the higher incarnation is the store's.
 *   G2. A commit without a snapshot stands behind the snapshot that was the head when it was made.
 *   G3. A manifest that lost its `_manifest.json` is proven by the next snapshot, which names it as
 *       its parent.
 */
import { grantSequenceOf } from "../../core/snapshot.ts";
import type { RecordedHistory } from "./read-history.ts";
import type { RecordedCommit, UnprovenManifest } from "./recorded-commit.ts";

/** Commits in order, and what is left over. */
export interface Lineage {
  /** From the first one on, without a gap. */
  readonly commits: readonly RecordedCommit[];
  /** Those of the commits whose `_manifest.json` is missing, proven by G3. */
  readonly recovered: readonly RecordedCommit[];
  /** Commits that don't follow from these: of a history that was left, or beyond a gap. */
  readonly others: readonly RecordedCommit[];
  /** Manifests that nothing proves. */
  readonly unproven: readonly UnprovenManifest[];
  /** The first sequence that is missing although later commits of this history are there. */
  readonly gapAt: number | null;
}

/** The lineage of what was recorded; the checkpoint's form of a commit goes before any other. */
export function lineageOf(history: Omit<RecordedHistory, "faults">): Lineage {
  const recorded = [...history.commits, ...history.checkpoint];
  const byDigest = new Map(recorded.map((commit) => [commit.reference.sha256, commit]));
  const byParent = Map.groupBy(byDigest.values(), ({ parent }) => parent);
  const commits = [...cursorsAfter(byParent, null)];
  const recovered: RecordedCommit[] = [];
  let head = beginning;
  for (;;) {
    const next = follower(byParent, head);
    const proven = next ?? provenNext(byParent, head, history.unproven);
    if (proven === null) break;
    if (next === null) recovered.push(proven);
    head = headOf(proven);
    commits.push(proven, ...cursorsAfter(byParent, head.sha256));
  }
  const used = new Set(commits.map(({ reference }) => reference.sha256));
  const others = [...byDigest.values()].filter(({ reference }) => !used.has(reference.sha256));
  return {
    commits,
    recovered,
    others,
    unproven: history.unproven.filter(({ reference }) => !used.has(reference.sha256)),
    gapAt: others.some((commit) => isBeyond(commit, head)) ? head.sequence + 1 : null,
  };
}

interface Head {
  readonly sequence: number;
  readonly sha256: string | null;
  readonly at: bigint;
  readonly incarnation: number;
}

const beginning: Head = { sequence: 0, sha256: null, at: 0n, incarnation: 0 };

function headOf({ sequence, reference, at, manifest }: RecordedCommit): Head {
  const incarnation = incarnationOf(manifest.epoch);
  return { sequence: sequence ?? 0, sha256: reference.sha256, at: BigInt(at), incarnation };
}

/** The part of an epoch that each rebuild raises. */
export function incarnationOf(epoch: number): number {
  return (epoch - grantSequenceOf(epoch)) / 2 ** 40;
}

type ByParent = ReadonlyMap<string | null, readonly RecordedCommit[]>;

/** G1. */
function follower(byParent: ByParent, head: Head): RecordedCommit | null {
  const next = (byParent.get(head.sha256) ?? []).filter(
    ({ sequence }) => sequence === head.sequence + 1,
  );
  return next.toSorted((a, b) => b.manifest.epoch - a.manifest.epoch)[0] ?? null;
}

/** G2. Grants are numbered, and of one pipeline only the latest commits. */
function cursorsAfter(byParent: ByParent, parent: string | null): readonly RecordedCommit[] {
  const after = (byParent.get(parent) ?? []).filter(({ sequence }) => sequence === null);
  return after.toSorted((a, b) => a.manifest.epoch - b.manifest.epoch);
}

/** G3. Its time is lost, and lies between those of its neighbours. */
function provenNext(
  byParent: ByParent,
  head: Head,
  unproven: readonly UnprovenManifest[],
): RecordedCommit | null {
  const sequence = head.sequence + 1;
  for (const { reference, manifest } of unproven) {
    const proof = (byParent.get(reference.sha256) ?? []).find(
      (commit) => commit.sequence === sequence + 1,
    );
    if (proof === undefined || manifest.kind === "cursor") continue;
    const latest = BigInt(proof.at) - 1n;
    const at = String(latest > head.at ? latest : head.at + 1n);
    return { sequence, at, parent: head.sha256, reference, manifest };
  }
  return null;
}

/** Whether the commit belongs to the head's history, as far as incarnations tell. */
function isBeyond({ sequence, manifest }: RecordedCommit, head: Head): boolean {
  const isLater = sequence !== null && sequence > head.sequence;
  return isLater && incarnationOf(manifest.epoch) >= head.incarnation;
}
