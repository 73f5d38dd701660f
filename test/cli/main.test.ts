/** The command line on a program of one command, without a process. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { defineCommand, type Command, type CommandContext } from "../../src/cli/command.ts";
import { version } from "../../src/cli/version.ts";
import { HakiriError, type ErrorKind } from "../../src/core/error.ts";
import { typeLine, type Scene } from "./scripted-terminal.ts";

const greet = defineCommand({
  name: "greet",
  group: "Ask the data",
  summary: "greet people by name",
  operands: { name: { arity: "any", description: "who is greeted" } },
  options: {},
  examples: ["hakiri greet Ada"],
  weight: "light",
  load:
    async () =>
    async ({ operands: { name: names } }) => {
      if (names.includes("nobody")) {
        const record = { code: "auth.unknown", message: "who?", hint: "ask" };
        throw new HakiriError({ ...record, kind: "AuthExpired" });
      }
      if (names.includes("bug")) throw new TypeError("cannot read x of undefined");
      return { text: `hello ${names.join(" and ")}\n`, document: { greeted: names }, exitCode: 0 };
    },
});

const type = (...args: string[]) => typeLine([greet], args);

/** A command that does this and takes no words. */
function commandThat(load: Command["load"]): Command {
  const words = { group: "Ask the data", summary: "do it", examples: [] } as const;
  return { name: "do", operands: {}, options: {}, weight: "light", ...words, load };
}

function throwing(thrown: unknown): Command {
  return commandThat(async () => async () => {
    // A library may throw anything.
    throw thrown as Error;
  });
}

test("--version prints the version of package.json", async () => {
  const packaged: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  expect(packaged).toMatchObject({ version });
  expect(await type("--version")).toEqual({ exitCode: 0, out: `hakiri ${version}\n`, err: "" });
  expect(await type("-V")).toEqual(await type("--version"));
});

test("--version --json is one document that tells profile, node and platform", async () => {
  const { out } = await type("--version", "--json");
  expect(JSON.parse(out)).toEqual({
    version,
    profile: "core",
    node: "26.0.0",
    platform: "linux-x64",
  });
});

test("an answer goes to stdout as text, and with --json as one document", async () => {
  expect(await type("greet", "Ada")).toEqual({ exitCode: 0, out: "hello Ada\n", err: "" });
  expect((await type("greet", "Ada", "--json")).out).toBe('{"greeted":["Ada"]}\n');
  expect((await type("--json", "greet", "Ada")).out).toBe('{"greeted":["Ada"]}\n');
});

test("what stands after -- is an operand, also when it looks like an option", async () => {
  expect((await type("greet", "--", "--json")).out).toBe("hello --json\n");
});

