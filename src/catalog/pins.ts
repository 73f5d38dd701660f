/**
 * Pins by locks of the operating system: `pins/<sequence>-<random>.lock` in the store's folder.
 *
 * This file owns which pins are live. Whoever pins a snapshot asks the catalog afterwards whether
 * it is still retained; whoever expires snapshots lists the pins before.
 *
 * P1. A pin is live exactly while a process holds its file. A file whose lock can be taken is
 *     stale, and whoever took it removes it while holding it.
 * P2. A pin gets its name under the lock, so that nobody ever sees one that is not held yet. One
 *     whose maker died before leaves a `.tmp-<random>` file, which means nothing.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { HakiriError } from "../core/error.ts";
import type { Pin, Pins } from "../core/ports/catalog.ts";
import type { Random } from "../core/ports/random.ts";
import { holdExisting, holdFile, type HeldFile } from "./lock-file.ts";
import { sqliteFault } from "./sqlite/sqlite-fault.ts";

/** Most pins of a store, stale ones included. */
export const pinsMax = 4096;

const namePattern = /^(?:0|[1-9][0-9]{0,15})-[0-9a-f]{20}\.lock$/u;

/** Pins of the store in this folder, an absolute path that exists. */
export function lockPins(storeFolder: string, random: Random): Pins {
  const folder = join(storeFolder, "pins");
  return {
    pin: (sequence) => pin(folder, sequence, random),
    live: () => sequencesOf(onDisk(folder, () => livePins(folder))),
    names: () => onDisk(folder, () => livePins(folder)).toSorted(),
  };
}

function pin(folder: string, sequence: number, random: Random): Pin {
  onDisk(folder, () => mkdirSync(folder, { recursive: true }));
  const suffix = Buffer.from(random.bytes(10)).toString("hex");
  const name = `${sequence}-${suffix}`;
  const path = join(folder, `${name}.lock`);
  const temporary = `${path}.tmp-${suffix}`;
  const held = holdFile(temporary);
  if (held === null) throw new Error(`expected a name that nobody else has, got ${temporary}`);
  try {
    onDisk(path, () => renameSync(temporary, path)); // P2
  } catch (error) {
    held.release();
    throw error;
  }
  return pinOf(name, path, held);
}

function pinOf(name: string, path: string, held: HeldFile): Pin {
  let isHeld = true;
  return {
    name,
    release() {
      if (!isHeld) return;
      isHeld = false;
      remove(path);
      held.release();
    },
  };
}

function livePins(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  if (names.length > pinsMax) throw tooMany(folder, names.length);
  return names
    .filter((name) => namePattern.test(name) && !removeStale(join(folder, name)))
    .map((name) => name.slice(0, -".lock".length));
}

function sequencesOf(names: readonly string[]): readonly number[] {
  const sequences = names.map((name) => Number(name.slice(0, name.indexOf("-"))));
  return [...new Set(sequences)].filter((sequence) => sequence > 0).toSorted((a, b) => a - b);
}

/** P1. Answers whether the pin was stale; one that its holder just removed is not made again. */
function removeStale(path: string): boolean {
  const held = holdExisting(path);
  if (held === null) return false;
  if (held === "gone") return true;
  remove(path);
  held.release();
  return true;
}

function remove(path: string): void {
  onDisk(path, () => {
    if (existsSync(path)) unlinkSync(path);
  });
}

function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw sqliteFault(error, path);
  }
}

function tooMany(folder: string, count: number): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "store.too_many_pins",
    message: `expected at most ${pinsMax} pins in ${folder}, found ${count}`,
    hint: `end the readers of this project and empty ${folder}`,
  });
}
