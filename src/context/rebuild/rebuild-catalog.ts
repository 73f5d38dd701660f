/**
 * Makes a lost or damaged catalog again, of the manifests that it had committed.
 *
 *   Owns:    the replay, and that nobody writes meanwhile.
 *   Doesn't: invent anything. What no file proves to be committed isn't in the new catalog.
 *
 *   R1. Every claim is held from the first look at the files until the new catalog is in place.
 *   R2. Only what is verified is replayed: each manifest by its digest, each snapshot as the one
 *       that follows from the one before it.
 *   R3. The new catalog is complete and durable before it gets its name, and the old one is kept.
 *   R4. The new incarnation is higher than any that a file speaks of.
 */
import { HakiriError } from "../../core/error.ts";
import type { Catalog } from "../../core/ports/catalog.ts";
import type { Claim, Claims } from "../../core/ports/claim.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { refused } from "../../core/refusal.ts";
import { sortedFindings, type Finding } from "../inspect/finding.ts";
import { viewsPath } from "../layout.ts";
import { incarnationOf, lineageOf, type Lineage } from "./lineage.ts";
import { readHistory, type RecordedHistory } from "./read-history.ts";
import { historyFindings, lostPipelines } from "./rebuild-findings.ts";
import type { RecordedCommit } from "./recorded-commit.ts";
import { retainReadable } from "./retain-readable.ts";
import { listRun, runIds } from "./run-folder.ts";
import { lastDamaged, rebuiltPath, removeRebuilt, swapCatalog } from "./swap.ts";

/** What a rebuild works with. */
export interface RebuildContext {
  readonly filesystem: Filesystem;
  readonly claims: Claims;
  readonly clock: Clock;
  /** Makes a catalog that takes `restore_commit`, at an absolute path where there is none. */
  readonly openRestoring: (path: string, storeId: string) => Catalog;
}

