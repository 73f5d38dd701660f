/** Line ends made alike. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasMixedLineEnds, LineEnds } from "../../../../connectors/file/csv/line-ends.ts";
import { parseRecords } from "../../../../connectors/file/csv/parse-records.ts";

const rfc = { delimiter: ",", quote: '"', escape: '"' };

function changed(text: string, pieceBytes: number, marks = rfc): string {
  const lineEnds = new LineEnds(marks);
  const bytes = Buffer.from(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    pieces.push(lineEnds.push(bytes.subarray(at, at + pieceBytes)));
  }
  return Buffer.concat(pieces).toString();
}

test("line ends outside of quotes become line feeds, those within stay", () => {
  expect(changed('a,b\r\n1,"x\r\ny ""\r"""\r2,5" z\n\r\n', 3)).toBe(
    'a,b\n1,"x\r\ny ""\r"""\n2,5" z\n\n',
  );
  const backslash = { delimiter: "||", quote: "'", escape: "\\" };
  expect(changed("'a\\'\r\n'||b\r\n", 2, backslash)).toBe("'a\\'\r\n'||b\n");
});

test("several kinds of line ends are told from one kind", () => {
  expect(hasMixedLineEnds("a\r\nb\r\n", rfc)).toBe(false);
  expect(hasMixedLineEnds('a\n"b\r\n"\n', rfc)).toBe(false);
  expect(hasMixedLineEnds("a\rb\r", rfc)).toBe(false);
  expect(hasMixedLineEnds("a\nb\r\n", rfc)).toBe(true);
  expect(hasMixedLineEnds("a\rb\n", rfc)).toBe(true);
});

test("the records stay the same, however the text comes in pieces", () => {
  const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é") });
  const record = fc.tuple(
    fc.array(field, { minLength: 2, maxLength: 3 }),
    fc.constantFrom("\n", "\r", "\r\n"),
  );
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (list, pieceBytes) => {
        const text = list
          .map(
            ([fields, end]) =>
              fields.map((value) => `"${value.replaceAll('"', '""')}"`).join(",") + end,
          )
          .join("");
        const result = changed(text, pieceBytes);
        const whole = { recordsMax: 100, isWhole: true };
        expect(hasMixedLineEnds(result, rfc)).toBe(false);
        expect(parseRecords(result, rfc, whole).records).toEqual(list.map(([fields]) => fields));
      },
    ),
  );
});
