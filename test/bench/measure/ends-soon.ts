// Waits for a process that somebody else started, and will reap, to be gone.

import { readProcessMemory } from "../../../bench/measure/process-memory.ts";

const DEADLINE_MS = 10_000;

/** Whether a process, seen alive or not, has died (a zombie is dead) within ten seconds. */
export async function endsSoon(pid: number): Promise<boolean> {
  if (!(Number.isInteger(pid) && pid > 0)) throw new RangeError(`expected a pid, came ${pid}`);
  const until = performance.now() + DEADLINE_MS;
  while (readProcessMemory(pid) !== null) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return true;
}
