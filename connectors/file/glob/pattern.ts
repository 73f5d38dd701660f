/**
 * Patterns of paths: `*` and `?` within a name, `[a-z]` and `[!a-z]` for one character, `{a,b}` for
 * one of several texts, `**` as a whole segment for any folders. A name that begins with a dot is
 * matched only by a segment that begins with one.
 */
import { usageError } from "../../../src/connector.ts";

/** One way that braces leave. */
export interface PathPattern {
  /** Absolute path of the folder before the first segment that varies. */
  readonly base: string;
  /** What follows the base, at least one. */
  readonly segments: readonly Segment[];
}

/** A part of a pattern between slashes. */
export type Segment =
  | { readonly kind: "literal"; readonly name: string }
  | { readonly kind: "varying"; readonly tokens: readonly Token[] }
  /** Any number of folders, none included. */
  | { readonly kind: "folders" };

type Token =
  | { readonly kind: "character"; readonly text: string }
  | { readonly kind: "any" }
  | { readonly kind: "many" }
  | {
      readonly kind: "class";
      readonly isNegated: boolean;
      readonly ranges: readonly (readonly [from: number, to: number])[];
    };

/** Most alternatives that the braces of one pattern make. */
export const alternativesMax = 1000;

/**
 * The ways of an absolute pattern. Throws `usage.invalid_pattern` where braces make more than
 * `alternativesMax`.
 */
export function parsePattern(pattern: string): readonly PathPattern[] {
  return expandBraces(pattern).map((text) => {
    const parts = text.split("/").filter((part) => part !== "" && part !== ".");
    const firstVarying = parts.findIndex((part) => /[*?[]/u.test(part));
    // Without anything that varies the name itself is what is looked for.
    const cut = firstVarying === -1 ? parts.length - 1 : firstVarying;
    return {
      base: `/${parts.slice(0, cut).join("/")}`,
      segments: parts.slice(cut).map(parseSegment),
    };
  });
}

/** Braces without a comma, or without their other half, are text. */
function expandBraces(pattern: string): readonly string[] {
  const done: string[] = [];
  const pending = [pattern];
  for (let text = pending.pop(); text !== undefined; text = pending.pop()) {
    const [whole, before = "", inner = "", after = ""] =
      /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/su.exec(text) ?? [];
    if (whole === undefined) {
      done.push(text);
    } else {
      for (const part of inner.split(",").toReversed()) pending.push(`${before}${part}${after}`);
    }
    if (done.length + pending.length > alternativesMax) {
      throw usageError(
        "invalid_pattern",
        `expected braces that make at most ${alternativesMax} alternatives in '${pattern}'`,
        "use * in place of some of the braces, or several patterns",
      );
    }
  }
  return [...new Set(done)];
}

function parseSegment(part: string): Segment {
  if (part === "**") return { kind: "folders" };
  if (!/[*?[]/u.test(part)) return { kind: "literal", name: part };
  const tokens: Token[] = [];
  const characters = Array.from(part);
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? "";
    const end = character === "[" ? classEnd(characters, index) : null;
    if (end !== null) {
      tokens.push(parseClass(characters.slice(index + 1, end)));
      index = end;
    } else if (character === "*") {
      if (tokens.at(-1)?.kind !== "many") tokens.push({ kind: "many" });
    } else {
      tokens.push(character === "?" ? { kind: "any" } : { kind: "character", text: character });
    }
  }
  return { kind: "varying", tokens };
}

/** Where the class ends that begins at `from`; null where it doesn't, and the bracket is text. */
function classEnd(characters: readonly string[], from: number): number | null {
  const first = characters[from + 1];
  // A bracket right at the beginning belongs to the class.
  const start = from + (first === "!" || first === "^" ? 3 : 2);
  const end = characters.indexOf("]", start);
  return end === -1 ? null : end;
}

function parseClass(inner: readonly string[]): Token {
  const isNegated = inner[0] === "!" || inner[0] === "^";
  const members = inner.slice(isNegated ? 1 : 0);
  const ranges: (readonly [number, number])[] = [];
  for (let index = 0; index < members.length; index += 1) {
    const from = codePoint(members[index]);
    const isRange = members[index + 1] === "-" && index + 2 < members.length;
    ranges.push([from, isRange ? codePoint(members[index + 2]) : from]);
    if (isRange) index += 2;
  }
  return { kind: "class", isNegated, ranges };
}

function codePoint(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}

/** Whether a name of a folder's entry fits a segment; any name fits `folders` but a hidden one. */
export function matchesName(segment: Segment, name: string): boolean {
  switch (segment.kind) {
    case "literal":
      return segment.name === name;
    case "folders":
      return !name.startsWith(".");
    case "varying":
      return (
        (!name.startsWith(".") || beginsWithDot(segment.tokens)) && matches(segment.tokens, name)
      );
  }
}

function beginsWithDot(tokens: readonly Token[]): boolean {
  const [first] = tokens;
  return first?.kind === "character" && first.text === ".";
}

/**
 * Goes on greedily and comes back to the last `*` only, which is enough: an earlier one that took
 * more would leave less for the rest. So the time is at most the product of both lengths.
 */
function matches(tokens: readonly Token[], name: string): boolean {
  const characters = Array.from(name);
  let token = 0;
  let at = 0;
  let back: { readonly token: number; readonly at: number } | null = null;
  while (at < characters.length) {
    const current = tokens[token];
    if (current?.kind === "many") {
      back = { token, at };
      token += 1;
    } else if (current !== undefined && takes(current, characters[at] ?? "")) {
      token += 1;
      at += 1;
    } else if (back !== null) {
      back = { token: back.token, at: back.at + 1 };
      token = back.token + 1;
      at = back.at;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every(({ kind }) => kind === "many");
}

function takes(token: Token, character: string): boolean {
  switch (token.kind) {
    case "character":
      return token.text === character;
    case "any":
      return true;
    case "many":
      return false;
    case "class": {
      const code = codePoint(character);
      const isIn = token.ranges.some(([from, to]) => from <= code && code <= to);
      return isIn !== token.isNegated;
    }
  }
}
