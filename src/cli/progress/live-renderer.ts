/**
 * Progress for a terminal: what happened scrolls up, and below it stands a line for each running
 * stream, which the next frame draws over. The cursor is moved by whole lines only and no line is
 * wider than the terminal, so a process that dies in between leaves a terminal that works.
 */
import { cutText, padText, textWidth } from "../text/text-width.ts";
import { visibleText } from "../text/visible-text.ts";
import type { Frame } from "./board.ts";
import { figureTexts, happeningLines, linesMax, type ProgressRenderer } from "./renderer.ts";

const nameWidthMax = 32;
/** Where the terminal doesn't tell. */
const columnsWhenUnknown = 80;

/** A renderer for a terminal whose width is asked for at each frame. */
export function liveRenderer(columns: () => number | null): ProgressRenderer {
  let height = 0;
  return {
    render: (frame) => {
      const width = (columns() ?? columnsWhenUnknown) - 1;
      const live = liveLines(frame).map((line) => cutText(line, Math.max(1, width)));
      const erase = height === 0 ? "" : `\u001b[${height}A\u001b[J`;
      height = live.length;
      return erase + [...happeningLines(frame), ...live].map((line) => `${line}\n`).join("");
    },
  };
}

function liveLines({ live }: Frame): readonly string[] {
  const shown = live.slice(0, linesMax);
  const rows = shown.map((figures) => [
    cutText(visibleText(figures.stream), nameWidthMax),
    ...figureTexts(figures),
  ]);
  const widths = [0, 1, 2, 3, 4].map((at) =>
    Math.max(0, ...rows.map((row) => textWidth(row[at] ?? ""))),
  );
  const lines = rows.map((row) =>
    row.map((text, at) => padText(text, widths[at] ?? 0, at === 0 ? "left" : "right")).join("  "),
  );
  const more = live.length - shown.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}
