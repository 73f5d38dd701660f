// What an actor promises wherever its thread runs: one suite, for both transports.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ActorHost } from "../../src/actors/actor-host.ts";
import { startActor, type ActorHandle, type ActorSpec } from "../../src/actors/actor-handle.ts";
import { HakiriError } from "../../src/core/error.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import type { OddDialogue } from "./fixtures/odd-dialogue.ts";
import { compiledEnv } from "./compiled.ts";
import { failureOf } from "./failure-of.ts";

/** A deadline that is only met when something is broken. */
export const patience = { deadlineMs: 30_000 } as const;

/** The odd actor, as the tests start it. */
export function oddSpec(overrides: Partial<ActorSpec<OddDialogue>> = {}): ActorSpec<OddDialogue> {
  return {
    id: "odd",
    entry: new URL("./fixtures/odd-actor.ts", import.meta.url),
    env: compiledEnv,
    limits: { oldGenerationMb: 64 },
    data: { begin: "well" },
    handle: () => undefined,
    clock: systemClock,
    ...overrides,
  };
}

/** Starts the odd actor for one test. */
export function startOdd(
  host: ActorHost,
  overrides: Partial<ActorSpec<OddDialogue>> = {},
): ActorHandle<OddDialogue> {
  const actor = startActor(host, oddSpec(overrides));
  onTestFinished(async () => {
    actor.terminate();
    await actor.exited;
  });
  return actor;
}

/** A host and what closes it. */
export interface OpenHost {
  readonly host: ActorHost;
  readonly close: () => Promise<void>;
}

