import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aheadMax, Mailbox } from "../../src/actors/mailbox.ts";

interface Note {
  readonly name: number;
}

/** A mailbox whose handler waits until the test lets go of each message. */
function heldMailbox(capacity: number) {
  const taken: number[] = [];
  const crashes: unknown[] = [];
  let release: (() => void) | undefined;
  let fail: ((error: Error) => void) | undefined;
  const mailbox = new Mailbox<Note>({
    capacity,
    handle: (note) => {
      if (release !== undefined) throw new Error("two messages in hand");
      taken.push(note.name);
      return new Promise<void>((resolve, reject) => {
        [release, fail] = [resolve, reject];
      });
    },
    crashed: (thrown) => crashes.push(thrown),
  });
  const letGo = async (): Promise<void> => {
    const done = release;
    release = undefined;
    done?.();
    await turn();
  };
  const crash = async (error: Error): Promise<void> => {
    fail?.(error);
    await turn();
  };
  return { mailbox, taken, crashes, letGo, crash };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a mailbox must do, without loops and promises: two lists and one in hand. */
class NaiveMailbox {
  readonly taken: number[] = [];
  #ahead: number[] = [];
  #waiting: number[] = [];
  #inHand = false;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  put(name: number, isAhead: boolean): boolean {
    const length = isAhead ? this.#ahead.length : this.#waiting.length;
    if (length >= (isAhead ? aheadMax : this.#capacity)) return false;
    if (isAhead) this.#ahead = [...this.#ahead, name];
    else this.#waiting = [...this.#waiting, name];
    return true;
  }

  takeNext(): void {
    if (this.#inHand) return;
    const [next] = [...this.#ahead, ...this.#waiting];
    if (next === undefined) return;
    if (this.#ahead.length > 0) this.#ahead = this.#ahead.slice(1);
    else this.#waiting = this.#waiting.slice(1);
    this.taken.push(next);
    this.#inHand = true;
  }

  letGo(): void {
    this.#inHand = false;
    this.takeNext();
  }

  get waiting(): number {
    return this.#ahead.length + this.#waiting.length;
  }
}

describe("a mailbox", () => {
  test("hands over one message at a time, in the order of a naive model", async () => {
    const step = fc.constantFrom("put", "put", "put", "ahead", "let go", "turn");
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { maxLength: 60 }),
        async (capacity, steps) => {
          const { mailbox, taken, letGo } = heldMailbox(capacity);
          const naive = new NaiveMailbox(capacity);
          for (const [name, what] of steps.entries()) {
            if (what === "let go") {
              await letGo();
              naive.letGo();
            } else if (what === "turn") {
              await turn();
              naive.takeNext();
            } else {
              const isAhead = what === "ahead";
              const put = (): void =>
                isAhead ? mailbox.putAhead({ name }) : mailbox.put({ name });
              if (naive.put(name, isAhead)) put();
              else expect(put).toThrow(expect.objectContaining({ code: "actor.mailbox_full" }));
            }
            expect(mailbox.waiting).toBe(naive.waiting);
            expect(taken).toEqual(naive.taken);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("takes as many messages as its capacity, and refuses one more", () => {
    const { mailbox } = heldMailbox(3);
    for (let name = 0; name < 3; name += 1) mailbox.put({ name });
    expect(() => mailbox.put({ name: 3 })).toThrow(/at most 3 waiting messages/);
    expect(mailbox.waiting).toBe(3);
  });

  test("takes a bounded number ahead, which the full rest does not hinder", () => {
    const { mailbox } = heldMailbox(1);
    mailbox.put({ name: 0 });
    for (let name = 0; name < aheadMax; name += 1) mailbox.putAhead({ name });
    expect(() => mailbox.putAhead({ name: aheadMax })).toThrow(/at most 16/);
  });

  test("never handles a message before put returns", async () => {
    const { mailbox, taken } = heldMailbox(1);
    mailbox.put({ name: 1 });
    expect(taken).toEqual([]);
    await turn();
    expect(taken).toEqual([1]);
  });

  test("that is closed gives back what waits, and refuses what comes", async () => {
    const { mailbox, taken, letGo } = heldMailbox(4);
    for (let name = 0; name < 3; name += 1) mailbox.put({ name });
    await turn();
    mailbox.putAhead({ name: 9 });
    expect(mailbox.close()).toEqual([{ name: 9 }, { name: 1 }, { name: 2 }]);
    expect(() => mailbox.put({ name: 4 })).toThrow(
      expect.objectContaining({ code: "actor.stopping" }),
    );
    await letGo();
    expect(taken).toEqual([0]);
  });

  test("is idle once nothing waits and nothing is in hand", async () => {
    const { mailbox, letGo } = heldMailbox(4);
    await mailbox.idle();
    mailbox.put({ name: 1 });
    mailbox.put({ name: 2 });
    let isIdle = false;
    const idle = mailbox.idle().then(() => {
      isIdle = true;
    });
    await turn();
    await letGo();
    expect(isIdle).toBe(false);
    await letGo();
    await idle;
  });

  test("crashes of a handler that throws: said once, and nothing is handled after", async () => {
    const { mailbox, taken, crashes, crash } = heldMailbox(4);
    for (let name = 0; name < 3; name += 1) mailbox.put({ name });
    await turn();
    const error = new Error("a defect");
    await crash(error);
    await mailbox.idle();
    expect(crashes).toEqual([error]);
    expect(taken).toEqual([0]);
    expect(() => mailbox.put({ name: 5 })).toThrow();
    expect(mailbox.close()).toEqual([{ name: 1 }, { name: 2 }]);
  });

  test.each([0, -1, 1.5, Number.NaN])("of capacity %d is refused", (capacity) => {
    expect(() => heldMailbox(capacity)).toThrow(RangeError);
  });
});
