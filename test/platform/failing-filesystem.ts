/** A filesystem that fails one call, or all from one on, as a full or broken disk does. */
import type { Filesystem } from "../../src/core/ports/filesystem.ts";
import { diskError } from "../../src/platform/disk-error.ts";
import { errnoError } from "./errno.ts";
import { interceptedFilesystem, type PortCall } from "./intercepted-filesystem.ts";

/** What fails, and how. */
export interface Fault {
  /** Which of the counted calls fails, 0 for the first. */
  readonly at: number;
  /** `once`: only that call; `onwards`: that one and every counted one after it. */
  readonly lasts: "once" | "onwards";
  /** The name of the system's error number, such as `ENOSPC`. */
  readonly errno: string;
  /**
   * Which calls count: all, or only those that change something (a full disk can be read), which
   * is the default.
   */
  readonly counts?: "all" | "changes";
}

/** A filesystem with a fault, and what came of it. */
export interface FailingFilesystem {
  readonly filesystem: Filesystem;
  /** How many counted calls there were; more than `fault.at` when the fault was met. */
  counted(): number;
}

/**
 * A filesystem over another one that fails by the fault, with the errors of the node adapter. A
 * failed write leaves half of its bytes, and a file that failed stays failed.
 */
export function failingFilesystem(inner: Filesystem, fault: Fault): FailingFilesystem {
  let counted = 0;
  const isCounted = (call: PortCall): boolean => fault.counts === "all" || call.isChange;
  const filesystem = interceptedFilesystem(inner, async (call) => {
    if (!isCounted(call)) return;
    const number = counted;
    counted += 1;
    if (fault.lasts === "once" ? number !== fault.at : number < fault.at) return;
    await call.breakOff();
    throw diskError(errnoError(fault.errno), { deed: call.operation, path: call.path });
  });
  return { filesystem, counted: () => counted };
}
