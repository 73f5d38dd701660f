/** Dialects by a file's first records. */
import { expect, test } from "vitest";
import type { DialectSettings } from "../../../../connectors/file/config.ts";
import { sniffDialect } from "../../../../connectors/file/csv/sniff-dialect.ts";

const untold: DialectSettings = {
  delimiter: null,
  quote: null,
  escape: null,
  header: null,
  skipLines: 0,
  nullTexts: [],
  dateFormat: null,
  timestampFormat: null,
};

function sniff(text: string, told: Partial<DialectSettings> = {}, extension = ".csv") {
  return sniffDialect({ text, isWhole: true, extension }, { ...untold, ...told });
}

test.each([
  [",", "id,n\n1,a\n2,b\n"],
  [";", "id;n\n1;3,5\n2;4,5\n"],
  ["\t", "id\tn\n1\ta,b\n"],
  ["|", "id|n\n1|a\n"],
  [",", 'id,n\n1,"a;b"\n2,"c;d"\n'],
  [",", "one\ntwo\n"],
  [";", "1,5;2,5\n3,5;4,5\n"],
])("%j divides its records", (delimiter, text) => {
  expect(sniff(text).delimiter).toBe(delimiter);
});

test("ragged rows don't hide the delimiter", () => {
  expect(sniff("id,n,x\n1,a\n2,b,3\n3,c,4\n").delimiter).toBe(",");
});

test("what is told isn't sniffed", () => {
  const found = sniff("a:b;c\n", { delimiter: ":", quote: "'", escape: "\\", header: false });
  expect(found).toMatchObject({ delimiter: ":", quote: "'", escape: "\\", header: false });
  expect(sniff("a,b\tc\n", {}, ".tsv").delimiter).toBe("\t");
  expect(sniff("a,b|c\n", {}, ".psv").delimiter).toBe("|");
});

test("a backslash before quotes is the escape where doubling makes no sense", () => {
  expect(sniff('id,n\n1,"a\\"b,c"\n2,"d\\"e,f"\n').escape).toBe("\\");
  expect(sniff('id,n\n1,"a ""b"", c"\n').escape).toBe('"');
});

test.each([
  [true, "id,n\n1,a\n2,b\n"],
  [true, "name,day\na,2024-01-02\n"],
  [true, ",a,b\n0,1,2\n1,3,4\n"],
  [true, "flag\ntrue\nfalse\n"],
  [false, "1,a\n2,b\n"],
  [false, "2024-01-02,a\n2024-01-03,b\n"],
  [false, "true,a\n"],
  ["unclear", "a,b\nc,d\n"],
  ["unclear", "id,n\n"],
] as const)("whether the first record is a header is %s", (header, text) => {
  expect(sniff(text).header).toBe(header);
});

test("skipped lines count for nothing", () => {
  const found = sniff("a report; of May\n\nid,n\n1,a\n", { skipLines: 2 });
  expect(found).toMatchObject({ delimiter: ",", header: true });
  expect(found.records[0]).toEqual(["id", "n"]);
});

test.each(["\n", "\r", "\r\n"])("the line end %j is told", (newline) => {
  expect(sniff(`id,n${newline}1,a${newline}`).newline).toBe(newline);
});
