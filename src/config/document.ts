/**
 * A configuration file's text as plain data. TOML and JSON give the same values: no dates, no
 * nulls, no numbers that JSON doesn't have, so that one schema speaks of both.
 */
import { parse, TomlError } from "smol-toml";
import { type HakiriError, usageError } from "../core/error.ts";
import type { Json } from "../core/json.ts";
import { configError, type ConfigProblem, type KeyPath } from "./config-problem.ts";
import { lineOfKey } from "./toml-line.ts";

/** A file as it was read. */
export interface ConfigText {
  /** The name that errors say: relative to the project. */
  readonly file: string;
  readonly format: "toml" | "json";
  readonly text: string;
}

/** A table of a document. */
export type ConfigTable = Readonly<Record<string, Json>>;

/** A file as data. */
export interface ConfigDocument {
  readonly file: string;
  readonly data: ConfigTable;
  /** See `ProblemPlace`; for JSON always null. */
  readonly lineOf: (path: KeyPath) => number | null;
}

/** Most characters of a file; more is no configuration. */
export const configTextMax = 1024 * 1024;

/** Tables and lists in each other, the root counted. */
export const configDepthMax = 32;

/**
 * Reads text as TOML or JSON. Throws `usage.invalid_toml`, `usage.invalid_json`, `usage.too_large`
 * and, for values that no setting can have, `usage.invalid_config`. Messages never quote the text,
 * which may hold a secret.
 */
export function parseDocument(input: ConfigText): ConfigDocument {
  const { file, format, text } = input;
  if (text.length > configTextMax) {
    throw usageError(
      "too_large",
      `${file}: expected at most ${configTextMax} characters, got ${text.length}`,
      "split the file: one pipeline a file",
    );
  }
  const parsed = format === "toml" ? parseToml(file, text) : parseJson(file, text);
  const lineOf = (path: KeyPath) => (format === "toml" ? lineOfKey(text, path) : null);
  const problems: ConfigProblem[] = [];
  const data = plainTable(parsed, [], problems);
  const [first, ...rest] = problems;
  if (first !== undefined) throw configError({ file, lineOf }, [first, ...rest]);
  return { file, data, lineOf };
}

function parseToml(file: string, text: string): unknown {
  try {
    return parse(text, { maxDepth: configDepthMax });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The lines below the first one quote the document.
    const [reason = ""] = error.message.replace(/^Invalid TOML document: /u, "").split("\n");
    throw usageError(
      "invalid_toml",
      `${file}:${error.line}: expected TOML, got an error at column ${error.column}: ${reason}`,
      "text stands in quotes, tables in [brackets], one `key = value` a line",
    );
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, "")) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalidJson(file, error.message);
  }
}

/** V8 quotes what surrounds the fault; only the place and the one token are taken over. */
function invalidJson(file: string, message: string): HakiriError {
  const line = /\(line (\d+) column \d+\)/u.exec(message)?.[1];
  const token = /^Unexpected token '(.)'/su.exec(message)?.[1];
  const got = token === undefined ? "other text" : `an unexpected ${JSON.stringify(token)}`;
  return usageError(
    "invalid_json",
    `${line === undefined ? file : `${file}:${line}`}: expected JSON, got ${got}`,
    "keys and text stand in double quotes; no comments and no comma at an end",
  );
}

/** Copies a table, listing what can't be in one. */
function plainTable(value: unknown, path: KeyPath, problems: ConfigProblem[]): ConfigTable {
  const table: Record<string, Json> = {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push(notAValue(path, "a table", value));
    return table;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === "__proto__" || !key.isWellFormed()) {
      const message = `expected another key, got ${JSON.stringify(key)}`;
      problems.push({ code: "unknown_key", path, message, hint: "remove this key" });
    } else table[key] = plainValue(member, [...path, key], problems);
  }
  return table;
}

function plainValue(value: unknown, path: KeyPath, problems: ConfigProblem[]): Json {
  if (typeof value === "boolean") return value;
  if (typeof value === "string" && value.isWellFormed()) return value;
  // -0 and 0 would be two texts of one number.
  if (typeof value === "number" && Number.isFinite(value)) return value === 0 ? 0 : value;
  if (!isTableOrList(value)) {
    problems.push(notAValue(path, "a value", value));
    return null;
  }
  if (path.length >= configDepthMax) {
    const message = `expected tables and lists at most ${configDepthMax} deep, got more`;
    problems.push({ code: "invalid_config", path, message, hint: "" });
    return null;
  }
  if (!Array.isArray(value)) return plainTable(value, path, problems);
  return value.map((item: unknown, index) => plainValue(item, [...path, index], problems));
}

/** The TOML parser's dates are objects of a class, its tables have no prototype. */
function isTableOrList(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype;
}

function notAValue(path: KeyPath, expected: string, value: unknown): ConfigProblem {
  const [got, hint] = misfit(value);
  return { code: "invalid_config", path, message: `expected ${expected}, got ${got}`, hint };
}

function misfit(value: unknown): readonly [got: string, hint: string] {
  if (value === null) return ["null", "leave the key out: what isn't said has its default"];
  if (Array.isArray(value)) return ["a list", "write a table of keys and values"];
  if (typeof value === "string") return ["text that isn't Unicode", "write it as UTF-8"];
  if (typeof value === "number") return [String(value), "write a finite number"];
  if (typeof value === "object") return ["a date or time", "put dates and times in quotes"];
  return [typeof value, "write a table of keys and values"];
}
