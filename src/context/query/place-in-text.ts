/** Where in an SQL text DuckDB points to, for people and for programs. */

/** A place in a text, both from 1; columns count characters. */
interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** The place of a byte of a text's UTF-8; the end of the text for any byte past it. */
function placeInText(text: string, byte: number): TextPlace {
  const bytes = new TextEncoder().encode(text).subarray(0, byte);
  const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return { line: before.split("\n").length, column: Array.from(line).length + 1 };
}

/** A place as the end of a message and as evidence: empty and null where there is none. */
export function describePlace(
  text: string,
  byte: number | null,
): { readonly text: string; readonly evidence: { readonly [key: string]: number } | null } {
  if (byte === null) return { text: "", evidence: null };
  const { line, column } = placeInText(text, byte);
  return { text: ` (line ${line}, column ${column})`, evidence: { line, column } };
}
