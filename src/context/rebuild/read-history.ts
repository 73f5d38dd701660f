/**
 * Reads what the files of a store say of its commits: the checkpoint, and the `_manifest.json` of
 * each run. What can't be believed is told and passed over; what follows from that is up to the
 * caller.
 */
import { HakiriError } from "../../core/error.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { sha256Of } from "../digest.ts";
import { committedManifestPath, manifestPath, runFolder } from "../layout.ts";
import { decodeManifest, encodeManifest, manifestBytesMax } from "../manifest/codec.ts";
import { readCommitted, type CommittedManifest } from "../manifest/committed.ts";
import { readCheckpoint } from "./checkpoint.ts";
import type { RecordedCommit, UnprovenManifest } from "./recorded-commit.ts";
import { roleOf, runIds } from "./run-folder.ts";

/** A file of the history that can't be believed. */
export interface HistoryFault {
  readonly path: string;
  readonly error: HakiriError;
}

/** All that the files say. */
export interface RecordedHistory {
  /** In the order of their commits. */
  readonly checkpoint: readonly RecordedCommit[];
  /** Of runs, by run id; some may be in the checkpoint too. */
  readonly commits: readonly RecordedCommit[];
  /** Manifests of runs without a `_manifest.json` that can be believed, by path. */
  readonly unproven: readonly UnprovenManifest[];
  readonly faults: readonly HistoryFault[];
}

/** Reads it all. Throws what the filesystem throws, but for files that are missing. */
export async function readHistory(
  filesystem: Filesystem,
  signal: AbortSignal,
): Promise<RecordedHistory> {
  const faults: HistoryFault[] = [];
  const believed = async <T>(path: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof HakiriError) || !isOfContent(error)) throw error;
      faults.push({ path, error });
      return null;
    }
  };
  const checkpoint = await believed("checkpoint.jsonl", () => readCheckpoint(filesystem));
  const commits: RecordedCommit[] = [];
  const unproven: UnprovenManifest[] = [];
  for (const runId of await runIds(filesystem)) {
    signal.throwIfAborted();
    const found = await readRun(filesystem, runId, believed);
    if (found.commit !== null) commits.push(found.commit);
    unproven.push(...found.unproven);
  }
  return { checkpoint: checkpoint ?? [], commits, unproven, faults };
}

/** Whether the error is about what one file says, and not about the disk. */
function isOfContent({ code }: HakiriError): boolean {
  return /^(?:manifest|checkpoint)\.|^disk\.(?:missing|too_large)$/u.test(code);
}

type Believed = <T>(path: string, read: () => Promise<T>) => Promise<T | null>;

interface RunHistory {
  readonly commit: RecordedCommit | null;
  readonly unproven: readonly UnprovenManifest[];
}

async function readRun(
  filesystem: Filesystem,
  runId: string,
  believed: Believed,
): Promise<RunHistory> {
  const names = await filesystem.list(runFolder(runId));
  const paths = names.map((name) => `${runFolder(runId)}/${name}`);
  const committedPath = committedManifestPath(runId);
  if (paths.includes(committedPath)) {
    const committed = await believed(committedPath, () => readCommitted(filesystem, committedPath));
    if (committed !== null) {
      const commit = await recordedCommit(filesystem, committed, paths);
      return { commit, unproven: [] };
    }
  }
  const unproven: UnprovenManifest[] = [];
  for (const path of paths.filter((each) => roleOf(each).kind === "manifest")) {
    const read = await believed(path, () => readUnproven(filesystem, path));
    if (read !== null) unproven.push(read);
  }
  return { commit: null, unproven };
}

async function readUnproven(filesystem: Filesystem, path: string): Promise<UnprovenManifest> {
  const bytes = await filesystem.read(path, manifestBytesMax);
  const manifest = decodeManifest(bytes, path);
  return { reference: { sha256: sha256Of(bytes), sizeBytes: bytes.byteLength, path }, manifest };
}

async function recordedCommit(
  filesystem: Filesystem,
  { sequence, at, parent, sha256, manifest }: CommittedManifest,
  paths: readonly string[],
): Promise<RecordedCommit> {
  const { sizeBytes, path } = await immutableOf(filesystem, { sha256, manifest }, paths);
  return { sequence, at, parent, reference: { sha256, sizeBytes, path }, manifest };
}

/** Which of the run's immutable manifests was committed: of several tries only the digest tells. */
async function immutableOf(
  filesystem: Filesystem,
  { sha256, manifest }: Pick<CommittedManifest, "sha256" | "manifest">,
  paths: readonly string[],
): Promise<{ readonly path: string; readonly sizeBytes: number }> {
  const { runId, epoch } = manifest;
  const sizeBytes = encodeManifest(manifest).byteLength;
  const tries = paths.filter((path) => {
    const role = roleOf(path);
    return role.kind === "manifest" && role.epoch === epoch;
  });
  const [only, second] = tries;
  if (only !== undefined && second === undefined) return { path: only, sizeBytes };
  for (const path of tries) {
    const bytes = await filesystem.read(path, manifestBytesMax);
    if (sha256Of(bytes) === sha256) return { path, sizeBytes };
  }
  return { path: manifestPath(runId, epoch, 1), sizeBytes };
}
