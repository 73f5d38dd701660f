/** A temporary folder in a store. Its pin is held as long, so that `gc` tells it from leftovers. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { lockPins } from "../../catalog/pins.ts";
import type { TemporaryFolder } from "../../cli/commands/engine.ts";
import { pinTemporaryPath } from "../../context/layout.ts";
import { systemRandom } from "../../platform/system-random.ts";
import { isUnwritable } from "./unwritable-store.ts";

/** A pin of no snapshot: it says that its holder lives, and keeps nothing from expiring. */
const noSnapshot = 0;

/** The folder, which whoever needs it makes; null where a store's folder may not be written. */
export function pinnedFolder(store: string): TemporaryFolder | null {
  if (isUnwritable(store)) return null;
  const pin = lockPins(store, systemRandom).pin(noSnapshot);
  const path = join(store, pinTemporaryPath(pin.name));
  return {
    path,
    remove: async () => {
      try {
        await rm(path, { recursive: true, force: true });
      } finally {
        pin.release();
      }
    },
  };
}
