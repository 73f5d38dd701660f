/**
 * How many cells of a terminal a text takes, and cutting and padding by that. Terminals disagree
 * on rare characters; this follows Unicode's East Asian Width (UAX 11) and emoji data, by the
 * character that a person sees (UAX 29).
 */

/** Stands for what was cut off. */
export const cutMark = "\u2026";

/** Cells of a text without controls: 2 for CJK and emoji, 0 for marks that stand on others. */
export function textWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of characters().segment(text)) width += characterWidth(segment);
  return width;
}

/** The text, or as much of it as fits with a mark behind it. `widthMax` is at least 1. */
export function cutText(text: string, widthMax: number): string {
  if (isPlain(text)) {
    return text.length <= widthMax ? text : `${text.slice(0, widthMax - 1)}${cutMark}`;
  }
  let width = 0;
  let kept = "";
  for (const { segment } of characters().segment(text)) {
    const next = width + characterWidth(segment);
    if (next > widthMax) return `${kept}${cutMark}`;
    // What ends one cell before the edge is kept for the case that the text goes on.
    if (next < widthMax) kept += segment;
    width = next;
  }
  return text;
}

/** The text with spaces up to that width; a wider one is left as it is. */
export function padText(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - textWidth(text)));
  return align === "left" ? text + space : space + text;
}

function isPlain(text: string): boolean {
  return /^[\u0020-\u007E]*$/u.test(text);
}

let segmenter: Intl.Segmenter | undefined;

/** Made when the first text needs it: it loads tables that most commands have no use for. */
function characters(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter;
}

function characterWidth(character: string): number {
  if (/^\p{Emoji}.*(?:\uFE0F|\p{Emoji_Presentation})|^\p{Emoji_Presentation}/u.test(character)) {
    return 2;
  }
  let width = 0;
  for (const point of character) width += pointWidth(point);
  return width;
}

/** Marks stand on what is before them, and so do the later parts of a Hangul syllable. */
const withoutWidth = /[\p{M}\p{Cf}\u1160-\u11FF]/u;

function pointWidth(point: string): number {
  if (withoutWidth.test(point)) return 0;
  if (/\p{Emoji_Presentation}/u.test(point)) return 2;
  const code = point.codePointAt(0) ?? 0;
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** East Asian Width W and F without emoji, joined over code points that aren't assigned. */
const wideRanges: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2630, 0x2637],
  [0x268a, 0x268f],
  [0x2e80, 0x303e],
  [0x3041, 0x3247],
  [0x3250, 0xa4c6],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x1b2fb],
  [0x1d300, 0x1d376],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];
