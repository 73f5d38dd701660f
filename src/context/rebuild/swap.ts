/**
 * Puts a rebuilt catalog in the place of the one that is damaged or lost.
 *
 *   X1. Nothing is deleted: what was there keeps its bytes under `catalog.sqlite.damaged-<n>`, with
 *       SQLite's files beside it, whose names tell which belong together.
 *   X2. SQLite's files go before the new catalog comes: a log that stayed would be played into it.
 *   X3. A crash in between leaves a store without a catalog, which no command takes for a new one,
 *       and a rebuild begins again.
 */
import type { Filesystem } from "../../core/ports/filesystem.ts";

/** The catalog's file in a store. */
const catalogPath = "catalog.sqlite";

/** The catalog that is being rebuilt. */
export const rebuiltPath = "catalog.sqlite.rebuilt";

/** What SQLite keeps beside a database while it is open, and after a crash. */
const sidecars = ["-wal", "-shm", "-journal"] as const;

const damagedPattern = /^catalog\.sqlite\.damaged-(?<number>\d{1,9})(?:-\w+)?$/u;

/** What the catalog is called that the nth rebuild replaced. */
export function damagedPath(number: number): string {
  return `${catalogPath}.damaged-${number}`;
}

/** The highest number of a damaged catalog that was kept; 0 for none. */
export async function lastDamaged(filesystem: Filesystem): Promise<number> {
  const names = await filesystem.list("");
  const numbers = names.map((name) => Number(damagedPattern.exec(name)?.groups?.["number"] ?? 0));
  return Math.max(0, ...numbers);
}

/** Removes what an earlier rebuild left that didn't end. */
export async function removeRebuilt(filesystem: Filesystem): Promise<void> {
  for (const suffix of ["", ...sidecars]) await filesystem.unlink(`${rebuiltPath}${suffix}`);
  await filesystem.syncFolder("");
}

/** Swaps. Answers what the old catalog is called now; null where there was none. */
export async function swapCatalog(filesystem: Filesystem): Promise<string | null> {
  const kept = damagedPath((await lastDamaged(filesystem)) + 1);
  const hadOne = (await filesystem.stat(catalogPath)) !== null;
  for (const suffix of ["", ...sidecars]) {
    if ((await filesystem.stat(`${catalogPath}${suffix}`)) === null) continue;
    await filesystem.rename(`${catalogPath}${suffix}`, `${kept}${suffix}`);
  }
  await filesystem.syncFolder("");
  await filesystem.rename(rebuiltPath, catalogPath);
  await filesystem.syncFolder("");
  return hadOne ? kept : null;
}
