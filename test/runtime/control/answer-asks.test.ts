/** Answers to an actor stay below what a control message holds. */
import { expect, test } from "vitest";
import { serialize } from "node:v8";
import { controlBytesMax } from "../../../src/actors/protocol.ts";
import type { CursorRecord } from "../../../src/core/ports/catalog.ts";
import { answerAsk, type Asked } from "../../../src/runtime/control/answer-asks.ts";

function cursorOf(number: number, valueLength: number): CursorRecord {
  return {
    stream: `s${number}`,
    partition: "",
    boundaryPath: null,
    cursor: {
      version: 1,
      connector: "test",
      stream: `s${number}`,
      column: null,
      type: null,
      value: "x".repeat(valueLength),
      boundary: null,
    },
  };
}

async function pagesOf(cursors: readonly CursorRecord[]): Promise<readonly unknown[]> {
  // Cursors are all that this ask is answered from.
  const asked = { granted: { cursors } } as unknown as Asked;
  const pages: unknown[] = [];
  const found: CursorRecord[] = [];
  for (let from: number | null = 0; from !== null;) {
    const page = await answerAsk(asked, { type: "base_cursors", from });
    if (!("cursors" in page)) throw new Error("expected a page of cursors");
    pages.push(page);
    found.push(...page.cursors);
    from = page.next;
  }
  expect(found).toEqual(cursors);
  return pages;
}

test("cursors come in pages, in order, none left out", async () => {
  const cursors = Array.from({ length: 400 }, (_, number) => cursorOf(number, 700));
  const pages = await pagesOf(cursors);
  expect(pages.length).toBeGreaterThan(5);
  for (const page of pages) expect(serialize(page).byteLength).toBeLessThan(controlBytesMax);
});

test("the largest cursors there are come a few at a time, and none is one page", async () => {
  const largest = Array.from({ length: 5 }, (_, number) => cursorOf(number, 16_000));
  for (const page of await pagesOf(largest)) {
    expect(serialize(page).byteLength).toBeLessThan(controlBytesMax);
  }
  expect(await pagesOf([])).toHaveLength(1);
});