describe("a failure", () => {
  test("that is foreseen exits by its kind and prints message and hint, no stack", async () => {
    const { exitCode, out, err } = await type("greet", "nobody", "--json");
    expect(exitCode).toBe(5);
    expect(JSON.parse(out)).toEqual({
      error: { kind: "AuthExpired", code: "auth.unknown", message: "who?", hint: "ask" },
    });
    expect(err).toBe("hakiri: who?\n  ask\n");
  });

  test("that is unforeseen exits with 1, says that it is a defect, prints no stack", async () => {
    const { exitCode, err } = await type("greet", "bug");
    expect(exitCode).toBe(1);
    expect(err).toContain("a defect of hakiri: cannot read x of undefined");
    expect(err).not.toContain("at ");
  });

  test("has its stack printed with HAKIRI_DEBUG=1 only", async () => {
    const env = { HAKIRI_DEBUG: "1" };
    expect((await typeLine([greet], ["greet", "bug"], { env })).err).toMatch(/\n +at /u);
    const own = await typeLine([greet], ["greet", "nobody"], { env });
    expect(own.err).toMatch(/\n +at /u);
  });

  const full = {
    kind: "RateLimited",
    code: "http.429",
    message: "expected 200, got 429",
    hint: "wait",
    where: { pipeline: "p", stream: "orders", batch: 3, request: "GET /x" },
    evidence: { body: "slow down" },
    retryAfterMs: 1500,
  } as const;

  test("is told on stdout with all that is known of it", async () => {
    const { out, exitCode } = await typeLine([throwing(new HakiriError(full))], ["do", "--json"]);
    const { retryAfterMs: retry_after_ms, ...rest } = full;
    expect(JSON.parse(out)).toEqual({ error: { ...rest, retry_after_ms } });
    expect(exitCode).toBe(6);
  });

  test("is told on stderr with where it happened", async () => {
    const { err } = await typeLine([throwing(new HakiriError(full))], ["do"]);
    const where = "in pipeline p, stream orders, batch 3, request GET /x";
    expect(err).toBe(`hakiri: expected 200, got 429\n  ${where}\n  wait\n`);
  });

  test("of a name or message that would steer the terminal is told without doing so", async () => {
    const message = "no \u001b]0;owned\u0007 here\nsecond line";
    const where = { file: "a\nb\u202e.csv" };
    const error = new HakiriError({ ...full, message, where });
    const { err } = await typeLine([throwing(error)], ["do"]);
    expect(err).toBe(
      "hakiri: no \\x1b]0;owned\\x07 here\nsecond line\n  in file a\\nb\\u202e.csv\n  wait\n",
    );
  });

  test("is an event with --progress json, so that stderr stays lines of JSON", async () => {
    const { err } = await typeLine([throwing(new HakiriError(full))], ["do", "--progress=json"]);
    expect(err.endsWith("\n")).toBe(true);
    expect(JSON.parse(err)).toMatchObject({ type: "error", error: { code: "http.429" } });
  });

  test("that is no error at all is a defect too", async () => {
    for (const thrown of ["text", undefined, null, Object.create(null)]) {
      expect(await typeLine([throwing(thrown)], ["do"])).toMatchObject({ exitCode: 1, out: "" });
    }
  });

  test.each([
    ["done", undefined, undefined, 0],
    ["a defect", undefined, "defect.unforeseen", 1],
    ["wrong usage", "Permanent", "usage.sql", 2],
    ["a damaged store", "Permanent", "store.damaged", 3],
    ["a schema that doesn't fit", "SchemaIncompatible", "schema.narrower", 4],
    ["missing credentials", "AuthExpired", "auth.missing_variable", 5],
    ["an unreachable source", "Transient", "http.503", 6],
    ["a limited source", "RateLimited", "http.429", 6],
    ["a held claim", "Permanent", "refused.claim_held", 7],
    ["diverged heads", "Permanent", "conflict.heads_diverged", 8],
    ["an interrupt", "Permanent", "interrupted.signal", 130],
  ] as const)("or success: %s (%s, %s) exits with %i", async (_, kind, code, exitCode) => {
    const record = { kind: kind as ErrorKind, code: code ?? "", message: "m", hint: "" };
    const command =
      code === undefined
        ? commandThat(async () => async () => ({ text: "", document: null, exitCode: 0 }))
        : throwing(kind === undefined ? new Error("m") : new HakiriError(record));
    expect(await typeLine([command], ["do"])).toMatchObject({ exitCode });
  });
});

describe("a streamed answer", () => {
  async function* pieces(count: number, fail?: Error) {
    for (let i = 0; i < count; i++) yield i % 2 === 0 ? `${i}\n` : Buffer.from(`${i}\n`);
    if (fail !== undefined) throw fail;
  }

  const streaming = (make: () => AsyncIterable<string | Uint8Array>) =>
    commandThat(async () => async () => ({ pieces: make() }));
  const failure = new HakiriError({ kind: "Transient", code: "x.y", message: "lost", hint: "" });

  test("is written piece by piece, texts and bytes in their order", async () => {
    const typed = await typeLine([streaming(() => pieces(4))], ["do"]);
    expect(typed).toEqual({ exitCode: 0, out: "0\n1\n2\n3\n", err: "" });
  });

  test("that fails before its first piece leaves one document with --json", async () => {
    const command = streaming(() => pieces(0, failure));
    const { out, exitCode } = await typeLine([command], ["do", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "x.y" } });
    expect(exitCode).toBe(6);
  });

  test("that fails half-way is cut off, and exit code and stderr tell", async () => {
    const command = streaming(() => pieces(2, failure));
    const typed = await typeLine([command], ["do", "--json"]);
    expect(typed).toEqual({ exitCode: 6, out: "0\n1\n", err: "hakiri: lost\n" });
  });

  test("isn't asked for its next piece before the last one is written", async () => {
    const log: string[] = [];
    async function* logged() {
      for (const piece of ["a", "b"]) {
        log.push(`ask ${piece}`);
        yield piece;
      }
    }
    const write = async (piece: string | Uint8Array) => {
      log.push(`start ${String(piece)}`);
      await new Promise(setImmediate);
      log.push(`end ${String(piece)}`);
      return true;
    };
    await typeLine([streaming(logged)], ["do"], {
      out: { write, isTty: false, columns: () => null },
    });
    expect(log).toEqual(["ask a", "start a", "end a", "ask b", "start b", "end b"]);
  });

  test("is closed when its reader goes away, which is no failure", async () => {
    let isClosed = false;
    let asked = 0;
    async function* endless() {
      try {
        for (;;) yield `${(asked += 1)}`;
      } finally {
        isClosed = true;
      }
    }
    const out = { write: async () => asked < 3, isTty: false, columns: () => null };
    const typed = await typeLine([streaming(endless)], ["do"], { out });
    expect(typed).toMatchObject({ exitCode: 0, err: "" });
    expect({ isClosed, asked }).toEqual({ isClosed: true, asked: 3 });
  });
});

