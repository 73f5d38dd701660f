/** JSON as a type, and its canonical text: what is hashed, compared or signed has one spelling. */

/** Any JSON value. Numbers are finite; exact numbers travel as text. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The one text of a JSON value: keys in code unit order, no spaces, numbers as ECMAScript prints
 * them (RFC 8785, JSON Canonicalization Scheme). Members that are `undefined` are left out.
 * Throws RangeError for a number that isn't finite and for nesting deeper than 64.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** Nesting deeper than this is refused: no format of ours needs more, and input is untrusted. */
const depthMax = 64;

function write(value: unknown, depth: number): string {
  if (depth > depthMax) throw new RangeError(`expected JSON nested at most ${depthMax} deep`);
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`expected a finite number, got ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => write(item, depth + 1)).join(",")}]`;
  }
  if (typeof value !== "object") throw new TypeError(`expected JSON, got ${typeof value}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, depth + 1)}`);
  return `{${members.join(",")}}`;
}
