/** Pipeline files: a corpus of good and bad ones, and the bounds. */
import { describe, expect, test } from "vitest";
import { HakiriError } from "../../src/core/error.ts";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import { parsePipeline } from "../../src/config/parse-pipeline.ts";
import {
  columnsMax,
  defaultStream,
  keyColumnsMax,
  parallelMax,
  streamsMax,
} from "../../src/config/pipeline-schema.ts";
import { corpusOf, expectedPath } from "./corpus.ts";

const toml = (text: string): PipelineSpec =>
  parsePipeline({ file: "pipelines/a.toml", format: "toml", text });

const json = (value: unknown): PipelineSpec =>
  parsePipeline({ file: "pipelines/a.json", format: "json", text: JSON.stringify(value) });

const least = { connector: "file", source: { path: "a.csv" } };

function errorOf(parse: () => unknown): HakiriError {
  try {
    parse();
  } catch (error) {
    if (error instanceof HakiriError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("a good file", () => {
  test.each(corpusOf("valid"))("$file means what stands beside it", async (input) => {
    const spec = `${JSON.stringify(parsePipeline(input), null, 2)}\n`;
    await expect(spec).toMatchFileSnapshot(expectedPath("valid", input.file));
  });

  test("means the same as TOML and as JSON", () => {
    const text = 'connector = "file"\nsource.path = "a.csv"\n[[streams]]\nstream = "a"';
    expect(toml(text)).toEqual(json({ ...least, streams: [{ stream: "a" }] }));
    expect(toml(text).streams).toEqual([{ stream: "a", ...defaultStream }]);
  });
});

describe("a bad file", () => {
  const bad = (["broken", "refused"] as const).flatMap((folder) =>
    corpusOf(folder).map((input) => ({ folder, input, file: input.file })),
  );

  test.each(bad)("$folder/$file is refused as said beside it", async ({ folder, input, file }) => {
    const { kind, code, message, hint } = errorOf(() => parsePipeline(input));
    expect(kind).toBe("Permanent");
    const said = `${code}\n${message}\n${hint}\n`;
    await expect(said).toMatchFileSnapshot(expectedPath(folder, file));
    expect(said).not.toMatch(/hunt/u);
  });

  test("pollutes no prototype", () => {
    errorOf(() => toml("source.__proto__.polluted = 1\n__proto__.x = 1"));
    errorOf(() => json({ source: JSON.parse('{"__proto__": {"polluted": 1}}') as unknown }));
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("polluted");
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("keys that every object inherits", () => {
  test.each(["constructor", "toString", "hasOwnProperty"])(
    "%s is unknown like any other",
    (key) => {
      expect(errorOf(() => toml(`connector = "file"\n${key} = 1\nsource = {}`)).code).toBe(
        "usage.unknown_key",
      );
      expect(json({ ...least, source: { [key]: { x: 1 } } }).source).toEqual({ [key]: { x: 1 } });
    },
  );
});

describe("bounds", () => {
  const named = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
  const stream = (more: object) => ({ ...least, streams: [{ stream: "a", ...more }] });

  test.each([
    [
      "streams",
      streamsMax,
      (n: number) => ({ ...least, streams: named(n).map((s) => ({ stream: s })) }),
    ],
    ["columns", columnsMax, (n: number) => stream({ columns: named(n) })],
    ["primary_key", keyColumnsMax, (n: number) => stream({ primary_key: named(n) })],
    ["parallel", parallelMax, (n: number) => ({ ...least, parallel: n })],
    ["name", 63, (n: number) => ({ ...least, name: "a".repeat(n) })],
    ["connector", 255, (n: number) => ({ ...least, connector: "a".repeat(n) })],
  ])("%s goes to its bound and not beyond", (key, max, make) => {
    expect(() => json(make(max))).not.toThrow();
    const { message } = errorOf(() => json(make(max + 1)));
    expect(message).toContain(`${key}: expected `);
  });

  test.each([
    ["1s", 1000],
    ["30d", 30 * 86_400_000],
  ])("a deadline of %s is allowed", (deadline, ms) => {
    expect(json({ ...least, deadline }).deadlineMs).toBe(ms);
  });

  test.each(["999ms", "30d1ms", "0s"])("a deadline of %s is refused", (deadline) => {
    expect(errorOf(() => json({ ...least, deadline })).message).toContain("1s to 30d");
  });
});

describe("secrets", () => {
  test.each(["password", "db_password", "TOKEN", "api_key", "apiKey", "client-secret"])(
    "%s is a reference or nothing",
    (field) => {
      const inline = errorOf(() => json({ ...least, source: { [field]: "x" } }));
      expect(inline.code).toBe("usage.inline_secret");
      expect(inline.hint).toContain(`${field} = { env = "HAKIRI_A_`);
      const reference = { [field]: { env: "X" } };
      expect(json({ ...least, source: reference }).source).toEqual(reference);
    },
  );

  test.each(["primary_key", "tokens_per_page", "password_column", "sort_key"])(
    "%s is no secret",
    (field) => {
      expect(json({ ...least, source: { [field]: "x" } }).source).toEqual({ [field]: "x" });
    },
  );

  test("a setting of a table in a list is looked at too", () => {
    const source = { endpoints: [{ url: "a" }, { url: "b", token: "hunter2" }] };
    const error = errorOf(() => json({ ...least, source }));
    expect(error.message).toContain("source.endpoints[1].token: ");
    expect(error.message).not.toContain("hunter2");
  });

  test("a URL with a port and an @ further on has none", () => {
    const source = {
      url: "https://host:8080/users/@me?page=2",
      database: "postgres://reader@db/x",
    };
    expect(json({ ...least, source }).source).toEqual(source);
  });
});
