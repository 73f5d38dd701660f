/** Texts of configuration files as data: bounds, and faults that quote nothing of the text. */
import { describe, expect, test } from "vitest";
import { HakiriError } from "../../src/core/error.ts";
import {
  configDepthMax,
  configTextMax,
  parseDocument,
  type ConfigText,
} from "../../src/config/document.ts";

const read = (format: ConfigText["format"], text: string) =>
  parseDocument({ file: "a", format, text }).data;

function codeOf(format: ConfigText["format"], text: string): string {
  try {
    read(format, text);
    return "";
  } catch (error) {
    if (error instanceof HakiriError) return error.code;
    throw error;
  }
}

describe("a text", () => {
  test("is read up to its bound and not beyond", () => {
    const padded = (length: number) => "a = 1\n".padEnd(length, "#");
    expect(read("toml", padded(configTextMax))).toEqual({ a: 1 });
    expect(codeOf("toml", padded(configTextMax + 1))).toBe("usage.too_large");
  });

  test.each([
    ["lists", (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`],
    ["tables", (depth: number) => `${'{"a":'.repeat(depth + 1)}1${"}".repeat(depth + 1)}`],
  ])("of JSON may nest %s up to the bound and not beyond", (_, nested) => {
    expect(codeOf("json", nested(configDepthMax - 1))).toBe("");
    expect(codeOf("json", nested(configDepthMax))).toBe("usage.invalid_config");
  });

  test.each([
    ["inline lists", `a = ${"[".repeat(5000)}${"]".repeat(5000)}`],
    ["dotted keys", `${"a.".repeat(50_000)}b = 1`],
    ["headers", `[${"a.".repeat(50_000)}b]`],
  ])("of TOML with thousands of %s in each other is refused", (_, text) => {
    expect(codeOf("toml", text)).toMatch(/^usage\.invalid_/u);
  });

  test("may begin with a byte order mark", () => {
    expect(read("toml", "\uFEFFa = 1")).toEqual({ a: 1 });
    expect(read("json", '\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  test("gives no number two texts", () => {
    expect(read("toml", "a = -0.0")["a"]).toBe(0);
    expect(read("json", '{"a":-0}')["a"]).toBe(0);
  });
});

describe("what isn't a document", () => {
  test.each([
    ["toml", 'password = "hunter2'],
    ["toml", "password = hunter2"],
    ["toml", 'password = "hunter2"\npassword = "hunter2"'],
    ["toml", "password = '''hunter2"],
    ["toml", 'a = "hunter2" "hunter2"'],
    ["json", '{"password": "hunter2"'],
    ["json", '{"password": hunter2}'],
    ["json", '{"password": "hunter2",}'],
    ["json", '{"password": "hunter2" "hunter2"}'],
    ["json", '"hunter2"'],
    ["json", '["hunter2"]'],
    ["json", "hunter2"],
    ["json", ""],
  ] as const)("is refused without quoting it: %s %s", (format, text) => {
    expect(() => read(format, text)).toThrow(HakiriError);
    expect(() => read(format, text)).not.toThrow(/hunter2/u);
  });

  test.each([
    ["toml", "a = 9007199254740993"],
    ["toml", "a = nan"],
    ["toml", "a = 10:00:00"],
    ["json", '{"a":null}'],
    ["json", '{"a":1e999}'],
    ["json", '{"a":"\\ud800"}'],
    ["json", '{"\\ud800":1}'],
  ] as const)("%s can't say %s", (format, text) => {
    expect(codeOf(format, text)).toMatch(/^usage\./u);
  });
});
