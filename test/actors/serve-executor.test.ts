/** The executor's side, over a process in memory. Real processes: executor-process.test.ts. */
import { describe, expect, test } from "vitest";
import { decodeFromExecutor, encodeControl } from "../../src/actors/control-frame.ts";
import type { FromExecutor } from "../../src/actors/protocol.ts";
import { serveExecutor, type ExecutorSelf } from "../../src/actors/serve-executor.ts";

function processInMemory() {
  const listeners = new Map<string, (argument: unknown) => void>();
  const did: string[] = [];
  const sent: FromExecutor[] = [];
  const self: ExecutorSelf = {
    pid: 77,
    stderr: { write: (text: string) => did.push(`wrote ${text.split("\n")[0] ?? ""}`) },
    send: (frame) => sent.push(decodeFromExecutor(frame)),
    kill: (pid, signal) => did.push(`kill ${pid} ${signal}`),
    exit: (exitCode) => void did.push(`exit ${exitCode}`),
    on: (event: string, listener: (argument: never) => void) =>
      // Each event has an argument of its own type, which the tests pass.
      listeners.set(event, listener as (argument: unknown) => void),
  };
  const emit = (event: string, argument?: unknown): void => {
    const listener = listeners.get(event);
    if (listener === undefined) throw new Error(`nobody listens to ${event}`);
    listener(argument);
  };
  return { self, did, sent, emit };
}

describe("the executor's side", () => {
  test("says that it is ready, and answers pings", () => {
    const { self, sent, emit } = processInMemory();
    serveExecutor(self);
    emit("message", encodeControl({ type: "ping", ping: 3 }));
    expect(sent).toEqual([{ type: "ready" }, { type: "pong", ping: 3 }]);
  });

  test("dies at once when the channel is lost, since exit may wait for a stuck thread", () => {
    const { self, did, emit } = processInMemory();
    serveExecutor(self);
    emit("disconnect");
    expect(did).toEqual(["kill 77 SIGKILL"]);
  });

  test("says what its defect was, and dies of it", () => {
    const { self, did, emit } = processInMemory();
    serveExecutor(self);
    emit("uncaughtException", new TypeError("x is not y"));
    expect(did).toEqual([expect.stringContaining("x is not y"), "kill 77 SIGKILL"]);
    expect(() => emit("message", "no frame")).toThrow(/expected bytes/);
  });

  test("ends in order when it is told to, and not by a signal for the whole group", () => {
    const { self, did, emit } = processInMemory();
    serveExecutor(self);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) emit(signal);
    expect(did).toEqual([]);
    emit("message", encodeControl({ type: "end" }));
    expect(did).toEqual(["exit 0"]);
  });

  test("says of an actor that it can't start how it ended", () => {
    const { self, sent, emit } = processInMemory();
    serveExecutor(self);
    const [env, limits] = [{}, { oldGenerationMb: 8 }];
    const order = {
      type: "start-actor",
      actor: 5,
      name: "a",
      entry: "no url",
      env,
      limits,
    } as const;
    emit("message", encodeControl(order));
    expect(sent.at(-1)).toMatchObject({
      type: "actor-ended",
      actor: 5,
      end: { exit: { kind: "thrown", error: { code: "defect.unforeseen" } } },
    });
  });

  test("is never served without a channel", () => {
    const { self } = processInMemory();
    expect(() => serveExecutor({ ...self, send: undefined })).toThrow(/channel/);
  });
});
