import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Conversation,
  type AskOptions,
  type ConversationOptions,
} from "../../src/actors/conversation.ts";
import type { PeerMessage } from "../../src/actors/protocol.ts";
import { HakiriError } from "../../src/core/error.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { failureOf } from "./failure-of.ts";

const limit: AskOptions = { deadlineMs: 1000 };
const bounds = { mailboxMax: 4, asksMax: 4 };
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve());
  });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const code = (name: string) => expect.objectContaining({ code: name }) as unknown;

/** Two sides, and what was said but has not arrived yet. */
class Pair {
  readonly clock = new ManualClock();
  readonly crashes: unknown[] = [];
  readonly toActor: PeerMessage[] = [];
  readonly toOwner: PeerMessage[] = [];
  readonly owner: Conversation;
  readonly actor: Conversation;

  constructor(handle: ConversationOptions["handle"], options: Partial<ConversationOptions> = {}) {
    const crashed = (thrown: unknown): void => void this.crashes.push(thrown);
    const rest = { crashed, clock: this.clock, bounds, ...options };
    const into = (link: PeerMessage[]) => (message: PeerMessage) => {
      link.push(structuredClone(message));
    };
    this.owner = new Conversation({ handle: () => undefined, ...rest, post: into(this.toActor) });
    this.actor = new Conversation({ ...rest, handle, post: into(this.toOwner) });
  }

  /** Delivers the oldest message of one direction, and lets the promises settle. */
  async deliver(where: "to actor" | "to owner"): Promise<void> {
    const [link, receiver] =
      where === "to actor" ? [this.toActor, this.actor] : [this.toOwner, this.owner];
    const message = link.shift();
    if (message !== undefined) receiver.receive(message);
    await turn();
  }

  /** Delivers until nothing is under way. */
  async deliverAll(): Promise<void> {
    await turn();
    while (this.toActor.length + this.toOwner.length > 0) {
      await this.deliver("to actor");
      await this.deliver("to owner");
    }
  }
}

