// The lines that a stream delivers, waiting to be asked for.
//
//   L1. A line is handed out at most once, and skipped for good when a later one was asked for.
//   L2. At most `LINES_MAX` lines wait; then the oldest are dropped, and the stream is read on, so
//       that a process which logs much never blocks on its pipe.

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Lines that wait to be asked for, per stream. */
export const LINES_MAX = 10_000;

/** The lines of one stream in order of arrival. */
export type LineQueue = {
  /**
   * Takes the next line that matches; null at the deadline, or once the stream and `ended` are over
   * and no line that is left matches. One call at a time.
   */
  readonly next: (match: RegExp, deadlineMs: number) => Promise<string | null>;
  /** The last few lines that came, taken or not, for a message. */
  readonly last: () => readonly string[];
};

const QUOTED_LINES_MAX = 10;

/** Reads a stream by lines until it closes. `ended` says when its writer is gone. */
export function queueLines(stream: Readable, ended: Promise<void>): LineQueue {
  const unread: string[] = [];
  const last: string[] = [];
  let isOver = false;
  let wake = (): void => {};
  const reader = createInterface({ input: stream, crlfDelay: Infinity });
  reader.on("line", (line) => {
    if (unread.push(line) > LINES_MAX) unread.shift();
    if (last.push(line) > QUOTED_LINES_MAX) last.shift();
    wake();
  });
  // Its close as well as its writer's end: only then has every line that was printed been read.
  const closed = new Promise<void>((resolve) => reader.once("close", resolve));
  void Promise.all([closed, ended]).then(() => {
    isOver = true;
    wake();
  });

  const next = async (match: RegExp, deadlineMs: number): Promise<string | null> => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      wake();
    }, deadlineMs);
    try {
      for (;;) {
        const index = unread.findIndex((line) => line.search(match) >= 0);
        if (index >= 0) return unread.splice(0, index + 1).at(-1) ?? null;
        if (isLate || isOver) return null;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  };
  return { next, last: () => last };
}
