// A named pipe for one test: who reads from it is stuck in native code until somebody writes.
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";

/** A pipe, removed after the test. */
export interface NamedPipe {
  readonly path: string;
  /** Resolves once somebody has the pipe open to read, and so is about to be stuck. */
  readonly hasReader: () => Promise<void>;
  /** Lets the reader go on; nothing where there is none. */
  readonly release: () => void;
}

/** Makes a pipe. */
export function pipeOfTest(): NamedPipe {
  const folder = mkdtempSync(join(tmpdir(), "hakiri-pipe-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  // Without waiting for a reader: where there is none, opening fails with ENXIO.
  const open = (): number => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return {
    path,
    hasReader: () => vi.waitFor(() => closeSync(open()), { timeout: 30_000 }),
    release: () => {
      try {
        const pipe = open();
        writeSync(pipe, "go on");
        closeSync(pipe);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENXIO")) throw error;
      }
    },
  };
}
