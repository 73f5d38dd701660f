/** Opens a project's store: the adapters of this machine behind the ports. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { lockClaims } from "../../catalog/claims.ts";
import { lockPins } from "../../catalog/pins.ts";
import { openSqliteCatalog } from "../../catalog/sqlite/sqlite-catalog.ts";
import type { OpenStore, StoreOpening } from "../../cli/commands/engine.ts";
import { deriveCommitted } from "../../context/manifest/committed.ts";
import { deriveViews } from "../../context/derive/derive-views.ts";
import { ensureEmptyPart } from "../../context/derive/empty-part.ts";
import { writeWitness } from "../../context/garbage/clock-witness.ts";
import { newId, storeFolder } from "../../context/layout.ts";
import { createPublisher } from "../../context/publish.ts";
import { usageError } from "../../core/error.ts";
import { bootClock } from "../../platform/boot-clock.ts";
import { onDisk } from "../../platform/disk-error.ts";
import { requireLocalFilesystem } from "../../platform/local-filesystem.ts";
import { nodeFilesystem } from "../../platform/node-filesystem.ts";
import { systemClock } from "../../platform/system-clock.ts";
import { systemRandom } from "../../platform/system-random.ts";
import { absentClaims, absentPins, isUnwritable, openCopiedCatalog } from "./unwritable-store.ts";

const runsFolder = "runs";

/** Opens the store of a project's folder, absolute; see `Engine.openStore`. */
export async function openStore(project: string, opening: StoreOpening): Promise<OpenStore> {
  const folder = join(project, storeFolder);
  if (opening !== "create" && !existsSync(folder)) {
    throw usageError(
      "no_store",
      `expected a store in ${project}, but there is no ${storeFolder}`,
      "go to a project's folder, name it with --project, or begin with: hakiri ingest FILE",
    );
  }
  if (opening === "reading" && isUnwritable(folder)) return openUnwritable(project, folder);
  await requireLocalFilesystem(project);
  await onDisk({ deed: "make the folder", path: folder }, () => mkdir(folder, { recursive: true }));
  const filesystem = nodeFilesystem(folder);
  const publisher = createPublisher(filesystem, systemRandom);
  const catalog = openSqliteCatalog(
    join(folder, "catalog.sqlite"),
    opening === "create" && !existsSync(join(folder, runsFolder))
      ? { kind: "create", storeId: newId(systemRandom) }
      : // A store with runs had a catalog: where it is lost, a new one would hide what it knew.
        { kind: "existing" },
  );
  const claims = lockClaims(folder);
  const takeLock = () => claims.take("views");
  const views = { catalog, filesystem, random: systemRandom, takeLock };
  await ensureEmptyPart(publisher);
  return {
    project,
    filesystem,
    catalog,
    claims,
    pins: lockPins(folder, systemRandom),
    clock: systemClock,
    random: systemRandom,
    bootClock,
    unwritable: null,
    derive: async ({ manifest, reference, committed }) => {
      await deriveCommitted(publisher, manifest, { ...committed, sha256: reference.sha256 });
      await deriveViews(views);
      const moment = await bootClock();
      if (moment === null) return;
      const atMicros = systemClock.nowMicros();
      await writeWitness(filesystem, systemRandom, { ...moment, atMicros });
    },
    close: () => catalog.close(),
  };
}

/** For who reads alone. Another process may write it meanwhile. */
async function openUnwritable(project: string, folder: string): Promise<OpenStore> {
  const { catalog, folder: spillRoot } = await openCopiedCatalog(folder);
  return {
    project,
    filesystem: nodeFilesystem(folder),
    catalog,
    claims: absentClaims,
    pins: absentPins(folder, systemRandom),
    clock: systemClock,
    random: systemRandom,
    bootClock,
    unwritable: { spillRoot },
    derive: () =>
      Promise.reject(new Error("expected nothing to be committed to a read-only store")),
    close: () => catalog.close(),
  };
}
