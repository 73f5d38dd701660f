/** Progress as it appears on stderr, its time turned by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { happeningsMax, ProgressBoard, streamsMax } from "../../../src/cli/progress/board.ts";
import type { ProgressEvent, StreamProgress } from "../../../src/cli/progress/event.ts";
import { openProgress } from "../../../src/cli/progress/open-progress.ts";
import { linesMax } from "../../../src/cli/progress/renderer.ts";
import { scriptedTerminal, type Scene } from "../scripted-terminal.ts";

const running = (stream: string, rows = 0, bytes = 0): StreamProgress => ({
  type: "stream",
  stream,
  state: "running",
  rows,
  bytes,
});
const ended = (stream: string, rows: number, bytes: number): StreamProgress => ({
  ...running(stream, rows, bytes),
  state: "done",
});

function open(mode: "auto" | "plain" | "json" | "none", scene: Scene = {}) {
  const screen = scriptedTerminal(scene);
  return { ...screen, ...openProgress(mode, screen.terminal) };
}

describe("on a pipe", () => {
  test("a running stream has a line every five seconds, with its rate so far", () => {
    const { sink, pass, stderr } = open("auto");
    sink(running("orders"));
    for (let second = 1; second <= 12; second++) {
      pass(1000);
      sink(running("orders", second * 1000, second * 2_000_000));
    }
    expect(stderr()).toBe(
      "hakiri: orders: 5,000 rows, 962 rows/s, 10.0 MB, 5 s\n" +
        "hakiri: orders: 10,000 rows, 980 rows/s, 20.0 MB, 10 s\n",
    );
  });

  test("an end and a note have their lines at the next frame, and at the close", () => {
    const { sink, pass, stderr, close } = open("plain", { isTty: true });
    sink(running("orders"));
    sink({ type: "note", message: "waiting for the claim" });
    pass(1000);
    expect(stderr()).toBe("hakiri: waiting for the claim\n");
    sink(ended("orders", 10, 2000));
    sink({ ...running("lines"), state: "failed" });
    close();
    expect(stderr()).toContain("hakiri: orders: done, 10 rows, 10 rows/s, 2.0 kB, 1 s\n");
    expect(stderr()).toContain("hakiri: lines: failed, 0 rows, 0 B, 0 s\n");
  });

  test(`${linesMax} streams are shown and the rest counted`, () => {
    const shown = (count: number): string => {
      const { sink, pass, stderr } = open("plain");
      for (let at = 0; at < count; at++) sink(running(`s${at}`));
      pass(6000);
      return stderr();
    };
    expect(shown(linesMax).trim().split("\n")).toHaveLength(linesMax);
    expect(shown(linesMax)).not.toContain("more");
    expect(shown(linesMax + 2)).toMatch(/hakiri: and 2 more\n$/u);
  });
});

describe("on a terminal", () => {
  test("each stream has a line, drawn over by the next frame, and gone at the close", () => {
    const { sink, pass, stderr, close } = open("auto", { isTty: true });
    sink(running("orders", 1000, 5000));
    sink(running("日本", 5, 5));
    pass(200);
    const first =
      "orders  1,000 rows  5,000 rows/s  5.0 kB  0 s\n" +
      "日本        5 rows     25 rows/s     5 B  0 s\n";
    expect(stderr()).toBe(first);
    sink(ended("日本", 5, 5));
    pass(200);
    const second =
      "\u001b[2A\u001b[J" +
      "hakiri: 日本: done, 5 rows, 25 rows/s, 5 B, 0 s\n" +
      "orders  1,000 rows  2,500 rows/s  5.0 kB  0 s\n";
    expect(stderr()).toBe(first + second);
    close();
    expect(stderr()).toBe(`${first}${second}\u001b[1A\u001b[J`);
  });

  test("a frame comes every 200 ms, however many events come", () => {
    const { sink, pass, stderr } = open("auto", { isTty: true });
    for (let at = 0; at < 500; at++) {
      sink(running("orders", at, at));
      pass(2);
    }
    expect(stderr().match(/orders/gu)).toHaveLength(5);
  });

  test("time goes on without events", () => {
    const { sink, pass, stderr } = open("auto", { isTty: true });
    sink(running("orders", 1000));
    pass(2000);
    expect(stderr()).toContain("  2 s\n");
  });

  test("no line is wider than the terminal, and no name steers it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.integer({ min: 2, max: 80 }),
        (name, columns) => {
          const { sink, pass, stderr } = open("auto", { isTty: true, columns });
          sink(running(name, 123_456, 1e9));
          pass(200);
          expect(stderr()).toMatch(/^[^\p{Cc}]*\n$/u);
          expect(stderr().length).toBeLessThanOrEqual(columns * 12);
          if (/^[ -~]*$/u.test(name)) expect(stderr().length).toBeLessThanOrEqual(columns);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("that can't move its cursor gets plain lines", () => {
    const { sink, pass, stderr } = open("auto", { isTty: true, env: { TERM: "dumb" } });
    sink(running("orders"));
    pass(400);
    expect(stderr()).toBe("");
  });
});

describe("for programs", () => {
  test("each change is one document a line, at most one a stream and frame", () => {
    const { sink, pass, stderr, close } = open("json", { isTty: true });
    sink(running("orders", 1, 2));
    sink(running("orders", 3, 4));
    pass(400);
    sink({ type: "note", message: "a\nb" });
    sink(ended("orders", 5, 6));
    close();
    const lines = stderr().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { type: "stream", stream: "orders", state: "running", rows: 3, bytes: 4, elapsed_ms: 200 },
      { type: "note", message: "a\nb" },
      { type: "stream", stream: "orders", state: "done", rows: 5, bytes: 6, elapsed_ms: 400 },
    ]);
  });
});

test("with none nothing is written and no tick set up", () => {
  const { sink, pass, stderr, tickers, close } = open("none", { isTty: true });
  sink({ type: "note", message: "x" });
  pass(10_000);
  close();
  expect({ text: stderr(), tickers: tickers() }).toEqual({ text: "", tickers: 0 });
});

test("ticks begin with the first event and end with the close; later events are dropped", () => {
  const { sink, pass, stderr, tickers, close } = open("plain");
  expect(tickers()).toBe(0);
  sink(running("orders"));
  expect(tickers()).toBe(1);
  close();
  close();
  sink(ended("orders", 1, 1));
  pass(10_000);
  expect({ text: stderr(), tickers: tickers() }).toEqual({ text: "", tickers: 0 });
});

describe("bounds", () => {
  test(`${streamsMax} streams are followed; of one more only the end is told`, () => {
    const board = new ProgressBoard();
    for (let at = 0; at <= streamsMax; at++) board.take(running(`s${at}`), 0);
    expect(board.frame(0).live).toHaveLength(streamsMax);
    board.take(ended(`s${streamsMax}`, 7, 7), 5);
    expect(board.frame(5).happenings).toMatchObject([
      { type: "end", figures: { stream: `s${streamsMax}`, rows: 7, elapsedMs: 0 } },
    ]);
  });

  test(`with ${happeningsMax} things to tell a frame is due at once`, () => {
    const note: ProgressEvent = { type: "note", message: "x" };
    const { sink, stderr } = open("plain");
    for (let at = 1; at < happeningsMax; at++) sink(note);
    expect(stderr()).toBe("");
    sink(note);
    expect(stderr()).toBe("hakiri: x\n".repeat(happeningsMax));
  });
});
