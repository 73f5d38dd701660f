/** The states of a run: what follows what, over any sequence of events. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ErrorRecord } from "../../src/core/error.ts";
import {
  isActive,
  mayResume,
  queuedRun,
  transition,
  type RunEvent,
  type RunState,
} from "../../src/core/run.ts";

const broken: ErrorRecord = { kind: "Transient", code: "x.broken", message: "m", hint: "" };
const owner = { kind: "claim" } as const;

/** The state after events that must all be accepted. */
function after(...events: readonly RunEvent[]): RunState {
  return events.reduce((state, event) => {
    const moved = transition(state, event);
    if (moved.kind === "next") return moved.state;
    throw new Error(moved.reason);
  }, queuedRun("100"));
}

function reasonAgainst(state: RunState, event: RunEvent): string {
  const moved = transition(state, event);
  return moved.kind === "refused" ? moved.reason : `accepted: ${moved.state.kind}`;
}

function granted(
  type: "claimed" | "restarted" | "resumed",
  epoch: number,
  writtenBatches = 0,
): RunEvent {
  return { type, epoch, owner, deadlineAt: "200", writtenBatches };
}

const claimed = granted("claimed", 7);

describe("the way of a run", () => {
  test("a run that commits has its snapshot and what it wrote", () => {
    expect(
      after(
        claimed,
        { type: "batch_written", epoch: 7, writtenBatches: 1 },
        {
          type: "committed",
          epoch: 7,
          writtenBatches: 2,
          snapshot: 42,
        },
      ),
    ).toEqual({ kind: "succeeded", epoch: 7, attempts: 1, writtenBatches: 2, snapshot: 42 });
  });

  test("a run that changed nothing succeeds without a snapshot", () => {
    const state = after(claimed, {
      type: "committed",
      epoch: 7,
      writtenBatches: 0,
      snapshot: null,
    });
    expect(state).toMatchObject({ kind: "succeeded", snapshot: null });
  });

  test.each<[string, RunEvent]>([
    ["fails", { type: "failed", epoch: 7, writtenBatches: 1, error: broken }],
    ["passes its deadline", { type: "expired", epoch: 7, writtenBatches: 1, at: "200" }],
    ["loses its owner", { type: "owner_lost", epoch: 7, writtenBatches: 1 }],
  ])("a run that %s is a partial failure with one batch, and failed with none", (_, event) => {
    const partial = after(claimed, event);
    expect(partial).toMatchObject({ kind: "partial_failure", writtenBatches: 1 });
    expect(mayResume(partial)).toBe(true);
    const failed = after(claimed, { ...event, writtenBatches: 0 } as RunEvent);
    expect(failed).toMatchObject({ kind: "failed", writtenBatches: 0 });
    expect(mayResume(failed)).toBe(false);
  });

  test("a resume goes on from the batches that were adopted, with one more attempt", () => {
    const cancelled = after(claimed, { type: "cancelled", epoch: 7, writtenBatches: 5 });
    expect(transition(cancelled, granted("resumed", 8, 4))).toEqual({
      kind: "next",
      state: {
        kind: "running",
        epoch: 8,
        attempts: 2,
        writtenBatches: 4,
        owner,
        deadlineAt: "200",
      },
    });
  });

  test("a restart is one more attempt, under its own grant", () => {
    expect(after(claimed, granted("restarted", 8))).toMatchObject({ epoch: 8, attempts: 2 });
  });

  test("a released run waits again and its next grant uses no further attempt", () => {
    const released: RunEvent = { type: "released", epoch: 7, writtenBatches: 3, deadlineAt: "300" };
    expect(after(claimed, released)).toMatchObject({
      kind: "queued",
      attempts: 0,
      writtenBatches: 3,
      owner: { kind: "control" },
    });
    expect(after(claimed, released, granted("claimed", 8, 3))).toMatchObject({ attempts: 1 });
  });

  test("a parked run is failed with the code run.parked, though it wrote", () => {
    const parked = after(claimed, {
      type: "parked",
      epoch: 7,
      writtenBatches: 3,
      reason: "out of memory three times",
    });
    expect(parked).toMatchObject({ kind: "failed", error: { code: "run.parked" } });
    expect(mayResume(parked)).toBe(false);
  });

  test("a queued run can be cancelled, fail or pass its deadline", () => {
    const told = { epoch: 0, writtenBatches: 0 };
    expect(after({ type: "cancelled", ...told }).kind).toBe("cancelled");
    expect(after({ type: "failed", ...told, error: broken }).kind).toBe("failed");
    expect(after({ type: "expired", ...told, at: "100" })).toMatchObject({
      kind: "failed",
      error: { code: "run.deadline" },
    });
  });
});