describe("what a command is given", () => {
  async function contextOf(args: readonly string[], scene: Scene = {}): Promise<CommandContext> {
    let seen: CommandContext | undefined;
    const command = commandThat(async () => async (_, context) => {
      seen = context;
      return { text: "", document: null, exitCode: 0 };
    });
    await typeLine([command], ["do", ...args], scene);
    if (seen === undefined) throw new Error("the command didn't run");
    return seen;
  }

  test("tells the project as an absolute path, and the working folder", async () => {
    expect(await contextOf(["--project", "a/../b"])).toMatchObject({
      cwd: "/projects",
      project: "/projects/b",
      asJson: false,
    });
    expect(await contextOf(["--json"])).toMatchObject({ project: undefined, asJson: true });
  });

  test("tells how wide the terminal is and whether it has colours", async () => {
    const tty = { isTty: true, columns: 72 };
    expect((await contextOf([], tty)).terminal).toEqual({ ...tty, hasColor: true });
    expect((await contextOf(["--no-color"], tty)).terminal).toEqual({ ...tty, hasColor: false });
    const pipe = { isTty: false, columns: null, hasColor: false };
    expect((await contextOf([])).terminal).toEqual(pipe);
  });
});

describe("an interrupt", () => {
  const interrupted = new HakiriError({
    kind: "Permanent",
    code: "interrupted.signal",
    message: "interrupted by SIGINT",
    hint: "",
  });

  const rejection = async (reason: unknown): Promise<never> => {
    throw reason as Error; // whatever the signal was aborted with
  };

  /** Interrupts a command once it waits, and gives it that end. */
  async function interrupt(end: (signal: AbortSignal) => Promise<never>, reason: unknown) {
    const controller = new AbortController();
    const command = commandThat(async () => async (_, { signal }) => {
      controller.abort(reason);
      return end(signal);
    });
    return typeLine([command], ["do", "--json"], { signal: controller.signal });
  }

  test("that the command passes on exits with 130 and says which signal it was", async () => {
    const typed = await interrupt((signal) => rejection(signal.reason), interrupted);
    expect(typed.exitCode).toBe(130);
    expect(JSON.parse(typed.out)).toMatchObject({ error: { code: "interrupted.signal" } });
    expect(typed.err).toBe(
      "hakiri: interrupted: ending cleanly; once more ends at once\nhakiri: interrupted by SIGINT\n",
    );
  });

  test("that a library passes on as its AbortError exits with 130", async () => {
    const abort = new DOMException("This operation was aborted", "AbortError");
    const typed = await interrupt(() => Promise.reject(abort), interrupted);
    expect(typed.exitCode).toBe(130);
    expect(JSON.parse(typed.out)).toMatchObject({ error: { code: "interrupted.aborted" } });
  });

  test("exits with 130 whatever failed on the way out, and tells that", async () => {
    const record = { kind: "Transient", code: "http.closed", message: "closed", hint: "" } as const;
    const typed = await interrupt(() => Promise.reject(new HakiriError(record)), interrupted);
    expect(typed).toMatchObject({ exitCode: 130 });
    expect(typed.err).toContain("hakiri: closed\n");
  });

  test("hides no defect", async () => {
    const typed = await interrupt(() => Promise.reject(new TypeError("x")), interrupted);
    expect(typed).toMatchObject({ exitCode: 1 });
  });

  test("before the command begins leaves it unloaded", async () => {
    const command = commandThat(() => Promise.reject(new Error("loaded")));
    const typed = await typeLine([command], ["do"], { signal: AbortSignal.abort(interrupted) });
    expect(typed).toMatchObject({ exitCode: 130, out: "" });
  });

  test("stops a streamed answer between two pieces", async () => {
    const controller = new AbortController();
    async function* endless() {
      for (let i = 0; ; i++) {
        if (i === 2) controller.abort(interrupted);
        yield `${i}\n`;
      }
    }
    const command = commandThat(async () => async () => ({ pieces: endless() }));
    const typed = await typeLine([command], ["do"], { signal: controller.signal });
    expect(typed).toMatchObject({ exitCode: 130, out: "0\n1\n" });
  });

  test("lets a command that cleaned up answer, with the exit code it chose", async () => {
    const controller = new AbortController();
    const command = commandThat(async () => async () => {
      controller.abort(interrupted);
      return { text: "cancelled\n", document: { status: "cancelled" }, exitCode: 130 };
    });
    const typed = await typeLine([command], ["do"], { signal: controller.signal });
    expect(typed).toMatchObject({ exitCode: 130, out: "cancelled\n" });
  });
});