export function describeActors(name: string, open: () => Promise<OpenHost>): void {
  describe(`an actor in ${name}`, () => {
    let opened: OpenHost | undefined;
    const host = (): ActorHost => {
      if (opened === undefined) throw new Error("the host is not open");
      return opened.host;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    describeTalk(host);
    describeEnds(host);
  });
}

function describeTalk(host: () => ActorHost): void {
  describe("that lives on", () => {
    let actor: ActorHandle<OddDialogue> | undefined;
    const ref = (): ActorHandle<OddDialogue>["ref"] => {
      if (actor === undefined) throw new Error("the actor is not started");
      return actor.ref;
    };
    beforeAll(() => {
      actor = startActor(host(), oddSpec({ handle: answerPlease }));
    });
    afterAll(async () => {
      actor?.stop();
      expect((await actor?.exited)?.exit).toEqual({ kind: "stopped", unhandled: 0 });
    });

    test("replies to asks in the order they were made", async () => {
      const values = [1, "two", { three: [3n] }, null];
      const order: unknown[] = [];
      const asks = values.map(async (value) => {
        order.push(await ref().ask({ type: "echo", value }, patience));
      });
      await Promise.all(asks);
      expect(order).toEqual(values);
    });

    test("answers an ask with the HakiriError that its handler threw", async () => {
      const failure = await ref()
        .ask({ type: "refuse" }, patience)
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(HakiriError);
      const { kind, code, hint } = failure as HakiriError; // as was just seen
      expect([kind, code, hint]).toEqual(["AuthExpired", "odd.refused", "ask for less"]);
    });

    test("asks its owner, and gets the owner's answer or its error", async () => {
      const asked = ref().ask({ type: "ask-owner", value: "please" }, patience);
      expect(await asked).toBe("please: done");
      await expect(ref().ask({ type: "ask-owner", value: 1 }, patience)).rejects.toMatchObject({
        code: "owner.refused",
      });
    });

    test("is no longer held to an ask once its deadline has passed", async () => {
      const ask = ref().ask({ type: "until-aborted" }, { deadlineMs: 20 });
      await expect(ask).rejects.toMatchObject({ code: "actor.deadline", kind: "Transient" });
      // The handler ended by its signal, so the next message is handled.
      expect(await ref().ask({ type: "echo", value: 1 }, patience)).toBe(1);
    });

    test("is no longer held to an ask whose signal aborts", async () => {
      const controller = new AbortController();
      const ask = ref().ask({ type: "until-aborted" }, { signal: controller.signal });
      controller.abort(new Error("changed my mind"));
      await expect(ask).rejects.toMatchObject({ code: "actor.cancelled" });
      expect(await ref().ask({ type: "echo", value: 1 }, patience)).toBe(1);
    });
  });

  test("is heard by its owner in order, one message at a time, all before its end", async () => {
    const heard: unknown[] = [];
    let atOnce = 0;
    const actor = startOdd(host(), {
      handle: async (message) => {
        atOnce += 1;
        expect(atOnce).toBe(1);
        await Promise.resolve();
        heard.push(message);
        atOnce -= 1;
      },
    });
    await actor.ref.ask({ type: "count", to: 50 }, patience);
    actor.ref.tell({ type: "exit", exitCode: 1 });
    await actor.exited;
    expect(heard).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  test("has the environment that it was given, and no other", async () => {
    const { ref } = startOdd(host(), { env: { ONLY: "this" } });
    expect(await ref.ask({ type: "environment" }, patience)).toEqual({ ONLY: "this" });
  });

  test("refuses at once what its mailbox has no room for, and has room again after", async () => {
    const { ref } = startOdd(host(), { bounds: { mailboxMax: 3, asksMax: 8 } });
    const controller = new AbortController();
    const held = ref.ask({ type: "until-aborted" }, { signal: controller.signal });
    const heldFails = failureOf(held);
    // The held one leaves the mailbox at some moment; until then it takes one of the three places.
    const waiting = [1, 2].map((value) => ref.ask({ type: "echo", value }, patience));
    expect(() => {
      for (let count = 0; count < 2; count += 1) ref.tell({ type: "echo", value: count });
    }).toThrow(expect.objectContaining({ code: "actor.mailbox_full", kind: "Transient" }));
    controller.abort();
    expect(await heldFails).toBeInstanceOf(HakiriError);
    expect(await Promise.all(waiting)).toEqual([1, 2]);
    expect(await ref.ask({ type: "echo", value: 3 }, patience)).toBe(3);
  });

  test("refuses an ask beyond the bound of pending ones", async () => {
    const { ref } = startOdd(host(), { bounds: { mailboxMax: 8, asksMax: 2 } });
    const asks = [1, 2].map((value) => ref.ask({ type: "echo", value }, patience));
    const third = ref.ask({ type: "echo", value: 3 }, patience);
    await expect(third).rejects.toMatchObject({ code: "actor.asks_full", kind: "Transient" });
    expect(await Promise.all(asks)).toEqual([1, 2]);
  });
}

function describeEnds(host: () => ActorHost): void {
  test("stops when told to, says its last words, and closes though a timer runs", async () => {
    const heard: unknown[] = [];
    const actor = startOdd(host(), {
      data: { begin: "well", lastWords: "good bye" },
      handle: (message) => void heard.push(message),
    });
    await actor.started;
    actor.stop();
    expect((await actor.exited).exit).toEqual({ kind: "stopped", unhandled: 0 });
    expect(heard).toEqual(["good bye"]);

    const withTimer = startOdd(host(), { data: { begin: "with-timer" } });
    withTimer.stop();
    expect((await withTimer.exited).exit.kind).toBe("stopped");
  });

  test("stops ahead of what waits: the message in hand is aborted, the rest refused", async () => {
    const { ref, stop, exited } = bound(startOdd(host()));
    const inHand = ref.ask({ type: "until-aborted" }, patience);
    const waiting = ref.ask({ type: "echo", value: 1 }, patience);
    const refusal = failureOf(waiting);
    ref.tell({ type: "echo", value: 2 });
    stop();
    expect(await inHand).toBe("actor.stopping");
    expect(await refusal).toMatchObject({ code: "actor.stopping" });
    expect((await exited).exit).toEqual({ kind: "stopped", unhandled: 2 });
  });

  test("stops itself, which is a normal end", async () => {
    const actor = startOdd(host());
    actor.ref.tell({ type: "stop-self" });
    expect((await actor.exited).exit).toEqual({ kind: "stopped", unhandled: 0 });
  });

  test("stops while it begins", async () => {
    const actor = startOdd(host(), { data: { begin: "never" } });
    actor.stop();
    expect((await actor.exited).exit.kind).toBe("stopped");
  });

  test("that fails to begin is thrown, and never started", async () => {
    const actor = startOdd(host(), { data: { begin: "throw" } });
    const asked = actor.ref.ask({ type: "echo", value: 1 }, patience);
    await expect(asked).rejects.toMatchObject({ code: "actor.exited" });
    await expect(actor.started).rejects.toMatchObject({ code: "actor.exited" });
    expect((await actor.exited).exit).toMatchObject({
      kind: "thrown",
      error: { code: "odd.refused" },
    });
  });

  test.each([
    ["throw", { code: "defect.unforeseen", message: thatSays("a defect") }],
    // A HakiriError keeps its fields, though the class is lost on the way.
    ["throw-later", { code: "odd.refused", kind: "AuthExpired" }],
    ["reject", { code: "defect.unforeseen", message: thatSays("nobody listens") }],
  ] as const)("that dies by %s says what was thrown", async (type, error) => {
    const actor = startOdd(host());
    // Behind it, so that the actor dies with one ask in hand or waiting.
    const asks = [{ type } as const, { type: "until-aborted" } as const].map((message) =>
      actor.ref.ask(message, patience),
    );
    const last = asks.at(-1);
    await expect(last).rejects.toMatchObject({ code: "actor.exited", kind: "Transient" });
    await Promise.allSettled(asks);
    expect((await actor.exited).exit).toMatchObject({ kind: "thrown", error });
  });

  test("that throws at a tell dies of it, even by a HakiriError", async () => {
    const actor = startOdd(host());
    actor.ref.tell({ type: "refuse" });
    expect((await actor.exited).exit).toMatchObject({
      kind: "thrown",
      error: { code: "odd.refused" },
    });
  });

  test.each([0, 7])("that exits with %i is noticed", async (exitCode) => {
    const actor = startOdd(host());
    const ask = actor.ref.ask({ type: "exit", exitCode }, patience);
    await expect(ask).rejects.toMatchObject({ code: "actor.exited" });
    expect((await actor.exited).exit).toEqual({ kind: "exited", exitCode });
  });

  test("that exhausts its heap is out of memory", async () => {
    const actor = startOdd(host(), { limits: { oldGenerationMb: 16, youngGenerationMb: 4 } });
    const ask = actor.ref.ask({ type: "exhaust-heap" }, patience);
    await expect(ask).rejects.toMatchObject({ code: "actor.exited" });
    expect((await actor.exited).exit).toEqual({ kind: "out_of_memory" });
  });

  test.each(["loop", "wait"] as const)("in a %s is ended by terminate", async (type) => {
    const actor = startOdd(host());
    await actor.started;
    const ask = actor.ref.ask({ type }, patience);
    const rejection = failureOf(ask);
    actor.terminate();
    expect(await rejection).toMatchObject({ code: "actor.exited" });
    expect((await actor.exited).exit).toEqual({ kind: "terminated" });
  });

  test("leaves the last that it wrote", async () => {
    const actor = startOdd(host());
    await actor.ref.ask({ type: "print", text: "one line\n" }, patience);
    actor.ref.tell({ type: "throw" });
    const { output } = await actor.exited;
    expect(output).toBe("one line\n");
  });

  test("whose owner fails at a tell is ended, and the owner's error is the exit", async () => {
    const actor = startOdd(host(), {
      handle: () => {
        throw refused();
      },
    });
    actor.ref.tell({ type: "count", to: 1 });
    expect((await actor.exited).exit).toMatchObject({
      kind: "handler_failed",
      error: { code: "owner.refused" },
    });
  });

  test("refuses everything once it has ended", async () => {
    const actor = startOdd(host());
    actor.stop();
    await actor.exited;
    expect(() => actor.ref.tell({ type: "echo", value: 1 })).toThrow(
      expect.objectContaining({ code: "actor.exited" }),
    );
    await expect(actor.ref.ask({ type: "echo", value: 1 }, patience)).rejects.toMatchObject({
      code: "actor.exited",
    });
  });

  test("leaves the others alone when it dies", async () => {
    const [dying, other] = [startOdd(host()), startOdd(host(), { id: "other" })];
    await other.started;
    await dying.ref.ask({ type: "exit", exitCode: 1 }, patience).catch(() => undefined);
    await dying.exited;
    expect(await other.ref.ask({ type: "echo", value: "alive" }, patience)).toBe("alive");
  });

  test("without a module to run dies at once", async () => {
    const actor = startOdd(host(), { entry: new URL("./fixtures/absent.ts", import.meta.url) });
    const { exit } = await actor.exited;
    expect(exit).toMatchObject({ kind: "thrown" });
  });
}

function thatSays(words: string): unknown {
  return expect.stringContaining(words);
}

/** The parts of a handle that are used alone. */
function bound(
  actor: ActorHandle<OddDialogue>,
): Pick<ActorHandle<OddDialogue>, "ref" | "stop" | "exited"> {
  return { ref: actor.ref, stop: () => actor.stop(), exited: actor.exited };
}

async function answerPlease(message: unknown): Promise<unknown> {
  if (message !== "please") throw refused();
  return `${message}: done`;
}

function refused(): HakiriError {
  return new HakiriError({ kind: "Permanent", code: "owner.refused", message: "no", hint: "" });
}
