/** Untrusted text for a terminal: what would steer it is shown instead of sent. */

/**
 * Controls (also the 8-bit ones), marks that turn the reading direction, line separators, and
 * halves of surrogate pairs. Each could move the cursor, colour or reorder what is printed.
 */
const steering =
  /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]|\p{Surrogate}/gu;

const short: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** The text on one line, with escapes such as `\n`, `\x1b` and `\u202e` in place of controls. */
export function visibleText(text: string): string {
  return text.replaceAll(steering, escaped);
}

/** The same, but line feeds stay: for messages of several lines. */
export function visibleLines(text: string): string {
  return text.replaceAll(steering, (found) => (found === "\n" ? found : escaped(found)));
}

function escaped(found: string): string {
  const unit = found.charCodeAt(0);
  const hex = unit.toString(16);
  return (
    short.get(found) ?? (unit < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`)
  );
}
