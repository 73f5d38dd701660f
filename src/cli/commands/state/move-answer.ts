/** The answer to cursors that were moved: where each stream stands, and what will repeat. */
import type { Json } from "../../../core/json.ts";
import type { PipelineSpec } from "../../../core/pipeline.ts";
import type { WholeAnswer } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { visibleText } from "../../text/visible-text.ts";
import { dispositionOf, rereadingDocument, rereadingOf, rereadingText } from "./repeats.ts";
import type { StreamMove } from "./repeats.ts";
import { cursorJson } from "./show-state.ts";

/** What was moved. */
export interface Moved {
  readonly spec: PipelineSpec;
  /** The run that did it; null where nothing was to be moved. */
  readonly runId: string | null;
  readonly moves: readonly StreamMove[];
}

/** The answer. */
export function moveAnswer({ spec, runId, moves }: Moved): WholeAnswer {
  const streams = moves.map((move) => {
    const rereading = rereadingOf(move);
    const disposition = dispositionOf(spec, move.stream);
    const text = rereadingText(rereading, disposition);
    const document: Json = {
      stream: move.stream,
      before: move.before === null ? null : cursorJson(move.before.cursor),
      after: move.after === null ? null : cursorJson(move.after.cursor),
      rereads: rereadingDocument(rereading),
      disposition,
      says: text,
    };
    return { line: `${visibleText(move.stream)}: ${visibleText(text)}`, document };
  });
  const head =
    runId === null
      ? `the cursors of ${spec.name} stay as they were`
      : `moved the cursors of ${spec.name}, run ${runId}; of its next run:`;
  const lines = runId === null ? [head] : [head, ...streams.map(({ line }) => `  ${line}`)];
  return {
    text: `${lines.join("\n")}\n`,
    document: {
      pipeline: spec.name,
      run_id: runId,
      streams: streams.map(({ document }) => document),
    },
    exitCode: exitDone,
  };
}
