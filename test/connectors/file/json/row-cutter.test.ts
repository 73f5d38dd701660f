/** Cutting rows out of a JSON document, whatever its spelling and however it comes in pieces. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { pointerTokens } from "../../../../connectors/file/json/pointer.ts";
import {
  CutError,
  RowCutter,
  type RowsPlace,
} from "../../../../connectors/file/json/row-cutter.ts";

/** The lines that are cut out of a text that comes in pieces of so many bytes. */
function linesOf(
  text: string,
  place: Partial<RowsPlace> & { at?: string },
  pieceBytes = 1e9,
): string {
  const { at = "", ...rest } = place;
  const pointer = pointerTokens(at);
  const cutter = new RowCutter({
    pointer,
    rows: "items",
    keyColumn: "_key",
    rowsMax: null,
    ...rest,
  });
  const bytes = Buffer.from(text);
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    // The cutter may keep nothing of a piece: whoever reads uses its buffer again.
    const piece = Buffer.from(bytes.subarray(from, from + pieceBytes));
    lines.push(Buffer.from(cutter.push(piece)));
    piece.fill(0x58);
  }
  lines.push(Buffer.from(cutter.end()));
  return Buffer.concat(lines).toString();
}

function rowsOf(text: string, place: Partial<RowsPlace> & { at?: string }): readonly unknown[] {
  const lines = linesOf(text, place).split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line): unknown => JSON.parse(line));
}

function faultOf(text: string, place: Partial<RowsPlace> & { at?: string } = {}): unknown {
  try {
    linesOf(text, place);
  } catch (error) {
    if (error instanceof CutError) return error.fault;
    throw error;
  }
  throw new Error("expected a fault");
}

test("items of a list are rows", () => {
  const text = '{"a": {"x/y": [ {"v": 1}, {}, {"v":\n[1,\r\n {"w": "]}"}]} ]}, "b": [1]}';
  expect(rowsOf(text, { at: "/a/x~1y" })).toEqual([{ v: 1 }, {}, { v: [1, { w: "]}" }] }]);
});

test("members of an object are rows with their keys", () => {
  const text = '{"k1": {"v": 1}, "k\\"2": { }, "": {\n "v": 2 }, "é😀": {"v":{"_key":1}}}';
  expect(rowsOf(text, { keyColumn: "id" })).toEqual([
    { id: "k1", v: 1 },
    { id: 'k"2' },
    { id: "", v: 2 },
    { id: "é😀", v: { _key: 1 } },
  ]);
});

test("what is no object becomes a value, and null a row without one", () => {
  expect(rowsOf('[1, "a", true, [2], null, {"v": 1}]', {})).toEqual([
    { value: 1 },
    { value: "a" },
    { value: true },
    { value: [2] },
    {},
    { v: 1 },
  ]);
  expect(rowsOf('{"a": -1.5e3, "b": null, "c": "x"}', {})).toEqual([
    { _key: "a", value: -1500 },
    { _key: "b" },
    { _key: "c", value: "x" },
  ]);
});

test("one row is what the pointer leads to", () => {
  expect(rowsOf('{"a": [{"b": 1}, {"c": [1]}]}', { at: "/a/1", rows: "one" })).toEqual([
    { c: [1] },
  ]);
  expect(rowsOf("[1,2]", { rows: "one" })).toEqual([{ value: [1, 2] }]);
  expect(rowsOf('{"a": 5}', { at: "/a", rows: "one" })).toEqual([{ value: 5 }]);
});

test("a pointer counts the items of lists", () => {
  expect(rowsOf("[[1], [2, 3], [4]]", { at: "/1" })).toEqual([{ value: 2 }, { value: 3 }]);
});

test("no rows are no lines", () => {
  expect(linesOf("[]", {})).toBe("");
  expect(linesOf(' { "a" : { } } ', { at: "/a" })).toBe("");
});

test("it stops after as many rows as are wanted, and looks no further", () => {
  expect(linesOf("[1,2,3,4 what is this", { rowsMax: 3 })).toBe(
    '{"value":1}\n{"value":2}\n{"value":3}\n',
  );
});

test("a pointer that leads nowhere, or to no container, is told", () => {
  expect(faultOf('{"a": 1}', { at: "/b" })).toEqual({ kind: "no_place" });
  expect(faultOf('{"a": {"c": 1}}', { at: "/a/b" })).toEqual({ kind: "no_place" });
  expect(faultOf('{"a": 1}', { at: "/a/b" })).toEqual({ kind: "no_place" });
  expect(faultOf("[[1]]", { at: "/1" })).toEqual({ kind: "no_place" });
  expect(faultOf("[[1]]", { at: "/-" })).toEqual({ kind: "no_place" });
  expect(faultOf('{"a": "x"}', { at: "/a" })).toEqual({ kind: "no_items" });
  expect(faultOf("5")).toEqual({ kind: "no_items" });
});

test("a member of the key column's name is refused at its own level only", () => {
  expect(faultOf('{"a": {"v": 1, "_key": 2}}')).toEqual({ kind: "key_taken", row: 1 });
  expect(rowsOf('{"a": {"v": "_key", "w": ["_key", {"_key": 1}], "_keys": 1}}', {})).toHaveLength(
    1,
  );
});

test.each(["[1", "[1,", '{"a"', '{"a":', '[{"a":[1}', '["a', "", "   "])(
  "a document that ends too early is invalid: %s",
  (text) => {
    expect(faultOf(text)).toMatchObject({ kind: "invalid" });
  },
);

test.each([
  "[1] x",
  "[1]]",
  "{1:2}",
  '{"a" 1}',
  '[1 {"a":2}]',
  '{"a":1,}',
  '{"a":1 "b":2}',
  '["\n"]',
])("what is no JSON on the way is invalid: %s", (text) => {
  expect(faultOf(text)).toMatchObject({ kind: "invalid" });
});

test("a key on the way that comes twice is invalid", () => {
  expect(faultOf('{"a": [1], "a": [2]}', { at: "/a" })).toMatchObject({ kind: "invalid" });
});

test("any document gives the rows that a parser finds, however it is cut into pieces", () => {
  const document = fc.json({ maxDepth: 4 });
  const spelled = fc.tuple(document, fc.constantFrom(0, 1, 2)).map(([text, spaces]) => {
    const value: unknown = JSON.parse(text);
    return { value, text: JSON.stringify({ z: [1, "}"], "a/b": [value], y: null }, null, spaces) };
  });
  fc.assert(
    fc.property(spelled, fc.integer({ min: 1, max: 9 }), ({ value, text }, pieceBytes) => {
      fc.pre(typeof value === "object" && value !== null);
      const at = "/a~1b/0";
      const lines = linesOf(text, { at, keyColumn: "the key" }, pieceBytes);
      const expected = Object.entries<unknown>({ ...value }).map(([key, item]) => {
        const row = Array.isArray(value) ? {} : { "the key": key };
        if (item === null) return row;
        return typeof item === "object" && !Array.isArray(item)
          ? { ...row, ...item }
          : { ...row, value: item };
      });
      const rows = lines
        .split("\n")
        .slice(0, -1)
        .map((line): unknown => JSON.parse(line));
      expect(rows).toEqual(expected);
    }),
  );
});
