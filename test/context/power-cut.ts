/** Power cuts of what is done to a store: the disks that each may leave, opened as stores again. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublisher } from "../../src/context/publish.ts";
import type { DuckDb } from "../../src/context/duckdb/open-duckdb.ts";
import { materialise } from "../platform/power-cut/materialise.ts";
import type { Disk } from "../platform/power-cut/disk.ts";
import { disksAfter, type Recording } from "../platform/power-cut/recording.ts";
import { recordingFilesystem } from "../platform/power-cut/recording-filesystem.ts";
import type { SnapshotFile } from "../platform/power-cut/step.ts";
import { seededRandom } from "../platform/seeded-random.ts";
import { catalogName, openStoreIn, type HistoryStore } from "./history.ts";

/** SQLite syncs by itself: its files are known by what they hold after each command. */
const isModelled = (path: string): boolean => /^(?:catalog\.sqlite|claims|pins)/u.test(path);

/** Does work on a store under record. Each command of its catalog is one durable step. */
export async function recordWork(
  store: HistoryStore,
  work: (recorded: HistoryStore) => Promise<void>,
): Promise<Recording> {
  const recorder = await recordingFilesystem(store.filesystem, { isModelled });
  const step = (name: string) => recorder.durableStep(name, () => backupOf(store));
  await step("opened");
  const { filesystem } = recorder;
  await work({
    ...store,
    filesystem,
    publisher: createPublisher(filesystem, seededRandom(99)),
    catalog: {
      ...store.catalog,
      apply: async (command, attachments) => {
        const answer = await store.catalog.apply(command, attachments);
        await step(command.kind);
        return answer;
      },
    },
  });
  return recorder.recording();
}

async function backupOf({ catalog }: HistoryStore): Promise<readonly SnapshotFile[]> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-backup-"));
  try {
    const path = join(folder, catalogName);
    await catalog.backupTo(path);
    return [{ path: catalogName, bytes: await readFile(path) }];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The different disks after each step but the opening, at most `perCut` each. */
export function* disksOf(
  recording: Recording,
  seed: number,
  perCut: number,
): Generator<Disk, void, void> {
  const seen = new Set<string>();
  for (let cut = 1; cut <= recording.steps.length; cut += 1) {
    for (const disk of disksAfter(recording, cut, seed, perCut)) {
      if (seen.has(disk.digest)) continue;
      seen.add(disk.digest);
      yield disk;
    }
  }
}

/** Opens a disk as a store in a folder of its own; says which disk it was where `look` fails. */
export async function onDisk(
  disk: Disk,
  duckDb: DuckDb,
  look: (store: HistoryStore) => Promise<void>,
): Promise<void> {
  const project = await mkdtemp(join(tmpdir(), "hakiri-cut-"));
  try {
    await materialise(disk, join(project, ".hakiri"));
    const store = await openStoreIn(project, { kind: "existing" }, { duckDb, seed: 7 });
    try {
      await look(store);
    } finally {
      await store.catalog.close();
    }
  } catch (error) {
    throw new Error(`${disk.label}: ${String(error)}`, { cause: error });
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}
