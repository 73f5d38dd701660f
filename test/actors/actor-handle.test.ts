/** The owner's side of an actor, over a host in memory that the test speaks for. */
import { describe, expect, test } from "vitest";
import type { ActorHost, ThreadEvents } from "../../src/actors/actor-host.ts";
import { startActor, type ActorSpec } from "../../src/actors/actor-handle.ts";
import type { ToActor } from "../../src/actors/protocol.ts";
import { HakiriError } from "../../src/core/error.ts";
import type { OddDialogue } from "./fixtures/odd-dialogue.ts";
import { oddSpec, patience } from "./actor-contract.ts";
import { failureOf } from "./failure-of.ts";

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve());
  });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const crash = { kind: "exited", exitCode: 9 } as const;
const refusal = new HakiriError({ kind: "Permanent", code: "o.no", message: "no", hint: "" });

function startInMemory(
  handle: ActorSpec<OddDialogue>["handle"] = () => undefined,
  transfer: readonly ArrayBuffer[] = [],
) {
  const posted: ToActor[] = [];
  const moved: unknown[] = [];
  let events: ThreadEvents | undefined;
  let terminations = 0;
  const host: ActorHost = {
    messageBytesMax: null,
    start: (_, heard) => {
      events = heard;
      return {
        post: (message, buffers) => {
          posted.push(message);
          moved.push(...buffers);
        },
        terminate: () => {
          terminations += 1;
        },
      };
    },
  };
  const actor = startActor(host, oddSpec({ handle, transfer }));
  if (events === undefined) throw new Error("the host was not asked");
  return { actor, posted, moved, events, terminations: () => terminations };
}

describe("the owner's side of an actor", () => {
  test("says start first, with the buffers of its data, and stop once", () => {
    const buffer = new ArrayBuffer(8);
    const { actor, posted, moved } = startInMemory(undefined, [buffer]);
    expect(moved).toEqual([buffer]);
    actor.stop();
    actor.stop();
    expect(posted.map(({ type }) => type)).toEqual(["start", "stop"]);
  });

  test("reports the end once its handler is done with all tells, asks left out", async () => {
    const handled: unknown[] = [];
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const { actor, events } = startInMemory(async (message) => {
      handled.push(message);
      await held;
    });
    const asked = actor.ref.ask({ type: "echo", value: 1 }, patience);
    const rejection = failureOf(asked);
    events.message({ type: "tell", body: "first" });
    events.message({ type: "ask", ask: 1, body: "nobody waits for this" });
    events.message({ type: "tell", body: "last" });
    let hasExited = false;
    const exited = actor.exited.then((end) => {
      hasExited = true;
      return end;
    });
    events.ended({ exit: crash, output: "words" });
    expect(await rejection).toMatchObject({ code: "actor.exited" });
    await turn();
    expect(hasExited).toBe(false);
    letGo();
    expect(await exited).toEqual({ exit: crash, output: "words" });
    expect(handled).toEqual(["first", "last"]);
  });

  test("aborts what its handler does for an ask, once the actor is gone", async () => {
    const { actor, events } = startInMemory(async (_, { signal }) => {
      await aborted(signal);
      throw signal.reason;
    });
    events.message({ type: "ask", ask: 1, body: "long" });
    await turn();
    events.ended({ exit: crash, output: "" });
    expect((await actor.exited).exit).toEqual(crash);
  });

  test("reports its own failure, also at a tell that it handles after the end", async () => {
    const { actor, events, terminations } = startInMemory(() => {
      throw refusal;
    });
    events.message({ type: "tell", body: "too late" });
    events.ended({ exit: crash, output: "" });
    expect((await actor.exited).exit).toMatchObject({
      kind: "handler_failed",
      error: { code: "o.no" },
    });
    expect(terminations()).toBe(0);
  });

  test("gives up once, and what comes after is not heard", async () => {
    const { actor, events, terminations } = startInMemory();
    actor.giveUp({ kind: "stuck" });
    actor.giveUp({ kind: "terminated" });
    events.message({ type: "started" });
    events.ended({ exit: crash, output: "" });
    actor.terminate();
    expect((await actor.exited).exit).toEqual({ kind: "stuck" });
    await expect(actor.started).rejects.toMatchObject({ code: "actor.exited" });
    expect(terminations()).toBe(0);
  });

  test("ends the actor and throws where its start can't be sent", () => {
    let terminations = 0;
    const host: ActorHost = {
      messageBytesMax: 1,
      start: () => ({
        post: () => {
          throw refusal;
        },
        terminate: () => {
          terminations += 1;
        },
      }),
    };
    expect(() => startActor(host, oddSpec())).toThrow(refusal);
    expect(terminations).toBe(1);
  });
});
