/** The setting `require_auth`: which ways to log in are accepted, in libpq's words. */
import type { AuthMethod } from "../wire/connect-options.ts";

const methods: readonly AuthMethod[] = ["none", "password", "md5", "scram-sha-256"];
/** Ways of libpq's that hakiri can't do; to forbid them is to say nothing. */
const others: ReadonlySet<string> = new Set(["gss", "sspi", "oauth"]);

/** The words, for an error. */
export const authWords: string = methods.join(", ");

/**
 * The accepted ways: those that are listed, or all but those that are listed with a `!`. Null for
 * what can't be read, mixes both, or leaves none.
 */
export function authMethodsOf(text: string): ReadonlySet<AuthMethod> | null {
  const words = text.split(",").map((word) => word.trim());
  const isForbidding = words.every((word) => word.startsWith("!"));
  const names = isForbidding ? words.map((word) => word.slice(1)) : words;
  const isKnown = (word: string): boolean => methods.some((method) => method === word);
  if (!names.every((word) => isKnown(word) || others.has(word))) return null;
  const chosen = methods.filter((method) => names.includes(method) !== isForbidding);
  return chosen.length === 0 ? null : new Set(chosen);
}
