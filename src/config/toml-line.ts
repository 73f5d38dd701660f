/**
 * The line on which a key of a TOML document stands. The parser tells lines of syntax errors only,
 * so the document's first n lines are parsed for several n: a key is where it first appears.
 */
import { parse } from "smol-toml";
import type { KeyPath } from "./config-problem.ts";

/** A document of one endless list would be parsed once a line; beyond this no line is told. */
const parsesMax = 100;

/** A line isn't worth the time that longer documents take. */
const textMax = 256 * 1024;

/**
 * The 1-based line where the statement begins that makes this path exist, or the nearest path above
 * it that exists, in text that is TOML; null for the root, and where the search would take long.
 */
export function lineOfKey(text: string, path: KeyPath): number | null {
  if (text.length > textMax) return null;
  const lines = text.split("\n");
  let parsesLeft = parsesMax;
  const probe = (count: number, wanted: KeyPath): Probe => {
    parsesLeft -= 1;
    // Each line whole: where lines end in CR LF, a CR alone would be a fault.
    return probeText(`${lines.slice(0, count).join("\n")}\n`, wanted);
  };
  let wanted = path;
  while (wanted.length > 0 && probe(lines.length, wanted) === "lacks") wanted = wanted.slice(0, -1);
  if (wanted.length === 0) return null;
  // The first `low` lines parse and lack the path, the first `high` lines parse and hold it.
  let low = 0;
  let high = lines.length;
  for (;;) {
    const next = innerProbe(low, high, (count) => (parsesLeft > 0 ? probe(count, wanted) : null));
    if (next === "none") return low + 1;
    if (next === "given up") return null;
    if (next.holds) high = next.count;
    else low = next.count;
  }
}

type Probe = "holds" | "lacks" | "broken";

function probeText(text: string, path: KeyPath): Probe {
  try {
    return holds(parse(text), path) ? "holds" : "lacks";
  } catch {
    // A statement of several lines was cut; the whole document parses or nobody would ask.
    return "broken";
  }
}

function holds(value: unknown, path: KeyPath): boolean {
  let at: unknown = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return false;
    // An own property, as just checked, of a parsed table or list.
    at = (at as Readonly<Record<string | number, unknown>>)[part];
  }
  return true;
}

type Found = { readonly count: number; readonly holds: boolean } | "none" | "given up";

/** A number of lines between both bounds that parses, the middle one or the next to be had. */
function innerProbe(low: number, high: number, probe: (count: number) => Probe | null): Found {
  const middle = (low + high) >> 1;
  const upward = Array.from({ length: high - middle }, (_, index) => middle + index);
  const downward = Array.from({ length: middle - low }, (_, index) => middle - 1 - index);
  for (const count of [...upward, ...downward]) {
    if (count <= low) continue;
    const found = probe(count);
    if (found === null) return "given up";
    if (found !== "broken") return { count, holds: found === "holds" };
  }
  return "none";
}
