/**
 * Settings as they are typed after `--set`: `KEY=VALUE`, where the key may have dots and the value
 * is TOML, or text without quotes. They mean what they would in the pipeline's file: a key of the
 * pipeline there is one here, and any other is the source's.
 */
import { HakiriError, usageError } from "../core/error.ts";
import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/pipeline.ts";
import { parseDocument, type ConfigTable } from "./document.ts";
import { parsePipeline } from "./parse-pipeline.ts";
import { pipelineDocument } from "./pipeline-document.ts";

/** Keys of a pipeline's file that may be typed; all others are of its source. */
const pipelineKeys: ReadonlySet<string> = new Set([
  "naming",
  "table_template",
  "on_conflict",
  "on_change",
  "on_missing",
  "row_metadata",
  "parallel",
  "deadline",
  "shared",
  "contract",
]);

/**
 * The pipeline with what was typed, the last of equal keys winning. `fixed` are settings that
 * something else says already. Throws `usage.setting` for what is none, and as `parsePipeline`.
 */
export function withTypedSettings(
  spec: PipelineSpec,
  typed: readonly string[],
  fixed: readonly string[],
): PipelineSpec {
  if (typed.length === 0) return spec;
  const { name, source, ...rest } = pipelineDocument(spec);
  let pipeline: ConfigTable = rest;
  // What pipelineDocument answers as the source is the table of its settings.
  let settings = (source ?? {}) as ConfigTable;
  for (const text of typed) {
    const one = parseSetting(text);
    const [key = ""] = Object.keys(one);
    if (fixed.includes(key)) throw alreadySaid(key);
    if (pipelineKeys.has(key)) pipeline = merged(pipeline, one);
    else settings = merged(settings, one);
  }
  const document = JSON.stringify({ name, ...pipeline, source: settings });
  return parsePipeline({ file: "--set", format: "json", text: document });
}

/** One typed setting as a table of a single key. */
function parseSetting(text: string): ConfigTable {
  const at = text.indexOf("=");
  const key = text.slice(0, at).trim();
  const value = text.slice(at + 1);
  if (at > 0 && key !== "" && !/[\n\r]/u.test(key)) {
    // A line end would begin another setting.
    const asToml = /[\n\r]/u.test(value) ? null : parsed(`${key} = ${value}`);
    const found = asToml ?? parsed(`${key} = ${JSON.stringify(value.toWellFormed())}`);
    if (found !== null && Object.keys(found).length === 1) return found;
  }
  throw usageError(
    "setting",
    `expected KEY=VALUE for --set, got ${JSON.stringify(text.slice(0, 80))}`,
    "type a setting of the pipeline's file, such as --set encoding=windows-1252",
  );
}

/** Null for what isn't TOML, or a value that no setting can have, such as a bare date. */
function parsed(text: string): ConfigTable | null {
  try {
    return parseDocument({ file: "--set", format: "toml", text }).data;
  } catch (error) {
    if (error instanceof HakiriError) return null;
    throw error;
  }
}

/** Tables are merged, everything else is replaced. */
function merged(base: ConfigTable, over: ConfigTable): ConfigTable {
  const result: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isTable(before) && isTable(value) ? merged(before, value) : value;
  }
  return result;
}

function isTable(value: Json | undefined): value is ConfigTable {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function alreadySaid(key: string): HakiriError {
  return usageError(
    "setting",
    `expected settings for --set that the source's URI doesn't say, got '${key}'`,
    "type another URI instead",
  );
}

const settingInHint = /\b(?<key>[a-z][a-z_]*) = (?:"(?<text>[^"]+)"|(?<word>true|false))/u;

/** Settings of a pipeline's file that have options of their own. */
const ownOptions: ReadonlyMap<string, string> = new Map([
  ["namespace", "--namespace"],
  ["table", "--as"],
]);

/** An error whose hint names a setting, with the option that sets it. */
export function withSetOption(error: HakiriError): HakiriError {
  const groups = settingInHint.exec(error.hint)?.groups;
  const value = groups?.["text"] ?? groups?.["word"];
  const key = groups?.["key"];
  if (key === undefined || value === undefined) return error;
  const own = ownOptions.get(key);
  const typed = own === undefined ? `${key}=${value}` : value;
  const quoted = /^[\w.,=-]+$/u.test(typed) ? typed : `'${typed}'`;
  const hint = `${error.hint}; on this command line: ${own ?? "--set"} ${quoted}`;
  return new HakiriError({ ...error.toRecord(), hint }, { cause: error });
}