/** How far a rebuild may go. */
export interface RebuildOptions {
  /** Ends the new catalog before the first snapshot that is missing, instead of refusing. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** What was made. */
export interface RebuildReport {
  readonly storeId: string;
  readonly incarnation: number;
  /** Of the newest snapshot. */
  readonly sequence: number;
  /** Sequences that can be read, smallest first. */
  readonly snapshots: readonly number[];
  /** What the old catalog is called now; null where there was none. */
  readonly keptAs: string | null;
  readonly findings: readonly Finding[];
}

/**
 * Rebuilds and swaps. Who has the catalog open closes it before. Throws Permanent
 * `refused.store_in_use`, `rebuild.nothing_found`, `rebuild.gap`, and what the disk and the new
 * catalog throw; the old catalog is as it was then.
 */
export async function rebuildCatalog(
  context: RebuildContext,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const held = new Map<string, Claim>();
  try {
    holdClaims(context.claims, await lockNames(context.filesystem), held);
    const history = await readHistory(context.filesystem, options.signal);
    const pipelines = history.commits.map(({ manifest }) => manifest.pipelineId);
    holdClaims(context.claims, pipelines, held);
    return await rebuild(context, options, { history, claimed: [...held.keys()] });
  } finally {
    for (const claim of held.values()) claim.release();
  }
}

const lockPattern = /^(?<name>[0-9a-z]{1,64})\.lock$/u;

/** The names of all claims that were ever taken: of pipelines, and the store's own locks. */
async function lockNames(filesystem: Filesystem): Promise<readonly string[]> {
  const names = await filesystem.list("claims");
  return names.flatMap((name) => lockPattern.exec(name)?.groups?.["name"] ?? []);
}

/** R1. */
function holdClaims(claims: Claims, names: readonly string[], held: Map<string, Claim>): void {
  for (const name of names) {
    if (held.has(name)) continue;
    const claim = claims.take(name);
    if (claim === null) {
      throw refused(
        "store_in_use",
        `expected nobody at work on this store, but the claim '${name}' is held`,
        "end the other hakiri of this project, then rebuild",
      );
    }
    held.set(name, claim);
  }
}

interface Evidence {
  readonly history: RecordedHistory;
  /** Names of all claims that were ever taken. */
  readonly claimed: readonly string[];
}

async function rebuild(
  context: RebuildContext,
  options: RebuildOptions,
  { history, claimed }: Evidence,
): Promise<RebuildReport> {
  const { filesystem } = context;
  const lineage = lineageOf(history);
  const first = expectCommits(lineage, options);
  const { storeId } = first.manifest;
  const incarnation = await nextIncarnation(filesystem, options.signal);
  await removeRebuilt(filesystem);
  const catalog = context.openRestoring(filesystem.absolute(rebuiltPath), storeId);
  const restored = await restoreAndClose(context, catalog, {
    lineage,
    history,
    incarnation,
    options,
  });
  await filesystem.syncFile(rebuiltPath);
  // Sequences are handed out again after a gap, so a number alone wouldn't tell that it is behind.
  if (lineage.gapAt !== null) await filesystem.unlink(viewsPath);
  const keptAs = await swapCatalog(filesystem);
  const told = [...historyFindings(history, lineage), ...lostPipelines(lineage, claimed)];
  const findings = sortedFindings([...told, ...restored.findings]);
  const { sequence, snapshots } = restored;
  return { storeId, incarnation, sequence, snapshots, keptAs, findings };
}

function expectCommits({ commits, gapAt }: Lineage, { force }: RebuildOptions): RecordedCommit {
  if (gapAt !== null && !force) {
    throw new HakiriError({
      kind: "Permanent",
      code: "rebuild.gap",
      message: `expected the manifest of each snapshot, but that of snapshot ${gapAt} is nowhere`,
      hint:
        "look for its _manifest.json in a copy of the store; " +
        "or go back to the snapshot before it: hakiri doctor --rebuild-catalog --force",
    });
  }
  const [first] = commits;
  if (first !== undefined) return first;
  throw new HakiriError({
    kind: "Permanent",
    code: "rebuild.nothing_found",
    message: "expected at least one committed manifest below 'runs/', got none",
    hint: "if nothing was ever committed here, move the catalog away and run a pipeline",
  });
}

/** R4: a grant that committed nothing has left its epoch in names only. */
async function nextIncarnation(filesystem: Filesystem, signal: AbortSignal): Promise<number> {
  let highest = await lastDamaged(filesystem);
  for (const runId of await runIds(filesystem)) {
    signal.throwIfAborted();
    for (const { role } of (await listRun(filesystem, runId)).files) {
      if ("epoch" in role) highest = Math.max(highest, incarnationOf(role.epoch));
    }
  }
  return highest + 1;
}

interface Replay {
  readonly lineage: Lineage;
  readonly history: RecordedHistory;
  readonly incarnation: number;
  readonly options: RebuildOptions;
}

interface Restored {
  readonly sequence: number;
  readonly snapshots: readonly number[];
  readonly findings: readonly Finding[];
}

/** The last to close it moves SQLite's log into its file. */
async function restoreAndClose(
  context: RebuildContext,
  catalog: Catalog,
  replay: Replay,
): Promise<Restored> {
  try {
    return await restore(context, catalog, replay);
  } finally {
    await catalog.close();
  }
}

/** R2. */
async function restore(
  { filesystem, clock }: RebuildContext,
  catalog: Catalog,
  { lineage, history, incarnation, options }: Replay,
): Promise<Restored> {
  for (const { sequence, at, reference, manifest } of lineage.commits) {
    options.signal.throwIfAborted();
    await catalog.apply<"restore_commit">(
      { kind: "restore_commit", version: 1, sequence, manifest: reference, at },
      { manifest },
    );
  }
  const at = String(clock.nowMicros());
  await catalog.apply<"finish_restore">({ kind: "finish_restore", version: 1, incarnation, at });
  const expired = history.checkpoint.flatMap(({ sequence }) => sequence ?? []);
  const { sequence } = await catalog.head();
  const { commits } = lineage;
  const kept = await retainReadable({ filesystem, catalog }, { commits, expired, at, options });
  return { sequence, ...kept };
}
