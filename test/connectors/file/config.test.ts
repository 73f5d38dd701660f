/** Settings of a source of files. */
import { expect, test } from "vitest";
import { z } from "zod";
import {
  fileSettingsSchema,
  parseFileSettings,
  patternsMax,
} from "../../../connectors/file/config.ts";
import { typeOfWord } from "../../../connectors/file/types.ts";
import { typeName } from "../../../src/connector.ts";
import { thrownBy } from "../../context/thrown.ts";

test("a path alone is enough, and what is silent is found out", () => {
  expect(parseFileSettings({ path: "a.csv" })).toEqual({
    paths: ["a.csv"],
    globs: [],
    format: null,
    stream: null,
    streamPerFile: false,
    onBadRow: "error",
    types: new Map(),
    pointer: "",
    rows: "auto",
    keyColumn: "_key",
    encoding: null,
    dialect: {
      delimiter: null,
      quote: null,
      escape: null,
      header: null,
      skipLines: 0,
      nullTexts: [],
      dateFormat: null,
      timestampFormat: null,
    },
  });
});

test("paths and patterns may be several", () => {
  const settings = parseFileSettings({ path: ["a.csv", "b.csv"], glob: "*.json" });
  expect(settings).toMatchObject({ paths: ["a.csv", "b.csv"], globs: ["*.json"] });
});

test("types are named by words", () => {
  const { types } = parseFileSettings({
    path: "a.csv",
    types: { id: "BIGINT", x: "decimal(10,2)" },
  });
  expect([...types]).toEqual([
    ["id", { kind: "int", bits: 64, signed: true }],
    ["x", { kind: "decimal", precision: 10, scale: 2 }],
  ]);
});

test.each([
  ["", null],
  ["decimal(39,0)", null],
  ["decimal(10,11)", null],
  ["decimal(0,0)", null],
  ["constructor", null],
  ["numeric( 38 , 38 )", "decimal(38,38)"],
  ["decimal(5)", "decimal(5,0)"],
  ["Timestamp  With Time Zone", "timestamp with time zone"],
  ["double precision", "float64"],
])("the word %j is the type %s", (word, name) => {
  const type = typeOfWord(word);
  expect(type === null ? null : typeName(type)).toBe(name);
});

test("the name of each type that has a word is a word for it", () => {
  for (const word of [
    "bool",
    "int8",
    "uint64",
    "float32",
    "text",
    "json",
    "uuid",
    "date",
    "time",
  ]) {
    const type = typeOfWord(word);
    expect(type === null ? null : typeName(type)).toBe(word);
  }
});

test.each([
  [{}, "path: a file as path, or a pattern as glob"],
  [{ path: "" }, "path"],
  [{ path: [] }, "path"],
  [{ path: Array.from({ length: patternsMax + 1 }, () => "a") }, "path"],
  [{ path: "a", format: "xml" }, "format"],
  [{ path: "a", pointer: "x" }, 'pointer: a JSON pointer such as "/data/items"'],
  [{ path: "a", pointer: "/~2" }, "pointer"],
  [{ path: "a", key_column: "_hakiri_key" }, "key_column: a name of yours"],
  [{ path: "a", encoding: "klingon" }, "encoding"],
  [{ path: "a", stream: "s", stream_per_file: true }, "stream"],
  [{ path: "a", types: { id: "bigin" } }, 'did you mean "bigint"?'],
  [{ path: "a", quote: '""' }, "quote"],
  [{ path: "a", skip_lines: -1 }, "skip_lines"],
])("%j is refused", (settings, words) => {
  const refused = thrownBy(() => parseFileSettings(settings));
  expect(refused.code).toBe("usage.invalid_config");
  expect(refused.message).toContain(words);
});

test("as many patterns as there may be are taken", () => {
  const path = Array.from({ length: patternsMax }, () => "a");
  expect(parseFileSettings({ path }).paths).toHaveLength(patternsMax);
});

test("the schema can be published, and says what each setting means", () => {
  const { properties = {} } = z.toJSONSchema(fileSettingsSchema, { io: "input" });
  expect(Object.keys(properties)).toContain("glob");
  for (const property of Object.values(properties)) expect(property).toHaveProperty("description");
});

test("an unknown setting names the nearest one", () => {
  const refused = thrownBy(() => parseFileSettings({ path: "a", delimeter: ";" }));
  expect(refused).toMatchObject({ code: "usage.unknown_key", hint: "did you mean 'delimiter'?" });
});
