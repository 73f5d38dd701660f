/** Progress for a pipe or a log: a line a stream every few seconds, and one when it ends. */
import { visibleText } from "../text/visible-text.ts";
import type { Frame } from "./board.ts";
import { figureTexts, happeningLines, linesMax, type ProgressRenderer } from "./renderer.ts";

/** Between two lines of a running stream. */
const plainIntervalMs = 5000;

/** A renderer whose first lines of running streams come one interval after its first frame. */
export function plainRenderer(): ProgressRenderer {
  let lastMs: number | undefined;
  return {
    render: (frame) => {
      lastMs ??= frame.nowMs;
      const isDue = frame.nowMs - lastMs >= plainIntervalMs;
      if (isDue) lastMs = frame.nowMs;
      const lines = [...happeningLines(frame), ...(isDue ? runningLines(frame) : [])];
      return lines.map((line) => `${line}\n`).join("");
    },
  };
}

function runningLines({ live }: Frame): readonly string[] {
  const lines = live.slice(0, linesMax).map((figures) => {
    const texts = figureTexts(figures).filter((text) => text !== "");
    return `hakiri: ${visibleText(figures.stream)}: ${texts.join(", ")}`;
  });
  const more = live.length - lines.length;
  return more > 0 ? [...lines, `hakiri: and ${more} more`] : lines;
}
