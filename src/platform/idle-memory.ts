/**
 * Gives memory back while a process is idle: freed heap to the system, and the mappings of
 * executable code, which V8's compilers touched once, to the page cache.
 *
 *   Owns:    which pages may go.
 *   Doesn't: know when the process is idle.
 *   I1. Only private mappings of files go that can be executed but not written, and of which no
 *       page is the process's own copy (a relocation, a debugger's breakpoint): of these the kernel
 *       reads the same bytes again at the next call (madvise(2), MADV_DONTNEED). Any other page
 *       would come back without what was written to it.
 *   I2. What the platform can't do is an outcome, not a failure: memory only stays higher.
 *
 * What falls is the resident set. The machine gains the page cache's freedom to evict the pages,
 * no more; `RssAnon` tells what the process itself holds. Node's FFI is experimental (26.x).
 */
import { readFileSync } from "node:fs";

/** What a trim did: bytes of mappings given back, or why nothing was. */
export type Trim =
  | { readonly kind: "trimmed"; readonly mappedBytes: number }
  | { readonly kind: "unsupported"; readonly reason: string };

interface Libc {
  readonly malloc_trim: (padBytes: bigint) => number;
  readonly madvise: (address: bigint, lengthBytes: bigint, advice: number) => number;
}

/** `MADV_DONTNEED` on Linux, all architectures. */
const dontNeed = 4;

/** The first line of a mapping in `/proc/self/smaps`: addresses, permissions, inode (proc(5)). */
const mapping = /^([0-9a-f]+)-([0-9a-f]+) (\S+) [0-9a-f]+ [0-9a-f:]+ (\d+)(?: +(\/.*))?/;

/** Trims this process once; takes some milliseconds. Linux with glibc only. */
export async function trimIdleMemory(): Promise<Trim> {
  if (process.platform !== "linux") return { kind: "unsupported", reason: "needs Linux" };
  const libc = await openLibc();
  if (typeof libc === "string") return { kind: "unsupported", reason: libc };
  libc.malloc_trim(0n);
  let mappedBytes = 0;
  for (const [start, end] of droppableRanges(readFileSync("/proc/self/smaps", "utf8"))) {
    if (libc.madvise(start, end - start, dontNeed) === 0) mappedBytes += Number(end - start);
  }
  return { kind: "trimmed", mappedBytes };
}

/**
 * Address ranges that may be dropped by I1, out of the text of `/proc/self/smaps`: start, and the
 * address after the end.
 */
export function droppableRanges(smaps: string): readonly (readonly [bigint, bigint])[] {
  const ranges: [bigint, bigint][] = [];
  for (const part of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, start, end, permissions, inode, path] = mapping.exec(part) ?? [];
    const isCode = permissions === "r-xp" && inode !== "0" && path !== undefined;
    // A copy is anonymous, in memory or in swap. `Private_Dirty` also counts pages of a file that
    // was written a moment ago, such as a Node that was just installed.
    const isUntouched = /^Anonymous: +0 kB$/m.test(part) && /^Swap: +0 kB$/m.test(part);
    if (isCode && isUntouched) ranges.push([BigInt(`0x${start}`), BigInt(`0x${end}`)]);
  }
  return ranges;
}

async function openLibc(): Promise<Libc | string> {
  try {
    const { dlopen } = await import("node:ffi");
    // Resolved in this process, which has its C library already; musl has no malloc_trim.
    return dlopen(null, {
      malloc_trim: { arguments: ["u64"], return: "i32" },
      madvise: { arguments: ["u64", "u64", "i32"], return: "i32" },
    }).functions;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
