// Which processes descend from one process, now.
//
// It asks the kernel for the children of each thread (/proc/<pid>/task/<tid>/children) rather than
// scanning every process of the machine for its parent: a tree of three processes costs about 40
// small reads however busy the machine is, and polling must not disturb what it measures. A child
// whose parent has died belongs to init and is no longer found.

import { readFileSync, readdirSync } from "node:fs";

import { requireLinux } from "./require-linux.ts";

/** Most processes that one tree may hold: more is a runaway, not something to measure. */
const TREE_PROCESSES_MAX = 4096;

/**
 * Lists a process and its descendants, parents before children; empty when it has vanished.
 *
 * Not a snapshot: processes that start or end while it runs may be missing or already gone. Throws
 * Error above `processesMax` processes, and on a kernel without CONFIG_PROC_CHILDREN.
 */
export function listProcessTree(
  rootPid: number,
  processesMax: number = TREE_PROCESSES_MAX,
): readonly number[] {
  requireLinux();
  requireChildrenFiles();
  const tree: number[] = [];
  const queue = [rootPid];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const children = readChildren(pid);
    if (children === null) continue;
    tree.push(pid);
    queue.push(...children);
    if (tree.length > processesMax) {
      throw new Error(
        `bench: expected at most ${processesMax} processes under ${rootPid}, came more`,
      );
    }
  }
  return tree;
}

/** Reads one file of /proc; null when its process or thread has vanished. */
export function readProcFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isVanished(error)) return null;
    throw error;
  }
}

function readChildren(pid: number): number[] | null {
  const threads = listThreads(pid);
  if (threads === null) return null;
  return threads.flatMap((thread) => {
    const text = readProcFile(`/proc/${pid}/task/${thread}/children`) ?? "";
    return text.split(" ").filter(Boolean).map(Number);
  });
}

function listThreads(pid: number): string[] | null {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (isVanished(error)) return null;
    throw error;
  }
}

let hasChildrenFiles = false;

/** Our own main thread always exists, so its missing file means the kernel, not a race. */
function requireChildrenFiles(): void {
  if (hasChildrenFiles) return;
  if (readProcFile(`/proc/self/task/${process.pid}/children`) === null) {
    throw new Error(
      "bench: expected /proc/<pid>/task/<tid>/children, came none: the kernel lacks CONFIG_PROC_CHILDREN",
    );
  }
  hasChildrenFiles = true;
}

function isVanished(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOENT" || code === "ESRCH";
}
