/** Stored cursors as text. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cursorBytesMax, type StoredCursor } from "../../src/core/cursor.ts";
import { decodeCursor, encodeCursor } from "../../src/context/cursor-codec.ts";
import { cursorAt } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

const text = fc.string({ unit: "grapheme", maxLength: 50 });
const cursors: fc.Arbitrary<StoredCursor> = fc.record({
  version: fc.constant(1 as const),
  connector: text,
  stream: text,
  column: fc.option(text),
  type: fc.option(text),
  value: fc.option(text),
  boundary: fc.option(
    fc.record({ count: fc.nat(), sha256: fc.constant("0".repeat(32) + "f".repeat(32)) }),
  ),
});

test("any cursor comes back", () => {
  fc.assert(
    fc.property(cursors, (cursor) => {
      expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
    }),
  );
});

test("a cursor takes the bytes that the bound allows, and no more", () => {
  const empty = encodeCursor(cursorAt("")).length;
  const fits = cursorAt("x".repeat(cursorBytesMax - empty));
  expect(encodeCursor(fits)).toHaveLength(cursorBytesMax);
  expect(decodeCursor(encodeCursor(fits))).toEqual(fits);
  const large = cursorAt("x".repeat(cursorBytesMax - empty + 1));
  expect(thrownBy(() => encodeCursor(large)).code).toBe("cursor.too_large");
  const wide = cursorAt("é".repeat(cursorBytesMax / 2));
  expect(thrownBy(() => encodeCursor(wide)).code).toBe("cursor.too_large");
});

test("a cursor of a newer version is told as such", () => {
  const newer = encodeCursor(cursorAt("1")).replace('"version":1', '"version":2,"more":true');
  expect(thrownBy(() => decodeCursor(newer)).code).toBe("cursor.newer_format");
});

test.each(["", "{", "[]", "1", "{}", '{"version":1}', " ".repeat(cursorBytesMax + 1)])(
  "what is no cursor is damaged: %j",
  (given) => {
    expect(thrownBy(() => decodeCursor(given)).code).toBe("cursor.damaged");
  },
);

test("a member that no cursor has is damage", () => {
  const odd = encodeCursor(cursorAt("1")).replace("{", '{"a":1,');
  expect(thrownBy(() => decodeCursor(odd)).code).toBe("cursor.damaged");
});
