/** Signals, as a command and a real process meet them. */
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { abortOnInterrupt, echoMs } from "../../src/cli/interrupt.ts";

const program = fileURLToPath(new URL("./programs/sample.ts", import.meta.url));

describe("by turns of a hand", () => {
  function listen() {
    const source = new EventEmitter();
    const waits: { delayMs: number; pass: () => void }[] = [];
    const signal = abortOnInterrupt(source, (delayMs, pass) => waits.push({ delayMs, pass }));
    const listeners = () => source.listenerCount("SIGINT") + source.listenerCount("SIGTERM");
    return { source, waits, signal, listeners };
  }

  test.each(["SIGINT", "SIGTERM"])("the first %s aborts, and the reason names it", (name) => {
    const { source, signal } = listen();
    expect(signal.aborted).toBe(false);
    source.emit(name);
    expect(signal.reason).toMatchObject({
      code: "interrupted.signal",
      message: `interrupted by ${name}`,
    });
  });

  test("an echo is taken for the same signal, and the next one meets no listener", () => {
    const { source, waits, listeners, signal } = listen();
    source.emit("SIGINT");
    source.emit("SIGTERM");
    expect(signal.reason).toMatchObject({ message: "interrupted by SIGINT" });
    expect(waits.map(({ delayMs }) => delayMs)).toEqual([echoMs]);
    expect(listeners()).toBe(2);
    waits[0]?.pass();
    expect(listeners()).toBe(0);
  });
});

describe("in a real process", () => {
  /** Starts `wait`, and answers when the command waits. */
  async function startWaiting(how: string) {
    const child = spawn(process.execPath, [program, "wait", how]);
    let stderr = "";
    const said = async (text: string) => {
      while (!stderr.includes(text)) {
        const [piece] = (await once(child.stderr, "data")) as [Buffer];
        stderr += String(piece);
      }
    };
    await said("ready\n");
    return { child, said, stderr: () => stderr };
  }

  const endOf = async (child: ChildProcess) => {
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    return { code, signal };
  };

  test.each(["SIGINT", "SIGTERM"] as const)("one %s ends the command cleanly", async (name) => {
    const { child, stderr } = await startWaiting("cleanly");
    child.stderr.resume();
    const text: string[] = [];
    child.stderr.on("data", (piece) => text.push(String(piece)));
    child.kill(name);
    expect(await endOf(child)).toEqual({ code: 130, signal: null });
    expect(stderr() + text.join("")).toContain(`hakiri: interrupted by ${name}\n`);
  });

  test("the next signal ends it at once, also with a thread in a native call", async () => {
    const { child, said } = await startWaiting("stuck");
    try {
      child.kill("SIGINT");
      // The command has ended by now; the process waits for its thread, in vain.
      await said("hakiri: interrupted by SIGINT\n");
      const end = endOf(child);
      // Signals that come within the echo of the first one do nothing yet.
      const again = setInterval(() => child.kill("SIGINT"), 50);
      // A shell tells 130 for it.
      expect(await end.finally(() => clearInterval(again))).toEqual({
        code: null,
        signal: "SIGINT",
      });
    } finally {
      child.kill("SIGKILL");
    }
  });
});
