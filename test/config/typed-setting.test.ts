/** Settings that are typed after --set. */
import { describe, expect, test } from "vitest";
import { defaultPipeline } from "../../src/config/pipeline-schema.ts";
import { withSetOption, withTypedSettings } from "../../src/config/typed-setting.ts";
import { usageError } from "../../src/core/error.ts";
import type { PipelineSpec } from "../../src/core/pipeline.ts";
import { caught } from "../core/caught.ts";

const spec: PipelineSpec = {
  ...defaultPipeline,
  name: "orders",
  connector: "file",
  source: { path: "orders.csv", types: { id: "text" } },
};
const typed = (...settings: string[]) => withTypedSettings(spec, settings, ["path"]);

describe("a typed setting", () => {
  test.each([
    ["encoding=windows-1252", { encoding: "windows-1252" }],
    ["delimiter=;", { delimiter: ";" }],
    ["quote=", { quote: "" }],
    ["header=false", { header: false }],
    ["skip_lines = 3", { skip_lines: 3 }],
    ['null_texts=["NA", "-"]', { null_texts: ["NA", "-"] }],
    ["types.zip=text", { types: { id: "text", zip: "text" } }],
    ['types."a b"=text', { types: { id: "text", "a b": "text" } }],
    ["date_format=%d.%m.%Y", { date_format: "%d.%m.%Y" }],
    ["since=2026-01-01", { since: "2026-01-01" }],
    ["note=a\nb = 1", { note: "a\nb = 1" }],
    ['note="quoted"', { note: "quoted" }],
    ['password={ env = "SECRET" }', { password: { env: "SECRET" } }],
  ])("%j is of the source", (text, expected) => {
    expect(typed(text)).toEqual({ ...spec, source: { ...spec.source, ...expected } });
  });

  test("of the pipeline is one of the pipeline's", () => {
    expect(typed("on_change=append", "contract.columns=freeze")).toEqual({
      ...spec,
      onChange: "append",
      contract: { ...spec.contract, columns: "freeze" },
    });
  });

  test("counts where it comes last", () => {
    expect(typed("quote='", "quote=|").source["quote"]).toBe("|");
  });

  test.each(["", "encoding", "=x", "a b=1", "[x]=1", "a\nb=1", "path=other.csv"])(
    "%j is none",
    (text) => {
      expect(caught(() => typed(text))).toMatchObject({ code: "usage.setting" });
    },
  );

  test("may not hold a secret, and is checked as in a file", () => {
    const error = caught(() => typed("password=hunter2"));
    expect(error.code).toBe("usage.inline_secret");
    expect(error.message + error.hint).not.toContain("hunter2");
    expect(caught(() => typed("contract.colums=freeze")).code).toBe("usage.unknown_key");
    expect(caught(() => typed("on_change=sometimes")).code).toBe("usage.invalid_config");
  });
});

test("a hint that names a setting names the option, too", () => {
  const hinted = (hint: string) => withSetOption(usageError("x", "no", hint)).hint;
  expect(hinted('name it: encoding = "windows-1252" or "latin-1"')).toBe(
    'name it: encoding = "windows-1252" or "latin-1"; ' +
      "on this command line: --set encoding=windows-1252",
  );
  expect(hinted("say header = false")).toContain("--set header=false");
  expect(hinted("run it again")).toBe("run it again");
});
