/**
 * Gives memory back while a process is idle: freed heap to the system, and the mappings of
 * executable code, which V8's compilers touched once, to the page cache.
 *
 *   Owns:    which pages may go.
 *   Doesn't: know when the process is idle.
 *   I1. Only file mappings that are readable, executable and private go: nothing can have written
 *       to them, so the kernel reads the same bytes again at the next call (madvise(2),
 *       MADV_DONTNEED). Relocated data, mapped from the same files without `x`, is left alone.
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

/** A line of `/proc/self/maps` for private executable code of a file (proc(5)). */
const executable = /^([0-9a-f]+)-([0-9a-f]+) r-xp [0-9a-f]+ [0-9a-f:]+ [1-9]\d* +\//;

/** Trims this process once; takes about a millisecond. Linux with glibc only. */
export async function trimIdleMemory(): Promise<Trim> {
  if (process.platform !== "linux") return { kind: "unsupported", reason: "needs Linux" };
  const libc = await openLibc();
  if (typeof libc === "string") return { kind: "unsupported", reason: libc };
  libc.malloc_trim(0n);
  let mappedBytes = 0;
  for (const [start, end] of executableRanges(readFileSync("/proc/self/maps", "utf8"))) {
    if (libc.madvise(start, end - start, dontNeed) === 0) mappedBytes += Number(end - start);
  }
  return { kind: "trimmed", mappedBytes };
}

/** Address ranges that may be dropped by I1: start, and the address after the end. */
export function executableRanges(maps: string): readonly (readonly [bigint, bigint])[] {
  return maps.split("\n").flatMap((line) => {
    const [, start, end] = executable.exec(line) ?? [];
    return start === undefined || end === undefined
      ? []
      : [[BigInt(`0x${start}`), BigInt(`0x${end}`)]];
  });
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
