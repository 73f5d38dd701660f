/**
 * One line of a journal as bytes: canonical JSON whose last member is the CRC-32C of what stands
 * before it (docs/format/journal.md).
 */
import { crc32c } from "../../core/crc32c.ts";
import { HakiriError } from "../../core/error.ts";
import { journalLineBytesMax, type JournalEntry, type JournalLine } from "../../core/journal.ts";
import { canonicalJson } from "../../core/json.ts";
import { checkShape } from "../stored-shapes.ts";
import { journalEntryShape } from "./entry-shape.ts";

const format = "hakiri-journal";

/** The version of the format that this hakiri writes, and the newest that it reads. */
export const journalVersion = 1;

/** What a line of bytes turned out to be. */
export type DecodedLine =
  | { readonly kind: "line"; readonly line: JournalLine }
  /** Its checksum doesn't hold: torn while it was written, or damaged later. */
  | { readonly kind: "broken" }
  /** Written by a newer hakiri; only a header says so. */
  | { readonly kind: "newer"; readonly version: number }
  /** Its checksum holds, and yet it is none of ours. */
  | { readonly kind: "misfit"; readonly reason: string };

/**
 * A line with its end. Throws Permanent `journal.line_too_long` past the 4 MiB of
 * `journalLineBytesMax`, end included.
 */
export function encodeLine({ seq, entry }: JournalLine): Uint8Array {
  const marks = entry.kind === "header" ? { format, version: journalVersion } : {};
  const body = canonicalJson({ ...entry, ...marks, seq });
  const line = new TextEncoder().encode(`${body.slice(0, -1)}${crcMember(crcOf(body))}\n`);
  if (line.byteLength <= journalLineBytesMax) return line;
  throw new HakiriError({
    kind: "Permanent",
    code: "journal.line_too_long",
    message:
      `expected a journal line of at most ${journalLineBytesMax} bytes, ` +
      `got ${line.byteLength} for ${placeOf(entry)}`,
    hint: "split the stream into several, with fewer files or columns each",
  });
}

/** The bytes of one line, without its end, as what they are. Never throws. */
export function decodeLine(bytes: Uint8Array): DecodedLine {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const end = crcPattern.exec(text);
  if (end === null) return { kind: "broken" };
  const body = `${text.slice(0, end.index)}}`;
  if (crcOf(body) !== end[1]) return { kind: "broken" };
  return decodeBody(body);
}

const crcPattern = /,"crc":"([0-9a-f]{8})"\}$/u;

function crcMember(crc: string): string {
  return `,"crc":"${crc}"}`;
}

function crcOf(body: string): string {
  return crc32c(new TextEncoder().encode(body)).toString(16).padStart(8, "0");
}

function decodeBody(body: string): DecodedLine {
  const value = parse(body);
  if (value === null) return { kind: "misfit", reason: "no JSON object" };
  const { seq, ...rest } = value;
  if (typeof seq !== "number") return { kind: "misfit", reason: "no number of the line" };
  if (rest["kind"] !== "header") return shaped(seq, rest);
  const { format: found, version, ...header } = rest;
  if (found !== format) return { kind: "misfit", reason: "no header of a hakiri journal" };
  if (typeof version !== "number") return { kind: "misfit", reason: "no version" };
  return version > journalVersion ? { kind: "newer", version } : shaped(seq, header);
}

function shaped(seq: number, value: unknown): DecodedLine {
  const checked = checkShape(journalEntryShape, value);
  if (checked.kind === "misfit") return checked;
  return { kind: "line", line: { seq, entry: checked.value } };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    // Only its members are read, each with a check.
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function placeOf(entry: JournalEntry): string {
  switch (entry.kind) {
    case "header":
      return "the header";
    case "schema":
      return `the schema of table ${entry.tableId}`;
    case "stream_begin":
    case "stream_end":
      return `stream '${entry.stream}'`;
    case "batch":
      return `batch ${entry.number} of stream '${entry.stream}'`;
  }
}
