/**
 * What may be asked of a catalog to change: values with a kind and a version, each applied by one
 * deterministic function in one transaction. Every id and every time stamp is in the command; apply
 * reads no clock, so that coordinators can replicate the same values by Raft.
 */
import type { ErrorRecord } from "./error.ts";
import type { Json } from "./json.ts";
import type { PipelineSpec } from "./pipeline.ts";
import type { RunEvent, RunState } from "./run.ts";

/** Microseconds since 1970 as decimal text: JSON has no 64-bit integers. */
export type Micros = string;

/** A digest and size that name an immutable file. */
export interface ManifestReference {
  /** Of the manifest's bytes, lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Relative to `.hakiri/`. */
  readonly path: string;
}

/** Stores or changes a pipeline. Idempotent. */
export interface RegisterPipeline {
  readonly kind: "register_pipeline";
  readonly version: 1;
  readonly pipelineId: string;
  /** What makes a second call the same pipeline; unique in the store. */
  readonly key: string;
  readonly spec: PipelineSpec;
  readonly at: Micros;
}

/**
 * Grants a run of a pipeline to whoever holds its claim. A run of the pipeline that isn't terminal
 * is settled first: its owner is gone, since the claim is held by the caller. Where `runId` is the
 * run under way itself, its attempt ended early and the next one goes on at once (`restarted`).
 */
export interface ClaimRun {
  readonly kind: "claim_run";
  readonly version: 1;
  readonly pipelineId: string;
  /** The id of the run, if it is a new one; or of the run under way, to restart it. */
  readonly runId: string;
  /** An earlier run with this key that may be resumed is resumed; else it is discarded. */
  readonly resumeKey: string;
  /** Parts of the key by name, to say what changed when a run is discarded. */
  readonly resumeParts: { readonly [part: string]: string };
  /** Earlier runs that ended before this are not resumed. */
  readonly resumableSince: Micros;
  readonly what: "run" | "compaction" | "state" | "gc";
  readonly at: Micros;
  readonly deadlineAt: Micros;
}

/** The answer to `claim_run`. */
export interface Grant {
  readonly runId: string;
  readonly epoch: number;
  /** 1 for a new run. */
  readonly attempts: number;
  /** The journal to go on from; null for a new run. */
  readonly adopt: { readonly epoch: number } | null;
  /** Of the run's first attempt: its rows' `_hakiri_loaded_at`. */
  readonly loadedAt: Micros;
  /** Digest of the pipeline's cursors at the grant: what its commit names as `cursorsBefore`. */
  readonly cursorsDigest: string;
  /** An earlier run that was given up, and why; null when there was none. */
  readonly discarded: { readonly runId: string; readonly reason: string } | null;
}

/** Moves a run through its states. Refused where the epoch is stale or the transition isn't one. */
export interface MoveRun {
  readonly kind: "move_run";
  readonly version: 1;
  readonly runId: string;
  readonly epoch: number;
  readonly event: RunEvent;
  /** Kept with the run; null leaves what was there. */
  readonly report: Json;
  readonly error: ErrorRecord | null;
  readonly at: Micros;
}

/** Counts one attempt at one cursor of a run, over retries, restarts and re-grants. */
export interface CountAttempt {
  readonly kind: "count_attempt";
  readonly version: 1;
  readonly runId: string;
  readonly epoch: number;
  readonly stream: string;
  readonly partition: string;
  /** Digest of the cursor that the attempt starts from. */
  readonly cursorDigest: string;
  readonly at: Micros;
}

/** What a commit brings: new rows, only cursors, or the same rows in other files. */
export type CommitKind = "commit_snapshot" | "commit_cursor" | "commit_compaction";

/**
 * Makes a manifest true: the only command that makes data visible. Idempotent by (run, epoch,
 * digest). Refused with `conflict.base_moved` where it masks or replaces files of a table that
 * changed after `baseSequence`, with `conflict.cursor_moved` where the pipeline's cursors aren't
 * those that the run started from, and with `refused.stale_epoch` for an older grant.
 */
