/** A project's store for doctor: to be looked over whatever is wrong with it, and to be rebuilt. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { lockClaims } from "../../catalog/claims.ts";
import { lockPins } from "../../catalog/pins.ts";
import { openSqliteCatalog } from "../../catalog/sqlite/sqlite-catalog.ts";
import type { StoreInspection } from "../../cli/commands/engine.ts";
import { storeFolder } from "../../context/layout.ts";
import type { InspectedCatalog } from "../../context/inspect/inspect-context.ts";
import { createPublisher } from "../../context/publish.ts";
import type { RebuildContext } from "../../context/rebuild/rebuild-catalog.ts";
import { HakiriError, usageError } from "../../core/error.ts";
import { nodeFilesystem } from "../../platform/node-filesystem.ts";
import { systemClock } from "../../platform/system-clock.ts";
import { systemRandom } from "../../platform/system-random.ts";
import { absentClaims, absentPins, isUnwritable, openCopiedCatalog } from "./unwritable-store.ts";

/** Opens what there is of a store; null where a folder has none. */
export async function openInspection(project: string): Promise<StoreInspection | null> {
  const folder = join(project, storeFolder);
  if (!existsSync(folder)) return null;
  if (isUnwritable(folder)) return inspectUnwritable(folder);
  const catalog = inspectedCatalog(folder);
  return {
    catalog,
    publisher: createPublisher(nodeFilesystem(folder), systemRandom),
    claims: lockClaims(folder),
    pins: lockPins(folder, systemRandom),
    clock: systemClock,
    close: async () => {
      if (catalog.kind === "open") await catalog.catalog.close();
    },
  };
}

async function inspectUnwritable(folder: string): Promise<StoreInspection> {
  const catalog = await copiedCatalog(folder);
  return {
    catalog,
    publisher: createPublisher(nodeFilesystem(folder), systemRandom),
    claims: absentClaims,
    pins: absentPins(folder, systemRandom),
    clock: systemClock,
    close: async () => {
      if (catalog.kind === "open") await catalog.catalog.close();
    },
  };
}

async function copiedCatalog(folder: string): Promise<InspectedCatalog> {
  try {
    const { catalog } = await openCopiedCatalog(folder);
    return { kind: "open", catalog, faults: () => catalog.faults() };
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    return { kind: "failed", error };
  }
}

function inspectedCatalog(folder: string): InspectedCatalog {
  try {
    const catalog = openSqliteCatalog(join(folder, "catalog.sqlite"), { kind: "existing" });
    return { kind: "open", catalog, faults: () => catalog.faults() };
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    return { kind: "failed", error };
  }
}

/** What a rebuild of the store's catalog works with. Throws `usage.no_store`. */
export async function openRebuild(project: string): Promise<RebuildContext> {
  const folder = join(project, storeFolder);
  if (!existsSync(folder)) {
    throw usageError(
      "no_store",
      `expected a store in ${project}, but there is no ${storeFolder}`,
      "go to a project's folder, or name it with --project",
    );
  }
  return {
    filesystem: nodeFilesystem(folder),
    claims: lockClaims(folder),
    clock: systemClock,
    openRestoring: (path, storeId) => openSqliteCatalog(path, { kind: "restore", storeId }),
  };
}
