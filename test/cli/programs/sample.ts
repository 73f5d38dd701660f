/** A program with a command for each thing that only a real process shows. Started by tests. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { defineCommand, type Command } from "../../../src/cli/command.ts";
import { programOf, start } from "../../../src/profiles/start.ts";

const words = {
  group: "Ask the data",
  summary: "show something",
  examples: [],
  weight: "light",
} as const;

const done = { text: "done\n", document: { done: true }, exitCode: 0 };

const idle = (name: string): Command => ({
  ...words,
  name,
  operands: {},
  options: {},
  load: async () => async () => done,
});

const ingest = defineCommand({
  ...words,
  name: "ingest",
  operands: { sourceUri: { arity: "one", description: "a file", completes: "files" } },
  options: {
    mode: { kind: "choice", choices: ["append", "merge"], description: "how" },
    as: { kind: "string", value: "TABLE", description: "the table" },
  },
  load: async () => async () => done,
});

/** Says that it is ready, waits for the interrupt, and ends as it was told to. */
const wait = defineCommand({
  ...words,
  name: "wait",
  operands: { how: { arity: "one", description: "or never", choices: ["cleanly", "stuck"] } },
  options: {},
  load:
    async () =>
    async ({ operands }, { signal, progress }) => {
      if (operands.how === "stuck") {
        await once(new Worker(new URL("./stuck-thread.ts", import.meta.url)), "message");
      }
      const alive = setInterval(() => undefined, 60_000);
      progress({ type: "note", message: "ready" });
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve);
      });
      clearInterval(alive);
      signal.throwIfAborted();
      return done;
    },
});

const stream = defineCommand({
  ...words,
  name: "stream",
  operands: { pieces: { arity: "one", description: "how many, of 64 KiB each" } },
  options: {},
  load:
    async () =>
    async ({ operands }) => ({ pieces: piecesOf(Number(operands.pieces)) }),
});

/** Fails where no caller sees it. */
const crash: Command = {
  ...idle("crash"),
  load: async () => async () => {
    setImmediate(() => {
      throw new TypeError("nobody waits for this");
    });
    return new Promise(() => undefined);
  },
};

async function* piecesOf(count: number): AsyncGenerator<string> {
  let made = 0;
  try {
    for (; made < count; made++) yield `${String(made).padStart(65_535, "0")}\n`;
  } finally {
    process.stderr.write(`made ${made}\n`);
  }
}

const commands = [ingest, idle("pipeline list"), idle("pipeline show"), wait, stream, crash];
await start(programOf("core", async () => commands));
