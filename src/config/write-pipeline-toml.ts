/** A stored pipeline as the TOML file that a person would have written and can check in. */
import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/pipeline.ts";
import type { ConfigTable } from "./document.ts";
import { pipelineDocument } from "./pipeline-document.ts";
import { asSecretReference } from "./secret-field.ts";

/** Wider lists get a line an entry. */
const columnsMax = 100;

/**
 * TOML that `parsePipeline` reads as the same pipeline; see `pipelineDocument` for what is in it.
 */
export function writePipelineToml(spec: PipelineSpec): string {
  const document = pipelineDocument(spec);
  const sections = Object.entries(document).flatMap(([key, value]) => {
    if (key === "streams" && Array.isArray(value)) {
      return value.map((stream: Json) => section("[[streams]]", ownSection(stream) ?? {}));
    }
    const table = ownSection(value);
    return table === null ? [] : tableSections(key, table);
  });
  const main = Object.entries(document).filter(
    ([key, value]) => key !== "streams" && ownSection(value) === null,
  );
  return [lines(main), ...sections].join("\n");
}

/**
 * A table whose tables get a section each; deeper ones, and references, read better in one line.
 */
function tableSections(key: string, table: ConfigTable): readonly string[] {
  const tables = Object.entries(table).flatMap(([name, value]) => {
    const inner = ownSection(value);
    return inner === null ? [] : [section(`[${key}.${keyText(name)}]`, inner)];
  });
  const plain = Object.entries(table).filter(([, value]) => ownSection(value) === null);
  return [section(`[${key}]`, Object.fromEntries(plain)), ...tables];
}

/** The value as a table that isn't a reference; null for any other value. */
function ownSection(value: Json): ConfigTable | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  // Not an array, as just checked; the type of a readonly one isn't narrowed by that.
  return asSecretReference(value) === null ? (value as ConfigTable) : null;
}

function section(header: string, table: ConfigTable): string {
  return `${header}\n${lines(Object.entries(table))}`;
}

function lines(entries: readonly (readonly [key: string, value: Json])[]): string {
  return entries.map(([key, value]) => `${entryText(key, value)}\n`).join("");
}

function entryText(key: string, value: Json): string {
  const line = `${keyText(key)} = ${valueText(value)}`;
  if (line.length <= columnsMax || !Array.isArray(value)) return line;
  const items = value.map((item: Json) => `  ${valueText(item)},\n`);
  return `${keyText(key)} = [\n${items.join("")}]`;
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/u.test(key) ? key : stringText(key);
}

function valueText(value: Json): string {
  if (value === null) throw new Error("expected a document without nulls");
  if (typeof value === "string") return stringText(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => valueText(item)).join(", ")}]`;
  const members = Object.entries(value).map(
    ([key, member]) => `${keyText(key)} = ${valueText(member)}`,
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** TOML's basic strings escape as JSON does, and DEL too (TOML 1.0, "String"). */
function stringText(value: string): string {
  return JSON.stringify(value).replaceAll("\u007F", "\\u007F");
}

/** Whole numbers beyond 2^53 are floats for the parser, which needs the point to see that. */
function numberText(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes("e")
    ? `${text}.0`
    : text;
}
