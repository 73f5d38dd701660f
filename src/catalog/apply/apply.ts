/**
 * The one function that applies a command. It is deterministic: all that it knows is in the
 * command, the database, the position and the manifest, so that replicas that apply the same
 * commands hold the same rows.
 *
 * A1. The caller opened a transaction, and rolls it back when this throws: refused is unchanged.
 * A2. Positions grow. The embedded catalog counts them, a coordinator passes the log index.
 * A3. No statement reads all files or runs of the store, but those of expiry and of the end of a
 *     rebuild.
 */
import {
  commandBytesMax,
  type CatalogAnswers,
  type CatalogCommand,
} from "../../core/catalog-command.ts";
import { canonicalJson } from "../../core/json.ts";
import type { CommandAttachments } from "../../core/ports/catalog.ts";
import { claimRun } from "./claim-run.ts";
import { commitManifest } from "./commit-manifest.ts";
import { expireSnapshots, forgetFiles, markDeleting } from "./expire-snapshots.ts";
import { countAttempt, moveRun } from "./move-run.ts";
import { recordSpans } from "./record-spans.ts";
import { refused } from "../../core/refusal.ts";
import { registerPipeline } from "./register-pipeline.ts";
import { finishRestore, restoreCommit } from "./restore-commit.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { readStore, type StoreRow, type Turn } from "./store-row.ts";

type Kind = CatalogCommand["kind"];
type CommandOf<K extends Kind> = Extract<CatalogCommand, { kind: K }>;
type Handlers = {
  readonly [K in Kind]: (
    turn: Turn,
    command: CommandOf<K>,
    manifest: CommandAttachments["manifest"],
  ) => CatalogAnswers[K];
};

const handlers: Handlers = {
  register_pipeline: registerPipeline,
  claim_run: claimRun,
  move_run: moveRun,
  count_attempt: countAttempt,
  commit_snapshot: commitManifest,
  commit_cursor: commitManifest,
  commit_compaction: commitManifest,
  expire_snapshots: expireSnapshots,
  mark_deleting: markDeleting,
  forget_files: forgetFiles,
  record_spans: recordSpans,
  restore_commit: restoreCommit,
  finish_restore: finishRestore,
};

/**
 * Applies one command inside the caller's transaction. Throws Permanent `refused.*` and
 * `conflict.*` for what may not be applied, and a plain Error for a command of an unknown kind or
 * version: who meets one is too old to go on.
 */
export function apply<K extends Kind>(
  database: SqlDatabase,
  command: CommandOf<K>,
  position: number,
  attachments: CommandAttachments = {},
): CatalogAnswers[K] {
  checkKnown(command);
  const handler: Handlers[K] = handlers[command.kind];
  const store = requireStore(database, position);
  checkSize(command);
  checkRestoring(command, store);
  database.run("update store set position = ? where id = 1", position);
  return handler({ database, store, position }, command, attachments.manifest);
}

/** A replicated log or another process may hold commands that this code's types don't know. */
function checkKnown({ kind, version }: { readonly kind: string; readonly version: number }): void {
  if (Object.hasOwn(handlers, kind) && version === 1) return;
  throw new Error(`expected a known command, got ${kind} version ${version}`);
}

function requireStore(database: SqlDatabase, position: number): StoreRow {
  const store = readStore(database);
  if (store === undefined) throw new Error("expected the store's row");
  if (Number.isSafeInteger(position) && position > store.position) return store; // A2
  throw new Error(`expected a position above ${store.position}, got ${position}`);
}

function checkSize(command: CatalogCommand): void {
  const sizeBytes = new TextEncoder().encode(canonicalJson(command)).byteLength;
  if (sizeBytes <= commandBytesMax) return;
  throw refused(
    "command_too_large",
    `expected a command of at most ${commandBytesMax} bytes, got ${command.kind} of ${sizeBytes}`,
  );
}

function checkRestoring({ kind }: CatalogCommand, store: StoreRow): void {
  const isRestore = kind === "restore_commit" || kind === "finish_restore";
  const isRestoring = store.restoring === 1;
  if (isRestore === isRestoring || kind === "register_pipeline") return;
  if (isRestore) {
    throw refused("not_restoring", `expected a store that is being rebuilt for ${kind}`);
  }
  throw refused(
    "restoring",
    `expected a whole store for ${kind}, but it is being rebuilt`,
    "finish with: hakiri doctor --rebuild-catalog",
  );
}
