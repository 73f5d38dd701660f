/** Another process that holds a lock, for tests of what one process sees of another. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A process that is at work. */
export interface OtherProcess {
  readonly child: ChildProcess;
  /** What it said before it was ready. */
  readonly said: string;
  /** Kills it and resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

/** Starts `lock-process.ts` and waits until it is ready; it is killed when the test ends. */
export async function startLockProcess(...args: readonly string[]): Promise<OtherProcess> {
  const script = fileURLToPath(new URL("./lock-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--expose-gc", script, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
  };
  onTestFinished(kill);
  let said = "";
  for await (const piece of child.stdout) {
    said += String(piece);
    if (said.includes("ready")) return { child, said, kill };
  }
  throw new Error(`expected the process to be ready, but it said '${said}' and ended`);
}
