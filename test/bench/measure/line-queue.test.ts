import { PassThrough, Readable } from "node:stream";

import { describe, expect, test } from "vitest";

import { LINES_MAX, queueLines } from "../../../bench/measure/line-queue.ts";

const deadlineMs = 30_000;

/** A stream of numbered lines, fully read by the queue when this resolves. */
async function queueOf(count: number) {
  const lines = Array.from({ length: count }, (_, index) => `line ${index}.\n`);
  const stream = Readable.from(lines);
  const ended = new Promise<void>((resolve) => stream.once("close", resolve));
  const queue = queueLines(stream, ended);
  expect(await queueEnd(queue)).toBeNull();
  return queue;
}

/** A wait for a line that can't come ends when the stream is over. */
const queueEnd = (queue: ReturnType<typeof queueLines>) => queue.next(/never/, deadlineMs);

describe("bounds", () => {
  test("as many lines as the bound wait, the first one included", async () => {
    const queue = await queueOf(LINES_MAX);
    expect(await queue.next(/^line 0\.$/, deadlineMs)).toBe("line 0.");
  });

  test("one line more drops the first, and only the first", async () => {
    const queue = await queueOf(LINES_MAX + 1);
    expect(await queue.next(/^line 0\.$/, deadlineMs)).toBeNull();
    expect(await queue.next(/^line 1\.$/, deadlineMs)).toBe("line 1.");
  });

  test("the last ten lines are kept for a message", async () => {
    const queue = await queueOf(25);
    expect(queue.last()).toHaveLength(10);
    expect(queue.last().at(-1)).toBe("line 24.");
  });
});

describe("taking", () => {
  test("a line is handed out once, and those before it are gone", async () => {
    const queue = await queueOf(3);
    expect(await queue.next(/line 1/, deadlineMs)).toBe("line 1.");
    expect(await queue.next(/line 1/, deadlineMs)).toBeNull();
    expect(await queue.next(/line 0/, deadlineMs)).toBeNull();
    expect(await queue.next(/line/, deadlineMs)).toBe("line 2.");
  });

  test("a pattern that remembers its position matches all the same", async () => {
    const queue = await queueOf(3);
    const match = /line/g;
    expect(await queue.next(match, deadlineMs)).toBe("line 0.");
    expect(await queue.next(match, deadlineMs)).toBe("line 1.");
  });

  test("a closed stream whose writer lives is waited for until the deadline, not for ever", async () => {
    const stream = new PassThrough();
    const queue = queueLines(stream, new Promise(() => {}));
    stream.end("only\n");
    expect(await queue.next(/other/, 20)).toBeNull();
    expect(await queue.next(/only/, deadlineMs)).toBe("only");
  });
});
