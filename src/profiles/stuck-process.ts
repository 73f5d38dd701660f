/** Whether this process holds a thread that nothing ends, so that it can't end by itself. */

let isStuck = false;

/** Marks this process. */
export function markStuck(): void {
  isStuck = true;
}

/** Ends a marked process with this code; answers where it isn't marked. */
export async function endIfStuck(code: number): Promise<void> {
  if (!isStuck) return;
  const { endProcess } = await import("../platform/end-process.ts");
  await endProcess(code);
}