describe("what is refused", () => {
  test("a grant that isn't newer than the last one", () => {
    const partial = after(claimed, { type: "owner_lost", epoch: 7, writtenBatches: 1 });
    expect(reasonAgainst(partial, granted("resumed", 7))).toBe("expected an epoch above 7, got 7");
  });

  test("an event of an older grant, and one of a grant that isn't recorded yet", () => {
    const running = after(claimed, granted("restarted", 8));
    expect(
      reasonAgainst(running, { type: "committed", epoch: 7, writtenBatches: 1, snapshot: 1 }),
    ).toBe("expected an event of epoch 8, got one of 7");
    const early = { type: "cancelled", epoch: 9, writtenBatches: 0 } as const;
    expect(reasonAgainst(running, early)).toBe("expected an event of epoch 8, got one of 9");
  });

  test("a deadline that hasn't passed, to the microsecond", () => {
    expect(
      reasonAgainst(after(claimed), { type: "expired", epoch: 7, writtenBatches: 0, at: "199" }),
    ).toBe("expected a time at or past the deadline 200, got 199");
  });

  test("more adopted batches than were written", () => {
    const partial = after(claimed, { type: "owner_lost", epoch: 7, writtenBatches: 1 });
    expect(reasonAgainst(partial, granted("resumed", 8, 2))).toMatch(/at most the 1 batches/u);
  });

  test("a resume of what was discarded, and a second discarding", () => {
    const discarded = after(
      claimed,
      { type: "cancelled", epoch: 7, writtenBatches: 1 },
      { type: "discarded", reason: "the connector changed" },
    );
    expect(reasonAgainst(discarded, granted("resumed", 8))).toMatch(/cancelled can't be resumed/u);
    expect(reasonAgainst(discarded, { type: "discarded", reason: "r" })).toMatch(/already/u);
  });

  test("work by the holder of a run that is queued", () => {
    expect(
      reasonAgainst(queuedRun("1"), { type: "batch_written", epoch: 0, writtenBatches: 1 }),
    ).toBe("a run that is queued can't be batch_written");
  });

  test("a count that isn't one", () => {
    const event = { type: "cancelled", epoch: 7 } as const;
    expect(reasonAgainst(after(claimed), { ...event, writtenBatches: -1 })).toMatch(/a count/u);
    expect(reasonAgainst(after(claimed), { ...event, writtenBatches: 0.5 })).toMatch(/a count/u);
  });
});

const counts = fc.nat(3);
const epochs = fc.nat(6);
const told = { epoch: epochs, writtenBatches: counts };
const grants = { ...told, owner: fc.constant(owner), deadlineAt: fc.constantFrom("1", "2") };
const events = fc.oneof(
  fc.record({ type: fc.constantFrom("claimed", "restarted", "resumed"), ...grants }),
  fc.record({ type: fc.constantFrom("batch_written", "cancelled", "owner_lost"), ...told }),
  fc.record({ type: fc.constant("committed"), ...told, snapshot: fc.option(fc.nat()) }),
  fc.record({ type: fc.constant("failed"), ...told, error: fc.constant(broken) }),
  fc.record({ type: fc.constant("expired"), ...told, at: fc.constantFrom("0", "1", "2") }),
  fc.record({ type: fc.constant("released"), ...told, deadlineAt: fc.constant("2") }),
  fc.record({ type: fc.constant("parked"), ...told, reason: fc.constant("r") }),
  fc.record({ type: fc.constant("discarded"), reason: fc.constant("r") }),
) satisfies fc.Arbitrary<RunEvent>;

/** Fits the event's epoch to the state in most cases, so that long histories get somewhere. */
function aimed(state: RunState, event: RunEvent, hit: boolean): RunEvent {
  if (!hit || event.type === "discarded") return event;
  const isGrant = "owner" in event;
  return { ...event, epoch: isGrant ? state.epoch + 1 : state.epoch };
}

test("over any history the invariants of the head comment hold", () => {
  const histories = fc.array(fc.tuple(events, fc.boolean()), { maxLength: 30 });
  fc.assert(
    fc.property(histories, (history) => {
      let state = queuedRun("1");
      for (const [anyEvent, hit] of history) {
        const event = aimed(state, anyEvent, hit);
        const moved = transition(state, event);
        if (moved.kind === "refused") {
          expect(moved.reason).not.toBe("");
          continue;
        }
        const next = moved.state;
        expect(JSON.parse(JSON.stringify(next))).toEqual(next);
        // R1
        expect("snapshot" in next).toBe(next.kind === "succeeded");
        expect(["succeeded", "failed"]).not.toContain(state.kind);
        // R2
        if (next.kind === "partial_failure") expect(next.writtenBatches).toBeGreaterThan(0);
        if (next.kind === "failed" && next.error.code !== "run.parked") {
          expect(next.writtenBatches).toBe(0);
        }
        // R3
        const isGrant = next.kind === "running" && event.type !== "batch_written";
        expect(isGrant ? next.epoch > state.epoch : next.epoch === state.epoch).toBe(true);
        // R4
        expect("owner" in next && "deadlineAt" in next).toBe(isActive(next));
        // R5
        const used = { claimed: 1, restarted: 1, resumed: 1, released: -1 };
        const change = Object.entries(used).find(([type]) => type === event.type)?.[1] ?? 0;
        expect(next.attempts - state.attempts).toBe(change);
        state = next;
      }
    }),
    { numRuns: 3000 },
  );
});

/** One event of each kind that the state may take, with nothing and with something written. */
function possibleEvents(state: RunState): readonly RunEvent[] {
  return [0, 2].flatMap((writtenBatches): RunEvent[] => {
    const say = { epoch: state.epoch, writtenBatches };
    return [
      granted("claimed", state.epoch + 1),
      granted("restarted", state.epoch + 1),
      granted("resumed", state.epoch + 1),
      { type: "batch_written", ...say },
      { type: "committed", ...say, snapshot: null },
      { type: "failed", ...say, error: broken },
      { type: "cancelled", ...say },
      { type: "expired", ...say, at: "1000" },
      { type: "owner_lost", ...say },
      { type: "released", ...say, deadlineAt: "300" },
      { type: "parked", ...say, reason: "r" },
      { type: "discarded", reason: "r" },
    ];
  });
}

test("these are all the transitions there are", () => {
  const seen = new Set<string>();
  const waiting = [queuedRun("100")];
  const visited = new Set<string>();
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const journal = "journal" in state ? state.journal.kind : "";
    const sort = `${state.kind} ${state.writtenBatches} ${journal}`;
    if (visited.has(sort)) continue;
    visited.add(sort);
    for (const event of possibleEvents(state)) {
      const moved = transition(state, event);
      if (moved.kind === "refused") continue;
      seen.add(`${state.kind} ${event.type} ${moved.state.kind}`);
      waiting.push(moved.state);
    }
  }
  expect([...seen].toSorted()).toEqual(everyTransition.toSorted());
});

/** The picture of the states, event by event. */
const everyTransition = [
  ...["partial_failure", "cancelled"].flatMap((kind) => [
    `${kind} resumed running`,
    `${kind} discarded ${kind}`,
  ]),
  "queued claimed running",
  "queued cancelled cancelled",
  "queued failed failed",
  "queued failed partial_failure",
  "queued expired failed",
  "queued expired partial_failure",
  "queued parked failed",
  "running restarted running",
  "running batch_written running",
  "running committed succeeded",
  "running failed failed",
  "running failed partial_failure",
  "running expired failed",
  "running expired partial_failure",
  "running owner_lost failed",
  "running owner_lost partial_failure",
  "running released queued",
  "running parked failed",
  "running cancelled cancelled",
];
