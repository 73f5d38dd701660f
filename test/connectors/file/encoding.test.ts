/** Encodings by a file's first bytes. */
import { expect, test } from "vitest";
import { encodingOf, isKnownEncoding } from "../../../connectors/file/encoding.ts";

const utf16le = (text: string): Buffer => Buffer.from(text, "utf16le");
const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
const native = (name: "utf-8" | "latin-1", bomBytes = 0) => ({ kind: "native", name, bomBytes });
const transcoded = (label: string) => ({ kind: "transcoded", label });

test("a byte order mark says it", () => {
  expect(encodingOf(Buffer.from("\ufeffid"), null)).toEqual(native("utf-8", 3));
  expect(encodingOf(utf16le("\ufeffid"), null)).toEqual(transcoded("utf-16le"));
  expect(encodingOf(utf16be("\ufeffid"), null)).toEqual(transcoded("utf-16be"));
  expect(encodingOf(Buffer.from("fffe0000", "hex"), null)).toEqual({ kind: "unknown" });
});

test("zeros on one side of each pair are UTF-16, also between letters that have none", () => {
  expect(encodingOf(utf16le("id,n\n1,a\n"), null)).toEqual(transcoded("utf-16le"));
  expect(encodingOf(utf16be("id,n\n1,a\n"), null)).toEqual(transcoded("utf-16be"));
  expect(encodingOf(utf16le("漢字,仮名\n漢字,仮名\n"), null)).toEqual(transcoded("utf-16le"));
});

test("all else is UTF-8, NUL or not", () => {
  for (const text of ["", "id,n\n", "é漢😀", "a\0b,c\0d"]) {
    expect(encodingOf(Buffer.from(text), null)).toEqual(native("utf-8"));
  }
});

test("what is named is taken, with its mark", () => {
  const plain = Buffer.from("id,n\n");
  expect(encodingOf(plain, "UTF-8")).toEqual(native("utf-8"));
  expect(encodingOf(Buffer.from("\ufeffid"), "utf8")).toEqual(native("utf-8", 3));
  expect(encodingOf(plain, "Latin-1")).toEqual(native("latin-1"));
  expect(encodingOf(plain, "windows-1252")).toEqual(transcoded("windows-1252"));
  expect(encodingOf(plain, "utf-16")).toEqual(transcoded("utf-16le"));
  expect(encodingOf(utf16be("\ufeffid"), "utf-16")).toEqual(transcoded("utf-16be"));
  expect(encodingOf(utf16be("id"), "utf-16be")).toEqual(transcoded("utf-16be"));
});

test("names that nobody knows are told apart from those that somebody does", () => {
  expect(["utf-8", "LATIN-1", "shift_jis", "utf-16be", "windows-1252"].every(isKnownEncoding)).toBe(
    true,
  );
  expect(["klingon", "", "utf-7"].some(isKnownEncoding)).toBe(false);
});
