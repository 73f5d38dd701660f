/**
 * Disks that are full, forbidden or broken from some call on, or at one call: the run says so by a
 * code that a caller can act on, readers see the old snapshot, and the next run ends it.
 */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exitCodeOf } from "../../../src/cli/exit-code.ts";
import { HakiriError, type ErrorRecord } from "../../../src/core/error.ts";
import { failingFilesystem, type Fault } from "../../platform/failing-filesystem.ts";
import { seededRandom, withSeed, type SeededRandom } from "../../platform/seeded-random.ts";
import { auditManifests, auditVisible, withFoundStore } from "./audit.ts";
import { inLanes } from "./lanes.ts";
import { makeMemoryFolder } from "./memory-folder.ts";
import { openPortedStore } from "./ported-store.ts";
import { placeHere, storeHere } from "./run-here.ts";
import { runTo } from "./world-run.ts";

/** What the system says, and what hakiri makes of it. */
const codes: Readonly<Record<string, string>> = {
  ENOSPC: "disk.full",
  EDQUOT: "disk.full",
  EACCES: "disk.permission",
  EROFS: "disk.read_only",
  EIO: "disk.failed",
};

/** Faults of the filesystem and of the catalog; more than in CI by `npm run torture`. */
const faultsMax = Number(process.env["HAKIRI_TORTURE_FAULTS"] ?? 45);

/** Where a run fails, by number of its calls or of its catalog's commands. */
interface RunFault extends Fault {
  readonly where: "files" | "catalog";
}

const timeout = 60_000 + faultsMax * 4000;

test("a fault of the disk is told, and the next run ends what it broke", { timeout }, async () => {
  await withSeed(async (seed) => {
    const random = seededRandom(seed);
    await using folder = await makeMemoryFolder("fault");
    const base = join(folder.path, "base");
    await storeHere(base, 1);
    const calls = await countCalls(base, join(folder.path, "counted"));
    const faults = Array.from({ length: faultsMax }, () => faultOf(calls, random));
    const met = { failed: 0, succeeded: 0 };
    await inLanes(2, faults.entries(), async ([index, fault]) => {
      const project = join(folder.path, String(index));
      await cp(base, project, { recursive: true });
      try {
        met[await breakRun(project, fault)] += 1;
      } catch (error) {
        throw new Error(`${JSON.stringify(fault)}: ${String(error)}`, { cause: error });
      }
    });
    process.stdout.write(`seed ${seed}: ${JSON.stringify(calls)}, ${JSON.stringify(met)}\n`);
    // Only calls that tidy up, or that follow a commit, may fail without the run.
    expect(met.failed).toBeGreaterThan(faultsMax * 0.75);
  });
});

type Calls = Readonly<Record<RunFault["where"], number>>;

/** How many calls and commands a run to version 2 makes. */
async function countCalls(base: string, project: string): Promise<Calls> {
  await cp(base, project, { recursive: true });
  const never = {
    at: Number.MAX_SAFE_INTEGER,
    lasts: "once",
    errno: "EIO",
    counts: "all",
  } as const;
  const { files, catalog } = await runUnder(project, { ...never, where: "files" });
  return { files, catalog };
}

function faultOf(calls: Calls, random: SeededRandom): RunFault {
  const where = random.chance(0.25) ? "catalog" : "files";
  const errnos = Object.keys(codes);
  return {
    where,
    at: random.below(calls[where]),
    lasts: random.chance(0.5) ? "once" : "onwards",
    errno: errnos[random.below(errnos.length)] ?? "EIO",
    counts: "all",
  };
}

/** Breaks the run to version 2, checks what is left, and runs again. */
async function breakRun(project: string, fault: RunFault): Promise<"failed" | "succeeded"> {
  const { error } = await runUnder(project, fault);
  if (error !== null) {
    expect(error.code).toBe(codes[fault.errno]);
    expect(exitCodeOf(error)).toBe(3);
    expect(error.hint).not.toBe("");
  }
  const stored = await withFoundStore(project, async (store) => {
    await auditManifests(store);
    return auditVisible(store, error === null ? { ended: 2, begun: 2 } : { ended: 1, begun: 2 });
  });
  const next = (stored ?? 0) + 1;
  await storeHere(project, next);
  await withFoundStore(project, (store) => auditVisible(store, { ended: next, begun: next }));
  return error === null ? "succeeded" : "failed";
}

interface BrokenRun {
  /** How it failed; null where it didn't. */
  readonly error: ErrorRecord | null;
  /** Calls and commands that there were. */
  readonly files: number;
  readonly catalog: number;
}

async function runUnder(project: string, fault: RunFault): Promise<BrokenRun> {
  let [files, catalog] = [() => 0, 0];
  const store = await openPortedStore(project, {
    filesystem: (inner) => {
      const at = fault.where === "files" ? fault.at : Number.MAX_SAFE_INTEGER;
      const failing = failingFilesystem(inner, { ...fault, at });
      files = failing.counted;
      return failing.filesystem;
    },
    apply: async (_command, { attachments, apply }) => {
      const number = catalog;
      catalog += 1;
      const isMet = fault.lasts === "once" ? number === fault.at : number >= fault.at;
      if (fault.where === "catalog" && isMet) throw catalogError(fault);
      return apply(attachments);
    },
  });
  try {
    const place = placeHere({ openFilesystem: () => store.filesystem });
    const error = await runTo(store, place, { version: 2 }).then(
      (result) => result.error,
      (thrown: unknown) => recordOf(thrown),
    );
    return { error, files: files(), catalog };
  } finally {
    await store.close();
  }
}

/** As SQLite's errors come. */
function catalogError({ errno }: RunFault): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: codes[errno] ?? "",
    message: "expected to write the catalog",
    hint: "a test made this up",
  });
}

function recordOf(thrown: unknown): ErrorRecord {
  if (thrown instanceof HakiriError) return thrown.toRecord();
  throw thrown;
}
