/** What turns frames into text for stderr; one for each value of `--progress`. */
import { visibleText } from "../text/visible-text.ts";
import type { Frame, StreamFigures } from "./board.ts";
import { bytesText, countedText, durationText, rateText } from "../text/figures.ts";

/** One way to show progress. */
export interface ProgressRenderer {
  /** The text for this frame; empty where nothing is to be written. */
  readonly render: (frame: Frame) => string;
}

/** The most running streams that one frame shows; the rest is counted. */
export const linesMax = 10;

/** A stream's figures, each a text; empty where there is none. */
export function figureTexts(figures: StreamFigures): readonly string[] {
  return [
    countedText(figures.rows, "row"),
    rateText(figures.rows, figures.elapsedMs),
    bytesText(figures.bytes),
    durationText(figures.elapsedMs),
  ];
}

/** What happened, each a line for people; names and messages can't steer the terminal. */
export function happeningLines({ happenings }: Frame): readonly string[] {
  return happenings.map((happening) => {
    if (happening.type === "note") return `hakiri: ${visibleText(happening.message)}`;
    const { figures, state } = happening;
    const texts = figureTexts(figures).filter((text) => text !== "");
    return `hakiri: ${visibleText(figures.stream)}: ${state}, ${texts.join(", ")}`;
  });
}