describe("a conversation", () => {
  test("answers each ask once, in order, and has no more under way than its bound", async () => {
    const step = fc.constantFrom("ask", "ask", "tell", "to actor", "to owner");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const handled: unknown[] = [];
        const pair = new Pair(async (message) => {
          handled.push(message);
          await Promise.resolve();
          return message;
        });
        const accepted: number[] = [];
        const replies: Promise<unknown>[] = [];
        for (const [value, what] of steps.entries()) {
          if (what === "tell" || what === "ask") {
            try {
              if (what === "tell") pair.owner.tell(value);
              else {
                const before = pair.toActor.length;
                const reply = pair.owner.ask(value, limit);
                if (pair.toActor.length === before) await reply;
                replies.push(reply.then((answer) => expect(answer).toBe(value)));
              }
              accepted.push(value);
            } catch (error) {
              const { code: found } = error as HakiriError; // whatever else it is has no code
              expect(["actor.mailbox_full", "actor.asks_full"]).toContain(found);
            }
          } else await pair.deliver(what);
          const said = pair.toActor.filter(({ type }) => type === "ask" || type === "tell");
          expect(said.length + pair.actor.waiting).toBeLessThanOrEqual(bounds.mailboxMax + 1);
        }
        await pair.deliverAll();
        await Promise.all(replies);
        expect(handled).toEqual(accepted);
        expect(pair.crashes).toEqual([]);
        expect(pair.clock.scheduled).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("takes what the mailbox holds, refuses one more, and takes it later", async () => {
    const pair = new Pair(() => undefined);
    for (let count = 0; count < bounds.mailboxMax; count += 1) pair.owner.tell(count);
    expect(() => pair.owner.tell("one more")).toThrow(code("actor.mailbox_full"));
    await expect(pair.owner.ask("one more", limit)).rejects.toEqual(code("actor.mailbox_full"));
    expect(pair.toActor).toHaveLength(bounds.mailboxMax);
    await pair.deliverAll();
    pair.owner.tell("one more");
  });

  test("goes on while its own ask waits: the reply is no message of the mailbox", async () => {
    const pair: Pair = new Pair(async () => pair.actor.ask("back", limit), {});
    const reply = pair.owner.ask("there", limit);
    await pair.deliverAll();
    expect(await reply).toBe(undefined);
  });

  test("never hands over an ask that was withdrawn while it waited", async () => {
    const handled: unknown[] = [];
    const pair = new Pair((message) => void handled.push(message));
    const withdrawn = failureOf(pair.owner.ask("late", { deadlineMs: 5 }));
    pair.owner.tell("next");
    pair.clock.advance(5);
    expect(await withdrawn).toEqual(code("actor.deadline"));
    // Both arrive at once, so that the ask is withdrawn before its turn.
    for (const message of pair.toActor.splice(0)) pair.actor.receive(message);
    await pair.deliverAll();
    expect(handled).toEqual(["next"]);
    for (let count = 0; count < bounds.mailboxMax; count += 1) pair.owner.tell(count);
  });

  test("that ended fails what it asked, refuses what is said, and hears out tells", async () => {
    const handled: unknown[] = [];
    const pair = new Pair((message, { signal }) => {
      handled.push(message);
      return message === "hold" ? aborted(signal) : undefined;
    });
    const asked = failureOf(pair.actor.ask("never answered", limit));
    pair.owner.ask("hold", limit).catch(() => undefined);
    pair.owner.tell("said before");
    pair.owner.ask("asked before", limit).catch(() => undefined);
    for (const message of pair.toActor.splice(0)) pair.actor.receive(message);
    await turn();
    const saidBefore = pair.toOwner.length;
    await pair.actor.end(exited());
    expect(await asked).toEqual(code("actor.exited"));
    expect(handled).toEqual(["hold", "said before"]);
    expect(() => pair.actor.tell(1)).toThrow(code("actor.exited"));
    await expect(pair.actor.ask(1, limit)).rejects.toEqual(code("actor.exited"));
    expect(pair.toOwner).toHaveLength(saidBefore);
    expect(pair.clock.scheduled).toBe(2);
  });

  test("that stops refuses what comes after, and may still speak itself", async () => {
    const pair = new Pair(() => undefined);
    expect(await pair.actor.stop()).toBe(0);
    const late = failureOf(pair.owner.ask("late", limit));
    pair.actor.tell("last words");
    await pair.deliverAll();
    expect(await late).toEqual(code("actor.stopping"));
  });

  test("takes an error at its signal's abort for the end of the ask, no crash", async () => {
    const pair = new Pair(async (_, { signal }) => {
      await aborted(signal);
      signal.throwIfAborted();
    });
    const withdrawn = failureOf(pair.owner.ask("slow", { deadlineMs: 5 }));
    await pair.deliver("to actor");
    pair.clock.advance(5);
    expect(await withdrawn).toEqual(code("actor.deadline"));
    await pair.deliverAll();
    expect(pair.crashes).toEqual([]);
  });

  test("crashes of a defect at an ask, and of any error at a tell", async () => {
    const defect = new TypeError("a defect");
    const atAsk = new Pair(() => {
      throw defect;
    });
    atAsk.owner.ask("x", limit).catch(() => undefined);
    await atAsk.deliverAll();
    expect(atAsk.crashes).toEqual([defect]);

    const refusal = exited();
    const atTell = new Pair(() => {
      throw refusal;
    });
    atTell.owner.tell("x");
    atTell.owner.tell("y");
    await atTell.deliverAll();
    expect(atTell.crashes).toEqual([refusal]);
  });

  test("crashes once of a sender that keeps to no bound", async () => {
    const pair = new Pair(() => undefined);
    for (let count = 0; count < bounds.mailboxMax + 2; count += 1) {
      pair.actor.receive({ type: "tell", body: count });
    }
    expect(pair.crashes).toEqual([
      expect.objectContaining({ message: expect.stringContaining("more than") as unknown }),
    ]);
  });

  test("doesn't count a message that its transport refused", async () => {
    const tooBig = new HakiriError({ kind: "Permanent", code: "t.big", message: "", hint: "" });
    let refuses = true;
    const posted: PeerMessage[] = [];
    const clock = new ManualClock();
    const side = new Conversation({
      post: (message) => {
        if (refuses) throw tooBig;
        posted.push(message);
      },
      handle: () => undefined,
      crashed: () => undefined,
      clock,
      bounds,
    });
    for (let count = 0; count <= bounds.mailboxMax; count += 1) {
      expect(() => side.tell(count)).toThrow(tooBig);
      await expect(side.ask(count, limit)).rejects.toBe(tooBig);
    }
    expect(clock.scheduled).toBe(0);
    refuses = false;
    for (let count = 0; count < bounds.mailboxMax; count += 1) side.tell(count);
    expect(posted).toHaveLength(bounds.mailboxMax);
  });
});

function exited(): HakiriError {
  return new HakiriError({ kind: "Transient", code: "actor.exited", message: "", hint: "" });
}
