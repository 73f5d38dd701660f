/** What the schema says of a document, in words for the person who wrote it. */
import { z } from "zod";
import type { Json } from "../core/json.ts";
import { nearest } from "../core/near-miss.ts";
import { showPath, type ConfigProblem, type KeyPath } from "./config-problem.ts";
import type { ConfigTable } from "./document.ts";
import { maskUri } from "./redact.ts";
import { isSecretField } from "./secret-field.ts";

/** Words of other tools for keys of ours, too far from them to be near misses. */
const wordsOfOthers: Readonly<Record<string, string>> = {
  mode: "disposition",
  write_disposition: "disposition",
  key: "primary_key",
  cursor: "incremental",
  cursor_field: "incremental",
  update_key: "incremental",
  schema: "namespace",
  dataset_name: "namespace",
  timeout: "deadline",
  concurrency: "parallel",
};

/** Longer values are cut in messages. */
const shownMax = 40;

/** The problems that one issue of a schema stands for: one for each unknown key, else one. */
export function explainIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  data: ConfigTable,
): readonly ConfigProblem[] {
  // Paths through JSON have texts and numbers only.
  const path = issue.path as KeyPath;
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => unknownKey([...path, key], key, known));
  }
  const value = valueAt(data, path);
  const got = path.some((part) => typeof part === "string" && isSecretField(part))
    ? "another value"
    : showValue(value);
  const message = `expected ${expectedBy(issue)}, got ${got}`;
  return [{ code: "invalid_config", path, message, hint: hintOf(issue, value, path) }];
}

function unknownKey(path: KeyPath, key: string, known: readonly string[]): ConfigProblem {
  const ours = wordsOfOthers[key];
  const near = ours !== undefined && known.includes(ours) ? ours : nearest(key, known);
  return {
    code: "unknown_key",
    path,
    message: `expected a known key, got '${key.slice(0, shownMax).toWellFormed()}'`,
    hint: near === null ? `known here: ${known.join(", ")}` : `did you mean '${near}'?`,
  };
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeWords[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map((value) => `"${String(value)}"`).join(", ")}`;
    case "too_big":
      return amount("at most", issue.maximum, issue.origin);
    case "too_small":
      return amount("at least", issue.minimum, issue.origin);
    case "invalid_format":
    case "custom":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
      // The schema's own words say what is expected.
      return issue.message;
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a table",
  record: "a table",
};

function amount(bound: string, count: number | bigint, origin: string): string {
  const ending = Number(count) === 1 ? "" : "s";
  if (origin === "string") return `text of ${bound} ${count} character${ending}`;
  return origin === "array" ? `a list of ${bound} ${count}` : `${bound} ${count}`;
}

function hintOf(issue: z.core.$ZodIssue, value: Json | undefined, path: KeyPath): string {
  if (value === undefined) return `add ${showPath(path)}`;
  if (issue.code !== "invalid_value" || typeof value !== "string") return "";
  const near = nearest(
    value,
    issue.values.map((one) => String(one)),
  );
  return near === null ? "" : `did you mean "${near}"?`;
}

function valueAt(data: ConfigTable, path: KeyPath): Json | undefined {
  let at: Json | undefined = data;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    // An own property, as just checked; lists take numbers and tables take texts.
    at = (at as Readonly<Record<string | number, Json>>)[part];
  }
  return at;
}

/** A value as a message says it: cut, and without what looks like user info. */
function showValue(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "string") {
    const shown = maskUri(value).slice(0, shownMax).toWellFormed();
    return `text ${JSON.stringify(shown)}${value.length > shownMax ? "..." : ""}`;
  }
  return Array.isArray(value) ? `a list of ${value.length}` : "a table";
}

/** The keys of the table at a path, in the schema's order. */
function knownKeys(schema: z.ZodType, path: KeyPath): readonly string[] {
  let at: unknown = schema;
  for (const part of path) {
    const outer = unwrapped(at);
    if (outer instanceof z.ZodObject) at = outer.shape[String(part)];
    else if (outer instanceof z.ZodArray) at = outer.element;
    else return [];
  }
  const found = unwrapped(at);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  let at = schema;
  while (
    at instanceof z.ZodOptional ||
    at instanceof z.ZodDefault ||
    at instanceof z.ZodPrefault ||
    at instanceof z.ZodPipe
  ) {
    at = at instanceof z.ZodPipe ? at.in : at.unwrap();
  }
  return at;
}
