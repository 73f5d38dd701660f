/** The stored cursor as bytes: canonical JSON with a version (docs/format/cursor.md). */
import { cursorBytesMax, type StoredCursor } from "../core/cursor.ts";
import { HakiriError } from "../core/error.ts";
import { canonicalJson } from "../core/json.ts";
import { checkShape, storedCursorShape } from "./stored-shapes.ts";

/**
 * The one text of a cursor, at most 16 KiB of UTF-8. Throws Permanent `cursor.too_large` for a
 * larger one.
 */
export function encodeCursor(cursor: StoredCursor): string {
  const text = canonicalJson(cursor);
  const sizeBytes = new TextEncoder().encode(text).byteLength;
  if (sizeBytes <= cursorBytesMax) return text;
  throw new HakiriError({
    kind: "Permanent",
    code: "cursor.too_large",
    message: `expected a cursor of at most ${cursorBytesMax} bytes, got ${sizeBytes} for stream '${cursor.stream}'`,
    hint: "order the stream by a column of shorter values",
  });
}

/**
 * The cursor that a text holds. Throws Permanent `cursor.newer_format` for a version that this
 * hakiri doesn't know, and `cursor.damaged` for what is no cursor.
 */
export function decodeCursor(text: string): StoredCursor {
  if (text.length > cursorBytesMax) throw damaged(`${text.length} characters`);
  const value = parse(text);
  const version = versionOf(value);
  if (version > 1) {
    throw new HakiriError({
      kind: "Permanent",
      code: "cursor.newer_format",
      message: `expected a cursor of version 1, got version ${version}`,
      hint: "a newer hakiri wrote it: install that one, or a later one",
    });
  }
  const shaped = checkShape(storedCursorShape, value);
  if (shaped.kind === "misfit") throw damaged(shaped.reason);
  return shaped.value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged("no JSON");
  }
}

function versionOf(value: unknown): number {
  const isObject = typeof value === "object" && value !== null && "version" in value;
  return isObject && typeof value.version === "number" ? value.version : 0;
}

function damaged(found: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "cursor.damaged",
    message: `expected a stored cursor, got ${found}`,
    hint: "run 'hakiri doctor', or 'hakiri state rewind' to start the stream anew",
  });
}
