/** What must hold of a store whose writer died, whenever it did. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { lockClaims } from "../../../src/catalog/claims.ts";
import { deriveViews } from "../../../src/context/derive/derive-views.ts";
import { readJournal } from "../../../src/context/journal/reader.ts";
import { journalPath, storeFolder } from "../../../src/context/layout.ts";
import { readManifest } from "../../../src/context/manifest/publish-manifest.ts";
import { allFiles } from "../../../src/context/snapshot/table-files.ts";
import { fileFault } from "../../../src/context/verify-file.ts";
import { pageRowsMax, type Catalog, type SnapshotRecord } from "../../../src/core/ports/catalog.ts";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import { readByCatalog, readByViews, versionOf } from "./reader.ts";

/** A store as a process finds it that has just been started. */
export interface FoundStore {
  readonly project: string;
  readonly catalog: Catalog;
  readonly filesystem: Filesystem;
}

/** Opens a store to look at it; null where nobody has made one yet. */
export async function withFoundStore<T>(
  project: string,
  look: (store: FoundStore) => Promise<T>,
): Promise<T | null> {
  const folder = join(project, storeFolder);
  const path = join(folder, "catalog.sqlite");
  if (!existsSync(path)) return null;
  const catalog = openSqliteCatalog(path, { kind: "existing" });
  try {
    return await look({ project, catalog, filesystem: nodeFilesystem(folder) });
  } finally {
    await catalog.close();
  }
}

/** What is known of how far the writer came. */
export interface Progress {
  /** It said that this version is stored. */
  readonly ended: number;
  /** It began to store this one; may be the same. */
  readonly begun: number;
}

/**
 * Checks that a reader sees exactly one version in all tables: by the catalog one that was ended or
 * begun, by `views.sql` that one or an older one. Answers the catalog's.
 */
export async function auditVisible(store: FoundStore, { ended, begun }: Progress): Promise<number> {
  const { sequence } = await store.catalog.head();
  const version = versionOf(await readByCatalog(store, sequence), [ended, begun]);
  const snapshots = await retainedSnapshots(store);
  if (snapshots.at(-1)?.sequence === 1) {
    const runs = snapshots.filter(({ kind }) => kind === "run").length;
    if (runs !== version) throw new Error(`expected ${version} snapshots of runs, got ${runs}`);
  }
  versionOf(await readByViews(store.project), versionsUpTo(version));
  return version;
}

/** Every snapshot, the newest first. */
async function retainedSnapshots({ catalog }: FoundStore): Promise<readonly SnapshotRecord[]> {
  const snapshots = await catalog.snapshots(null, pageRowsMax);
  if (snapshots.length === pageRowsMax) throw new Error("expected fewer snapshots in a test");
  return snapshots;
}

function versionsUpTo(version: number): readonly number[] {
  return Array.from({ length: version + 1 }, (_, index) => version - index);
}

/** Brings `views.sql` up to the head, as whoever finds it behind does. */
export async function repairViews({ project, catalog, filesystem }: FoundStore): Promise<void> {
  const claims = lockClaims(join(project, storeFolder));
  const takeLock = () => claims.take("views");
  await deriveViews({ catalog, filesystem, random: systemRandom, takeLock });
}

/** Repairs `views.sql`, and reads by it. */
export async function auditRepairedViews(store: FoundStore, version: number): Promise<void> {
  await repairViews(store);
  versionOf(await readByViews(store.project), [version]);
}

/** Checks that every retained snapshot still shows its version, given that of the newest. */
export async function auditHistory(store: FoundStore, version: number): Promise<void> {
  let shown = version;
  for (const { sequence, kind } of await retainedSnapshots(store)) {
    versionOf(await readByCatalog(store, sequence), [shown]);
    // A compaction shows what was there.
    if (kind === "run") shown -= 1;
  }
}

/** Checks each file of every retained snapshot, every byte of it. Answers their paths. */
export async function auditFiles(store: FoundStore): Promise<ReadonlySet<string>> {
  const { catalog, filesystem } = store;
  const named = new Set<string>();
  for (const { sequence } of await retainedSnapshots(store)) {
    for (const { tableId } of await catalog.tables(sequence)) {
      for (const file of await allFiles(catalog, tableId, sequence)) {
        if (named.has(file.path)) continue;
        named.add(file.path);
        const fault = await fileFault(filesystem, file, new AbortController().signal);
        if (fault !== null) throw new Error(`expected every named file whole, but ${fault}`);
      }
    }
  }
  return named;
}

/** Checks the journals of runs that may be resumed, and answers the batches in them. */
export async function auditJournals({ catalog, filesystem }: FoundStore): Promise<number> {
  let batches = 0;
  const runs = await catalog.runs({ pipelineId: null, beforeRunId: null, limit: 100 });
  for (const { runId, epoch, state } of runs) {
    if (state.kind !== "running" && state.kind !== "partial_failure") continue;
    const path = journalPath(runId, epoch);
    if ((await filesystem.stat(path)) !== null) batches += await auditJournal(filesystem, path);
  }
  return batches;
}

/**
 * Checks that a journal has each partition's batches without a gap, and that the files of each are
 * whole. Answers how many there are.
 */
export async function auditJournal(filesystem: Filesystem, path: string): Promise<number> {
  const { entries } = await readJournal(filesystem, path);
  const batches = entries.filter((entry) => entry.kind === "batch");
  const next = new Map<string, number>();
  for (const { stream, partition, number, files, quarantineFiles } of batches) {
    const place = `${stream}/${partition}`;
    const expected = next.get(place) ?? 0;
    if (number !== expected) throw new Error(`expected batch ${expected} of ${place} in ${path}`);
    next.set(place, number + 1);
    for (const file of [...files, ...quarantineFiles]) {
      const fault = await fileFault(filesystem, file, new AbortController().signal);
      if (fault !== null) throw new Error(`expected the files of ${path} whole, but ${fault}`);
    }
  }
  return batches.length;
}

/** Checks that the manifest of each snapshot is there as it was committed. */
export async function auditManifests(store: FoundStore): Promise<void> {
  const { filesystem } = store;
  for (const snapshot of await retainedSnapshots(store)) {
    const { manifestPath: path, manifestSha256: sha256 } = snapshot;
    const manifest = await readManifest(filesystem, { path, sha256, sizeBytes: 0 });
    if (manifest.runId !== snapshot.runId)
      throw new Error(`the manifest ${path} is of another run`);
  }
}