export interface CommitManifest<K extends CommitKind = CommitKind> {
  readonly kind: K;
  readonly version: 1;
  readonly runId: string;
  readonly epoch: number;
  readonly baseSequence: number;
  /** Digest of the pipeline's cursors before; the grant's `cursorsDigest`. */
  readonly cursorsBefore: string;
  readonly manifest: ManifestReference;
  readonly report: Json;
  readonly at: Micros;
}

/** The answer to a commit. */
export interface Committed {
  /** The snapshot's sequence; null where the commit made none (`commit_cursor`). */
  readonly sequence: number | null;
  /** When the snapshot counts as taken; equal to the stamp or later. */
  readonly at: Micros;
  /** Digest of the store's manifest before; null for the first. */
  readonly parent: string | null;
}

/** Lets go of every snapshot but the newest `keep` and those taken at or after `since`. */
export interface ExpireSnapshots {
  readonly kind: "expire_snapshots";
  readonly version: 1;
  readonly keep: number;
  readonly since: Micros;
  /** Sequences that a reader has pinned. */
  readonly pinned: readonly number[];
  readonly at: Micros;
}

/** Marks files that no snapshot holds since before `unreferencedBefore`; at most 256 a command. */
export interface MarkDeleting {
  readonly kind: "mark_deleting";
  readonly version: 1;
  readonly fileIds: readonly number[];
  readonly unreferencedBefore: Micros;
  readonly at: Micros;
}

/** Forgets files that are unlinked; refused for one that isn't marked. */
export interface ForgetFiles {
  readonly kind: "forget_files";
  readonly version: 1;
  readonly fileIds: readonly number[];
}

/** Keeps spans of a run; at most 256 a command, and 10,000 a run, the later ones dropped. */
export interface RecordSpans {
  readonly kind: "record_spans";
  readonly version: 1;
  readonly runId: string;
  readonly spans: readonly SpanRecord[];
}

/** A span of a run as it is stored. */
export interface SpanRecord {
  readonly spanId: string;
  /** Null for the run's own span. */
  readonly parentId: string | null;
  readonly name: string;
  readonly startedAt: Micros;
  readonly endedAt: Micros;
  readonly ok: boolean;
  /** At most 4 KiB as JSON, without secrets. */
  readonly attributes: { readonly [key: string]: Json };
}

/** Replays a commit of a lost catalog in its place; only on a store that is being rebuilt. */
export interface RestoreCommit {
  readonly kind: "restore_commit";
  readonly version: 1;
  readonly sequence: number | null;
  readonly manifest: ManifestReference;
  readonly at: Micros;
}

/** Ends a rebuild: from now on only ordinary commands, under a strictly higher incarnation. */
export interface FinishRestore {
  readonly kind: "finish_restore";
  readonly version: 1;
  readonly incarnation: number;
  readonly at: Micros;
}

/** Every command. */
export type CatalogCommand =
  | RegisterPipeline
  | ClaimRun
  | MoveRun
  | CountAttempt
  | CommitManifest<"commit_snapshot">
  | CommitManifest<"commit_cursor">
  | CommitManifest<"commit_compaction">
  | ExpireSnapshots
  | MarkDeleting
  | ForgetFiles
  | RecordSpans
  | RestoreCommit
  | FinishRestore;

/** What each command answers. */
export interface CatalogAnswers {
  /** The id is the stored one where the key was known. */
  readonly register_pipeline: { readonly created: boolean; readonly pipelineId: string };
  readonly claim_run: Grant;
  readonly move_run: { readonly state: RunState };
  readonly count_attempt: { readonly attempts: number };
  readonly commit_snapshot: Committed;
  readonly commit_cursor: Committed;
  readonly commit_compaction: Committed;
  readonly expire_snapshots: { readonly expired: readonly number[] };
  readonly mark_deleting: { readonly marked: readonly number[] };
  readonly forget_files: { readonly forgotten: number };
  readonly record_spans: { readonly kept: number };
  readonly restore_commit: Committed;
  readonly finish_restore: { readonly incarnation: number };
}

/** Most bytes of a command as canonical JSON. */
export const commandBytesMax = 64 * 1024;
