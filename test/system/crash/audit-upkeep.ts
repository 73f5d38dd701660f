/** What doctor and gc must make of a store whose writers died, one after the other. */
import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { collectGarbage } from "../../../src/context/garbage/collect-garbage.ts";
import { inspectStore } from "../../../src/context/inspect/inspect-store.ts";
import type { Finding } from "../../../src/context/inspect/finding.ts";
import { storeFolder } from "../../../src/context/layout.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { rebuildCatalog } from "../../../src/context/rebuild/rebuild-catalog.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import { openInspection, openRebuild } from "../../../src/profiles/engine/store-care.ts";
import { auditHistory, auditVisible, withFoundStore } from "./audit.ts";
import { storeHere } from "./run-here.ts";

/** What doctor finds in the store, every byte looked at. */
export async function findingsOf(project: string): Promise<readonly Finding[]> {
  const inspection = await openInspection(project);
  if (inspection === null) throw new Error(`expected a store in ${project}`);
  try {
    return await inspectStore(inspection, { deep: true, signal: new AbortController().signal });
  } finally {
    await inspection.close();
  }
}

/** What is not yet tidied up, and no damage. */
const untidy: ReadonlySet<string> = new Set([
  "store.leftovers",
  "manifest.not_derived",
  "views.behind",
  "journal.torn",
]);

/** Checks that doctor finds no damage, that gc removes exactly what nothing names, and no more. */
export async function auditUpkeep(project: string, version: number): Promise<void> {
  const damage = (await findingsOf(project)).filter(({ code }) => !untidy.has(code));
  if (damage.length > 0) throw new Error(`doctor finds ${JSON.stringify(damage)}`);
  const store = await openStore(project, "existing");
  try {
    const publisher = createPublisher(store.filesystem, systemRandom);
    await collectGarbage({ ...store, publisher }, { ...spareNothing, ...keepSnapshots });
    for (const path of await filesOf(project)) {
      if (rootFiles.test(path) || path.endsWith("/_manifest.json")) continue;
      if (await store.catalog.isReferenced(path)) continue;
      throw new Error(`expected gc to leave what the catalog names, found ${path}`);
    }
  } finally {
    await store.close();
  }
  const left = await findingsOf(project);
  if (left.length > 0) throw new Error(`after gc doctor finds ${JSON.stringify(left)}`);
  await withFoundStore(project, (found) => auditHistory(found, version));
}

const keepSnapshots = { keep: 1_000_000, retentionMicros: 0n } as const;

const spareNothing = {
  graceMicros: 0n,
  resumeTtlMicros: 0n,
  dryRun: false,
  // What was killed and torn is looked at under any clock.
  force: true,
  signal: new AbortController().signal,
} as const;

/** What a store has beside its runs. */
const rootFiles = new RegExp(
  ["catalog\\.sqlite(?:-wal|-shm)?", "views\\.sql", "empty\\.parquet", "checkpoint\\.jsonl"]
    .concat("clock\\.json")
    .concat("claims/[a-z0-9]+\\.lock")
    .map((name) => `^${name}$`)
    .join("|"),
  "u",
);

/** All files, relative to the store's folder. */
async function filesOf(project: string): Promise<readonly string[]> {
  const root = join(project, storeFolder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** Checks that a copy whose catalog is lost gets it back, and goes on from there. */
export async function auditRebuild(project: string, copy: string, version: number): Promise<void> {
  await cp(project, copy, { recursive: true });
  for (const end of ["", "-wal", "-shm"]) {
    await rm(join(copy, storeFolder, `catalog.sqlite${end}`), { force: true });
  }
  const { signal } = new AbortController();
  await rebuildCatalog(await openRebuild(copy), { force: false, signal });
  await withFoundStore(copy, async (store) => {
    await auditVisible(store, { ended: version, begun: version });
    await auditHistory(store, version);
  });
  await storeHere(copy, version + 1);
  await withFoundStore(copy, (store) =>
    auditVisible(store, { ended: version + 1, begun: version + 1 }),
  );
}
