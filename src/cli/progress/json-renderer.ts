/** Progress for programs: one JSON document a line. */
import type { Frame, StreamFigures } from "./board.ts";
import type { ProgressRenderer } from "./renderer.ts";

/** A renderer that tells each stream that moved, and everything that happened. */
export function jsonRenderer(): ProgressRenderer {
  return {
    render: (frame) =>
      documents(frame)
        .map((document) => `${JSON.stringify(document)}\n`)
        .join(""),
  };
}

function documents({ happenings, live }: Frame): readonly object[] {
  return [
    ...happenings.map((happening) =>
      happening.type === "note" ? happening : streamDocument(happening.state, happening.figures),
    ),
    ...live.filter(({ hasMoved }) => hasMoved).map((figures) => streamDocument("running", figures)),
  ];
}

function streamDocument(state: string, { stream, rows, bytes, elapsedMs }: StreamFigures): object {
  return { type: "stream", stream, state, rows, bytes, elapsed_ms: Math.round(elapsedMs) };
}
