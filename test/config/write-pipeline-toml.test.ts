/** Pipelines as TOML, written and read back. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalSpec } from "../../src/config/canonical-spec.ts";
import { parsePipeline } from "../../src/config/parse-pipeline.ts";
import { defaultPipeline } from "../../src/config/pipeline-schema.ts";
import { pipelineDocument } from "../../src/config/pipeline-document.ts";
import { writePipelineToml } from "../../src/config/write-pipeline-toml.ts";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import { anyPipeline } from "./arbitrary-spec.ts";
import { corpusOf } from "./corpus.ts";

const readBack = (spec: PipelineSpec): PipelineSpec =>
  parsePipeline({ file: "other.toml", format: "toml", text: writePipelineToml(spec) });

const least: PipelineSpec = { ...defaultPipeline, name: "a", connector: "file", source: {} };

describe("a pipeline that is written as TOML", () => {
  test("or as JSON is read back as the same pipeline", () => {
    fc.assert(
      fc.property(anyPipeline, (spec) => {
        expect(readBack(spec)).toEqual(spec);
        const text = JSON.stringify(pipelineDocument(spec));
        expect(parsePipeline({ file: "other.json", format: "json", text })).toEqual(spec);
      }),
      { numRuns: 500 },
    );
  });

  test.each(corpusOf("valid"))("is read back from $file", (input) => {
    const spec = parsePipeline(input);
    expect(readBack(spec)).toEqual(spec);
  });

  const odd = ["\u007F", "\u0000", "\u2028", "'\"\\", "'''", '"""'];

  test.each(odd)("keeps %j in keys and texts", (text) => {
    const source = { [text]: text, list: [{ [text]: [text] }] };
    expect(readBack({ ...least, source }).source).toEqual(source);
  });

  test("says only what isn't usual", () => {
    const spec = { ...least, source: { path: "orders.csv", stream: "orders" } };
    expect(writePipelineToml(spec)).toBe(
      'name = "a"\nconnector = "file"\n\n[source]\npath = "orders.csv"\nstream = "orders"\n',
    );
  });

  test("reads as a person would have written it", async () => {
    const shop = corpusOf("valid").find(({ file }) => file === "shop.toml");
    if (shop === undefined) throw new Error("expected shop.toml in the corpus");
    const columns = Array.from({ length: 12 }, (_, index) => `a_long_column_name_${index}`);
    const spec = parsePipeline(shop);
    const [first, ...rest] = spec.streams;
    if (first === undefined) throw new Error("expected streams in shop.toml");
    const wide = {
      ...spec,
      streams: [{ ...first, columns: [...(first.columns ?? []), ...columns] }, ...rest],
    };
    await expect(writePipelineToml(wide)).toMatchFileSnapshot("files/written.toml.expected.txt");
  });

  test("leaves out settings that are null, which TOML doesn't have", () => {
    const spec = { ...least, source: { a: null, b: { c: null } } };
    expect(readBack(spec).source).toEqual({ b: {} });
    expect(() => writePipelineToml({ ...least, source: { a: [null] } })).toThrow(TypeError);
  });
});

describe("the canonical text of a pipeline", () => {
  test("doesn't depend on where secrets come from, nor on whether they are asked for", () => {
    const of = (source: PipelineSpec["source"]) => canonicalSpec({ ...least, source });
    const without = of({ host: "h", tls: {}, more: [] });
    const tls = { private_key: { file: "k" } };
    expect(of({ host: "h", password: { env: "A" }, tls, more: [{ env: "B" }] })).toBe(without);
    expect(of({ host: "other", tls: {}, more: [] })).not.toBe(without);
  });

  test("is equal exactly for equal pipelines without secrets, in any order of keys", () => {
    fc.assert(
      fc.property(anyPipeline, anyPipeline, (a, b) => {
        const turned = Object.fromEntries(
          Object.entries(a).toReversed(),
        ) as unknown as PipelineSpec;
        expect(canonicalSpec(turned)).toBe(canonicalSpec(a));
        expect(canonicalSpec({ ...a, parallel: (a.parallel % 64) + 1 })).not.toBe(canonicalSpec(a));
        if (a.name !== b.name) expect(canonicalSpec(a)).not.toBe(canonicalSpec(b));
      }),
    );
  });
});
