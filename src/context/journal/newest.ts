/**
 * The journal that an attempt goes on from.
 *
 *   N1. A journal is published before anything that its attempt stages (J1), with all that was
 *       adopted. So an attempt without one staged nothing, and the next one finds what it would
 *       have found: the newest journal before it.
 *   N2. Only of the same run: the catalog grants a run again only where its resume key is equal.
 *   N3. Only up to the epoch that the catalog names. A holder of an older one that isn't gone yet
 *       may still append to its own journal; what it stages has names of its own epoch, and nothing
 *       of it is committed but what a later attempt verifies and adopts.
 */
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { runFolder } from "../layout.ts";
import { roleOf } from "../rebuild/run-folder.ts";

/** The epoch of a run's newest journal up to that one; null where there is none. */
export async function newestJournal(
  filesystem: Pick<Filesystem, "list">,
  runId: string,
  epochMax: number,
): Promise<number | null> {
  const folder = runFolder(runId);
  let newest: number | null = null;
  for (const name of await filesystem.list(folder)) {
    const role = roleOf(`${folder}/${name}`);
    if (role.kind !== "journal" || role.epoch > epochMax) continue;
    if (newest === null || role.epoch > newest) newest = role.epoch;
  }
  return newest;
}
