/**
 * What the control process answers a run actor: the catalog's facts in pages, and the commit.
 *
 *   N1. Nothing that an actor says is believed about its rights: the epoch is the grant's, and the
 *       catalog checks it.
 *   N2. An answer stays well below the 64 KiB of a control message.
 *   N3. A manifest is read back and its digest checked before its commit.
 *   N4. What is derived from a commit is no part of it: where that fails the run has succeeded, and
 *       the next commit, or whoever looks, derives anew.
 */
import type { CommitManifest } from "../../core/catalog-command.ts";
import { HakiriError } from "../../core/error.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import type { LiveFile } from "../../core/snapshot.ts";
import { deriveHead } from "../../context/derive/derive-head.ts";
import { readManifest } from "../../context/manifest/publish-manifest.ts";
import { createPublisher } from "../../context/publish.ts";
import type { RunAnswers, RunAsk } from "../protocol.ts";
import type { GrantedRun } from "./grant-run.ts";
import type { CommittedManifest, ControlStore } from "./run-request.ts";

/** Items of a page together; one item alone may be larger. */
const pageBytesMax = 48 * 1024;

/** Answers one ask of the actor of a granted run. */
export async function answerAsk(asked: Asked, ask: RunAsk): Promise<RunAnswers[RunAsk["type"]]> {
  switch (ask.type) {
    case "count_attempt":
      return countAttempt(asked, ask);
    case "base_cursors":
      return page(asked.granted.cursors, ask.from);
    case "base_table":
      return baseTable(asked, ask);
    case "table_files":
      return tableFiles(asked, ask);
    case "table_schema":
      return tableSchema(asked, ask);
    case "commit":
      return commit(asked, ask);
  }
}

/** What answers come from. */
export interface Asked {
  readonly store: ControlStore;
  readonly granted: GrantedRun;
  /** Tells the user what is no failure of the run. */
  readonly notice: (text: string) => void;
}

type Ask<K extends RunAsk["type"]> = Extract<RunAsk, { type: K }>;

async function countAttempt(
  { store: { catalog, clock }, granted: { order } }: Asked,
  ask: Ask<"count_attempt">,
): Promise<RunAnswers["count_attempt"]> {
  const { stream, partition, cursorDigest } = ask;
  return catalog.apply<"count_attempt">({
    kind: "count_attempt",
    version: 1,
    runId: order.runId,
    epoch: order.epoch,
    stream,
    partition,
    cursorDigest,
    at: String(clock.nowMicros()),
  });
}

/** N2. */
function page(cursors: GrantedRun["cursors"], from: number): RunAnswers["base_cursors"] {
  const items = firstItems(cursors.slice(from));
  const next = from + items.length;
  return { cursors: items, next: next < cursors.length ? next : null };
}

function firstItems<T>(items: readonly T[]): readonly T[] {
  let sizeBytes = 0;
  const over = items.findIndex((item) => {
    sizeBytes += new TextEncoder().encode(canonicalJson(item)).byteLength;
    return sizeBytes > pageBytesMax;
  });
  return over === -1 ? items : items.slice(0, Math.max(1, over));
}

async function baseTable(
  { store, granted: { order } }: Asked,
  { namespace, name }: Ask<"base_table">,
): Promise<RunAnswers["base_table"]> {
  return { table: await store.catalog.table({ namespace, name }, order.base.sequence) };
}

async function tableFiles(
  { store: { catalog } }: Asked,
  ask: Ask<"table_files">,
): Promise<RunAnswers["table_files"]> {
  const found = await catalog.files(ask.tableId, ask.sequence, ask.afterFileId);
  const files: readonly LiveFile[] = firstItems(found);
  return { files, next: files.at(-1)?.fileId ?? null };
}

async function tableSchema(
  { store: { catalog } }: Asked,
  { tableId, version }: Ask<"table_schema">,
): Promise<RunAnswers["table_schema"]> {
  const schema = (await catalog.schemas(tableId)).find((each) => each.version === version);
  if (schema === undefined) throw new Error(`table ${tableId} has no schema ${version}`);
  return { schema };
}

async function commit(
  { store, granted: { order, grant }, notice }: Asked,
  ask: Ask<"commit">,
): Promise<RunAnswers["commit"]> {
  const manifest = await readManifest(store.filesystem, ask.manifest);
  await deriveBefore(store, notice);
  const command: CommitManifest = {
    kind: ask.kind,
    version: 1,
    runId: order.runId,
    epoch: order.epoch,
    baseSequence: ask.baseSequence,
    cursorsBefore: grant.cursorsDigest,
    manifest: ask.manifest,
    // A report is plain data of names and counts.
    report: ask.report as unknown as Json,
    at: String(store.clock.nowMicros()),
  };
  try {
    const committed = await store.catalog.apply(command, { manifest });
    await derive(store, { manifest, reference: ask.manifest, committed }, notice);
    return { kind: "committed", sequence: committed.sequence, at: committed.at };
  } catch (error) {
    if (!(error instanceof HakiriError) || error.code !== "conflict.base_moved") throw error;
    return { kind: "base_moved", sequence: (await store.catalog.head()).sequence };
  }
}

/** N4, for the commit before. */
async function deriveBefore(
  { catalog, filesystem, random }: ControlStore,
  notice: (text: string) => void,
): Promise<void> {
  try {
    await deriveHead({ catalog, publisher: createPublisher(filesystem, random) });
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    notice(`the manifest of the last snapshot can't be derived: ${error.message}`);
  }
}

/** N4. */
async function derive(
  store: ControlStore,
  committed: CommittedManifest,
  notice: (text: string) => void,
): Promise<void> {
  try {
    await store.derive(committed);
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    notice(`the run is committed, but not yet in views.sql: ${error.message}`);
  }
}
