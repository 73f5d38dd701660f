/**
 * A store that may be read and not written: on a read-only mount, or of another user. Its catalog
 * is read from a copy, and nothing is pinned, locked or removed there.
 */
import { accessSync, constants, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { copyCatalog } from "../../catalog/sqlite/copy-catalog.ts";
import { openSqliteCatalog, type SqliteCatalog } from "../../catalog/sqlite/sqlite-catalog.ts";
import type { Pins } from "../../core/ports/catalog.ts";
import type { Claims } from "../../core/ports/claim.ts";
import type { Random } from "../../core/ports/random.ts";
import { errnoOf } from "../../platform/disk-error.ts";
import { systemFolder } from "./temporary-folder.ts";

const catalogFile = "catalog.sqlite";

/** What reading commands write to, where they may write there. */
const writtenPaths = ["", catalogFile, `${catalogFile}-wal`, `${catalogFile}-shm`, "pins", "temp"];

/** Whether a store's folder may not be written by this process, in whole or in part. */
export function isUnwritable(folder: string): boolean {
  return writtenPaths.some((path) => {
    try {
      accessSync(join(folder, path), constants.W_OK);
      return false;
    } catch (error) {
      return errnoOf(error) !== "ENOENT";
    }
  });
}

/** A catalog to be read, and the folder of its copy. */
export interface CopiedCatalog {
  readonly catalog: SqliteCatalog;
  /** Outside of the project; gone when the catalog is closed. */
  readonly folder: string;
}

/** Opens a copy of the catalog of a store's folder. Throws as `openSqliteCatalog` does. */
export async function openCopiedCatalog(folder: string): Promise<CopiedCatalog> {
  const copies = await systemFolder();
  const remove = () => rm(copies, { recursive: true, force: true });
  try {
    const path = join(copies, catalogFile);
    copyCatalog(join(folder, catalogFile), path);
    const catalog = openSqliteCatalog(path, { kind: "existing" });
    const close = async (): Promise<void> => {
      await catalog.close();
      await remove();
    };
    return { catalog: { ...catalog, close }, folder: copies };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Pins that hold nothing, since no lock can be made; those that there are count as live. */
export function absentPins(folder: string, random: Random): Pins {
  return {
    pin: (sequence) => ({
      name: `${sequence}-${Buffer.from(random.bytes(10)).toString("hex")}`,
      release: () => undefined,
    }),
    live: () => [],
    names: () => lockNames(join(folder, "pins")),
  };
}

function lockNames(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".lock"));
    return names.map((name) => name.slice(0, -".lock".length)).toSorted();
  } catch {
    return [];
  }
}

/** No claim can be taken: nobody writes here. */
export const absentClaims: Claims = { take: () => null };
