import { describe, expect, test } from "vitest";
import { PendingAsks } from "../../src/actors/pending-asks.ts";
import { HakiriError } from "../../src/core/error.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { failureOf } from "./failure-of.ts";

const failure = new HakiriError({ kind: "Permanent", code: "x.y", message: "no", hint: "" });

function table(asksMax = 4) {
  const clock = new ManualClock();
  const withdrawn: number[] = [];
  const pending = new PendingAsks({
    clock,
    asksMax,
    withdrawn: (ask) => withdrawn.push(ask),
  });
  return { clock, withdrawn, pending };
}

const code = (name: string) => expect.objectContaining({ code: name }) as unknown;

describe("a pending ask", () => {
  test("ends by its reply, once, and leaves no timer", async () => {
    const { clock, pending, withdrawn } = table();
    const { ask, reply } = pending.open({ deadlineMs: 10 });
    pending.resolve(ask, "first");
    pending.reject(ask, failure);
    expect(await reply).toBe("first");
    expect([pending.size, clock.scheduled, withdrawn]).toEqual([0, 0, []]);
  });

  test("ends by its failure", async () => {
    const { pending } = table();
    const { ask, reply } = pending.open({ deadlineMs: 10 });
    pending.reject(ask, failure);
    await expect(reply).rejects.toBe(failure);
  });

  test("ends at its deadline, not before, and is withdrawn; a late reply is ignored", async () => {
    const { clock, pending, withdrawn } = table();
    const { ask, reply } = pending.open({ deadlineMs: 10 });
    const rejection = failureOf(reply);
    clock.advance(9.9);
    expect(pending.size).toBe(1);
    clock.advance(0.1);
    expect(await rejection).toEqual(code("actor.deadline"));
    expect([pending.size, withdrawn]).toEqual([0, [ask]]);
    pending.resolve(ask, "late");
  });

  test("ends by its signal, whose reason is the cause, and the deadline is forgotten", async () => {
    const { clock, pending, withdrawn } = table();
    const controller = new AbortController();
    const { ask, reply } = pending.open({ deadlineMs: 10, signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    const thrown = await reply.catch((error: unknown) => error);
    expect(thrown).toEqual(code("actor.cancelled"));
    expect(thrown).toHaveProperty("cause", reason);
    expect([pending.size, clock.scheduled, withdrawn]).toEqual([0, 0, [ask]]);
  });

  test("is never made for a signal that is aborted already", () => {
    const { pending } = table();
    expect(() => pending.open({ signal: AbortSignal.abort() })).toThrow(code("actor.cancelled"));
    expect(pending.size).toBe(0);
  });

  test("that ended leaves its signal alone", async () => {
    const { pending, withdrawn } = table();
    const controller = new AbortController();
    const { ask, reply } = pending.open({ signal: controller.signal });
    pending.resolve(ask, 1);
    await reply;
    controller.abort();
    expect(withdrawn).toEqual([]);
  });
});

describe("a table of pending asks", () => {
  test("holds as many as its bound, and refuses one more", async () => {
    const { pending } = table(2);
    const asks = [pending.open({ deadlineMs: 1 }), pending.open({ deadlineMs: 1 })];
    expect(() => pending.open({ deadlineMs: 1 })).toThrow(code("actor.asks_full"));
    const [first] = asks;
    pending.resolve(first?.ask ?? 0, 1);
    asks.push(pending.open({ deadlineMs: 1 }));
    pending.rejectAll(failure);
    const outcomes = await Promise.allSettled(asks.map(({ reply }) => reply));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  });

  test("fails all at once, and leaves no timer", async () => {
    const { clock, pending } = table();
    const replies = [1, 2, 3].map((deadlineMs) => pending.open({ deadlineMs }).reply);
    pending.rejectAll(failure);
    const outcomes = await Promise.allSettled(replies);
    expect(outcomes).toEqual(replies.map(() => ({ status: "rejected", reason: failure })));
    expect([pending.size, clock.scheduled]).toEqual([0, 0]);
  });

  test.each([0, 2, -1, Number.NaN])("takes a reply to ask %d, never made, for a defect", (ask) => {
    const { pending } = table();
    pending.open({ deadlineMs: 1 });
    expect(() => pending.resolve(ask, 1)).toThrow(/never asked/);
  });
});
