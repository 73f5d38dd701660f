/** Lines of help within a terminal's width. */

/** A term and what it means. */
export type Entry = readonly [term: string, meaning: string];

/** Lines longer than this are hard to read, however wide the terminal is. */
const widthMax = 100;
/** A term wider than this has its meaning on the next line. */
const termWidthMax = 34;
const meaningWidthMin = 20;
const indent = 2;
const gap = 2;

/** Terms on the left, their meanings in one column beside them. */
export function listing(entries: readonly Entry[], columns: number | null): string {
  const fitting = entries.map(([term]) => term.length).filter((width) => width <= termWidthMax);
  const left = indent + Math.max(0, ...fitting) + gap;
  const width = Math.max(meaningWidthMin, lineWidth(columns) - left);
  const lines = entries.flatMap(([term, meaning]) => {
    const [first = "", ...more] = wrap(meaning, width);
    const head = `${" ".repeat(indent)}${term}`;
    const rest = more.map((line) => " ".repeat(left) + line);
    return head.length + gap <= left
      ? [head.padEnd(left) + first, ...rest]
      : [head, " ".repeat(left) + first, ...rest];
  });
  return lines.join("\n");
}

/** A paragraph, wrapped. */
export function fill(text: string, columns: number | null): string {
  return wrap(text, lineWidth(columns)).join("\n");
}

function lineWidth(columns: number | null): number {
  return Math.min(columns ?? widthMax, widthMax);
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
