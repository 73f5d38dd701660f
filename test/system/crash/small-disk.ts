/**
 * A program on a disk of its own that is small: fills it up to some free bytes, or makes it
 * read-only, runs the pipeline, gives it back and runs again. Prints one JSON line for each try.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HakiriError } from "../../../src/core/error.ts";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import { auditManifests, auditVisible, withFoundStore } from "./audit.ts";
import { placeHere, storeHere } from "./run-here.ts";
import { runTo } from "./world-run.ts";

/** What a run met, and what it said. */
export interface DiskTry {
  readonly fault: string;
  /** Null where it succeeded all the same. */
  readonly code: string | null;
  readonly message: string;
}

const [disk = "", mount = ""] = process.argv.slice(2);

for (const freeKib of [0, 4, 16, 40, 80, 120, 160, 200, 300]) {
  const filler = join(disk, "filler");
  await tryOut(`${freeKib} KiB free`, {
    spoil: () => fill(filler, freeKib),
    repair: () => rmSync(filler, { force: true }),
  });
}
// The kernel refuses to make it read-only while a file on it is open for writing.
const remount = (how: string): void => void execFileSync(mount, ["-o", `remount,${how}`, disk]);
await tryOut("read-only", { spoil: () => remount("ro"), repair: () => remount("rw") });

interface Spoiling {
  readonly spoil: () => void;
  readonly repair: () => void;
}

async function tryOut(fault: string, { spoil, repair }: Spoiling): Promise<void> {
  const project = join(disk, "project");
  mkdirSync(project);
  await storeHere(project, 1);
  spoil();
  const { code, message } = await runBroken(project);
  repair();
  const ended = code === null ? 2 : 1;
  const stored = await withFoundStore(project, async (store) => {
    await auditManifests(store);
    return auditVisible(store, { ended, begun: 2 });
  });
  const next = (stored ?? 0) + 1;
  await storeHere(project, next);
  await withFoundStore(project, (store) => auditVisible(store, { ended: next, begun: next }));
  rmSync(project, { recursive: true });
  const line: DiskTry = { fault, code, message };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Fills the disk but for so much. */
function fill(filler: string, freeKib: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, new Uint8Array(bavail * bsize - freeKib * 1024));
}

async function runBroken(project: string): Promise<Pick<DiskTry, "code" | "message">> {
  try {
    const store = await openStore(project, "existing");
    try {
      const { error } = await runTo(store, placeHere(), { version: 2 });
      return { code: error?.code ?? null, message: error?.message ?? "" };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    return { code: error.code, message: error.message };
  }
}
