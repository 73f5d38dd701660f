/**
 * Ends this process at once, with a thread that nothing ends: `process.exit()` waits for a thread
 * in a native call for ever (measured on Node 26), the system's `_exit(2)` does not.
 */

interface Libc {
  readonly _exit: (status: number) => void;
}

/** Ends the process with this code, 0 to 255; where that can't be, by SIGKILL. Never returns. */
export async function endProcess(code: number): Promise<never> {
  try {
    const libc: Libc = await openLibc();
    libc._exit(code);
  } catch {
    // Without FFI, which is experimental, there is no code to choose.
  }
  process.kill(process.pid, "SIGKILL");
  return new Promise<never>(() => undefined);
}

async function openLibc(): Promise<Libc> {
  const { dlopen } = await import("node:ffi");
  return dlopen(null, { _exit: { arguments: ["i32"], return: "void" } }).functions;
}
