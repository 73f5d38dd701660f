/** The published JSON Schemas say what the parser does, as far as JSON Schema can. */
import { format } from "prettier";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { jsonSchemaOf } from "../../src/config/json-schema.ts";
import type { ConfigText } from "../../src/config/document.ts";
import { corpusOf } from "./corpus.ts";

describe("the published schema", () => {
  test.each(["pipeline", "project"] as const)("of a %s is the one in docs/schema", async (kind) => {
    const text = await format(JSON.stringify(jsonSchemaOf(kind)), {
      parser: "json",
      printWidth: 100,
    });
    await expect(text).toMatchFileSnapshot(`../../docs/schema/${kind}.schema.json`);
  });
});

// Validated by the schema as it is published, not by the one that it was made of; zod checks what
// kind of JSON it gets.
const validator = z.fromJSONSchema(jsonSchemaOf("pipeline") as z.core.JSONSchema.JSONSchema);

/** Through text, since the TOML parser's tables have no prototype. */
const dataOf = ({ format: kind, text }: ConfigText): unknown =>
  JSON.parse(kind === "json" ? text : JSON.stringify(parse(text)));

describe("a pipeline file", () => {
  test.each(corpusOf("valid"))("that is good validates: $file", (input) => {
    expect(validator.safeParse(dataOf(input)).error?.issues ?? []).toEqual([]);
  });

  test.each(corpusOf("broken"))("that is broken doesn't: $file", (input) => {
    expect(validator.safeParse(dataOf(input)).success).toBe(false);
  });
});
