/** The list of files, its lines and its bounds. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FileList } from "../../../../connectors/file/change/file-list.ts";
import {
  boundaryOf,
  lineBytesMax,
  readLine,
  writeLine,
  type FileLine,
} from "../../../../connectors/file/change/file-line.ts";
import { boundaryOf as boundaryOfStore } from "../../../../src/context/side-file.ts";
import { thrownBy } from "../../../context/thrown.ts";

const sha256 = "0123456789abcdef".repeat(4);

function lineOf(name: string): FileLine {
  return { name, sizeBytes: 1, sha256, proof: null };
}

const line: fc.Arbitrary<FileLine> = fc.record({
  name: fc.string({ unit: "grapheme", maxLength: 40 }),
  sizeBytes: fc.nat(Number.MAX_SAFE_INTEGER),
  sha256: fc.constant(sha256),
  proof: fc.option(
    fc.record({
      modifiedNs: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 19n }),
      inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    }),
  ),
});

test("a line is read as it was written, in one line", () => {
  fc.assert(
    fc.property(line, (one) => {
      const text = writeLine(one);
      expect(text).not.toMatch(/[\n\r]/u);
      expect(readLine(text)).toEqual(one);
    }),
  );
});

test("a line has room for so many bytes and no more", () => {
  const bytes = Buffer.byteLength(writeLine(lineOf("")));
  const longest = "x".repeat(lineBytesMax - bytes);
  expect(Buffer.byteLength(writeLine(lineOf(longest)))).toBe(lineBytesMax);
  expect(thrownBy(() => writeLine(lineOf(`${longest}x`))).code).toBe("file.bad_name");
});

test("the boundary is the one of the store's side file", () => {
  const names = fc.uniqueArray(fc.string({ unit: "grapheme" }), { maxLength: 50 });
  fc.assert(
    fc.property(names, (list) => {
      const lines = list.map((name) => writeLine(lineOf(name.toWellFormed()))).toSorted();
      const unique = [...new Set(lines)];
      expect(boundaryOf(unique)).toEqual(unique.length === 0 ? null : boundaryOfStore(unique));
    }),
  );
});

test("a list takes so many files and no more, and the same one again", () => {
  const list = new FileList("t", null, 2);
  list.set(lineOf("a"));
  list.set(lineOf("b"));
  list.set({ ...lineOf("b"), sizeBytes: 2 });
  expect(list.cursor().stored.boundary?.count).toBe(2);
  expect(thrownBy(() => list.set(lineOf("c"))).code).toBe("file.too_many");
});

test("a list without files has a cursor without a boundary", () => {
  const list = new FileList("t", null);
  list.set(lineOf("a"));
  list.remove("a");
  expect(list.cursor()).toMatchObject({ stored: { boundary: null }, boundaryLines: null });
});
