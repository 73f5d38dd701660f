/** The first records of CSV text. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { afterLines, parseRecords } from "../../../../connectors/file/csv/parse-records.ts";

const rfc = { delimiter: ",", quote: '"', escape: '"' };
const whole = { recordsMax: 100, isWhole: true };

test("quotes hold delimiters, line ends and doubled quotes", () => {
  const text = 'id,n\n1,"a,b\nc ""d"""\r\n2,x\r3,\n';
  expect(parseRecords(text, rfc, whole)).toEqual({
    records: [
      ["id", "n"],
      ["1", 'a,b\nc "d"'],
      ["2", "x"],
      ["3", ""],
    ],
    isAll: true,
  });
});

test("a backslash escapes where it is the escape", () => {
  const marks = { delimiter: ";", quote: "'", escape: "\\" };
  expect(parseRecords("'a\\'b';'c\\\\'\n", marks, whole).records).toEqual([["a'b", "c\\"]]);
});

test("a quote within a field that doesn't begin with one is text", () => {
  expect(parseRecords('5" pipe,b\n', rfc, whole).records).toEqual([['5" pipe', "b"]]);
});

test("blank lines are left out, a last line needs no end", () => {
  expect(parseRecords("a,b\n\n\n1,2", rfc, whole).records).toEqual([
    ["a", "b"],
    ["1", "2"],
  ]);
});

test("a record that the end of the text cuts is left out where the text goes on", () => {
  const limits = { recordsMax: 100, isWhole: false };
  expect(parseRecords('a,b\n1,"x', rfc, limits)).toEqual({ records: [["a", "b"]], isAll: false });
  expect(parseRecords("a,b\n1,2", rfc, limits).records).toEqual([["a", "b"]]);
});

test("no more records than asked for are parsed", () => {
  const limits = { recordsMax: 1, isWhole: true };
  expect(parseRecords("a\nb\n", rfc, limits)).toEqual({ records: [["a"]], isAll: false });
  expect(parseRecords("a\n", rfc, limits)).toEqual({ records: [["a"]], isAll: true });
});

test("lines are skipped whatever their ends", () => {
  expect(afterLines("x\r\ny\rz\nrest\n", 3)).toBe("rest\n");
  expect(afterLines("x\n", 5)).toBe("");
});

test("what is written with quotes is parsed back", () => {
  const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é") });
  // A record of one empty field is a blank line.
  const record = fc.array(field, { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 5 }),
      fc.constantFrom("\n", "\r", "\r\n"),
      (records, end) => {
        const text = records
          .map(
            (fields) => fields.map((value) => `"${value.replaceAll('"', '""')}"`).join(",") + end,
          )
          .join("");
        expect(parseRecords(text, rfc, whole).records).toEqual(records);
      },
    ),
  );
});
