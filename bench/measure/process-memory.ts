// The resident memory of a process, and of a process with all its descendants.
//
// Figures come from /proc/<pid>/status, which is cheap enough to poll. Kernels before 6.17 read
// there from per-CPU counters that lag by up to a few hundred pages per core; PSS comes from
// /proc/<pid>/smaps_rollup, which walks the page tables: exact, but it holds the process's memory
// lock for milliseconds, so it is read only on request.

import { listProcessTree, readProcFile } from "./process-tree.ts";
import { requireLinux } from "./require-linux.ts";

/** What one process holds in memory. */
export type ProcessMemory = {
  /** Resident pages: anonymous + file + shared memory. */
  readonly rssBytes: number;
  /** Heap, stacks and written private pages: what the process alone costs (RssAnon). */
  readonly anonBytes: number;
  /** Mapped files, such as the node binary: shared between processes, evictable (RssFile). */
  readonly fileBytes: number;
  /** Shared memory and tmpfs pages (RssShmem). */
  readonly shmemBytes: number;
  /** Highest rssBytes since the process's last exec (VmHWM). */
  readonly peakRssBytes: number;
  /** Resident pages, each divided by how many processes map it; null unless asked and permitted. */
  readonly pssBytes: number | null;
};

/**
 * What a process and its descendants hold: sums over the tree. Shared pages count once per process
 * in all fields but `pssBytes`; `peakRssBytes` sums peaks that need not have coincided, so it is an
 * upper bound.
 */
export type TreeMemory = ProcessMemory & {
  /** How many processes were summed, at least 1. */
  readonly processes: number;
};

/** How to read memory. */
export type MemoryOptions = {
  /** Reads PSS too: exact and fair to shared pages, but milliseconds per process. Default false. */
  readonly withPss?: boolean;
};

/**
 * Reads the memory of one process; null when it has vanished, is a zombie or a kernel thread.
 *
 * Throws Error on another platform than Linux. Source: proc_pid_status(5).
 */
export function readProcessMemory(pid: number, options: MemoryOptions = {}): ProcessMemory | null {
  requireLinux();
  const status = readProcFile(`/proc/${pid}/status`);
  if (status === null) return null;
  const rssBytes = kibibyteField(status, "VmRSS");
  if (rssBytes === null) return null;
  return {
    rssBytes,
    anonBytes: kibibyteField(status, "RssAnon") ?? 0,
    fileBytes: kibibyteField(status, "RssFile") ?? 0,
    shmemBytes: kibibyteField(status, "RssShmem") ?? 0,
    peakRssBytes: kibibyteField(status, "VmHWM") ?? rssBytes,
    pssBytes: options.withPss === true ? readPss(pid) : null,
  };
}

/**
 * Reads and sums the memory of a process and all its descendants; null when the process itself has
 * vanished. Descendants that vanish meanwhile are left out.
 *
 * `pssBytes` is null unless it was asked for and readable for every process. Throws as
 * `listProcessTree` does.
 */
export function readTreeMemory(pid: number, options: MemoryOptions = {}): TreeMemory | null {
  const [root, ...descendants] = listProcessTree(pid);
  const own = root === undefined ? null : readProcessMemory(root, options);
  if (own === null) return null;
  let sum: TreeMemory = { ...own, processes: 1 };
  for (const descendant of descendants) {
    const memory = readProcessMemory(descendant, options);
    if (memory !== null) sum = addMemory(sum, memory);
  }
  return sum;
}

function addMemory(sum: TreeMemory, one: ProcessMemory): TreeMemory {
  return {
    rssBytes: sum.rssBytes + one.rssBytes,
    anonBytes: sum.anonBytes + one.anonBytes,
    fileBytes: sum.fileBytes + one.fileBytes,
    shmemBytes: sum.shmemBytes + one.shmemBytes,
    peakRssBytes: sum.peakRssBytes + one.peakRssBytes,
    pssBytes: sum.pssBytes === null || one.pssBytes === null ? null : sum.pssBytes + one.pssBytes,
    processes: sum.processes + 1,
  };
}

function readPss(pid: number): number | null {
  try {
    const rollup = readProcFile(`/proc/${pid}/smaps_rollup`);
    return rollup === null ? null : kibibyteField(rollup, "Pss");
  } catch (error) {
    // A process of another user, or one that has dropped its dumpable flag, hides its maps.
    if (error instanceof Error && "code" in error && error.code === "EACCES") return null;
    throw error;
  }
}

/** Value in bytes of a line such as `VmRSS:     1648 kB`; null when there is no such line. */
function kibibyteField(text: string, name: string): number | null {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
  return match?.[1] === undefined ? null : Number(match[1]) * 1024;
}
