/** Names and texts inside SQL. Every statement of hakiri spells them by these two functions. */
import { usageError } from "./error.ts";

/**
 * The name as a quoted SQL identifier. Throws Permanent `usage.nul_in_sql` for a name with a NUL,
 * which no SQL can hold, and `usage.empty_name` for an empty one.
 */
export function quoteIdentifier(name: string): string {
  if (name === "") {
    throw usageError("empty_name", "expected a name, got an empty text", "give it a name");
  }
  return `"${withoutNul(name).replaceAll('"', '""')}"`;
}

/** The text as an SQL literal. Throws Permanent `usage.nul_in_sql` for a text with a NUL. */
export function quoteText(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`;
}

function withoutNul(text: string): string {
  if (!text.includes("\0")) return text;
  const shown = JSON.stringify(text.slice(0, 80));
  throw usageError(
    "nul_in_sql",
    `expected a text without NUL characters, got ${shown}`,
    "take the NUL character out",
  );
}
