/** Progress on stderr, from the first event to the answer. */
import type { Terminal } from "../program.ts";
import { ProgressBoard } from "./board.ts";
import type { ProgressSink } from "./event.ts";
import { jsonRenderer } from "./json-renderer.ts";
import { liveRenderer } from "./live-renderer.ts";
import { plainRenderer } from "./plain-renderer.ts";
import type { ProgressRenderer } from "./renderer.ts";

/** The values of `--progress`. */
export type ProgressMode = "auto" | "plain" | "json" | "none";

/** Between two frames, however many events come. */
const frameIntervalMs = 200;

/** Progress that is being shown. */
export interface OpenProgress {
  readonly sink: ProgressSink;
  /** Shows what is left and takes running streams off the screen; events after it are dropped. */
  readonly close: () => void;
}

/** Opens progress in this mode; `auto` is live on a terminal that can move its cursor. */
export function openProgress(mode: ProgressMode, terminal: Terminal): OpenProgress {
  const renderer = rendererOf(mode, terminal);
  if (renderer === undefined) return { sink: () => undefined, close: () => undefined };
  const { clock, err } = terminal;
  const board = new ProgressBoard();
  let stop: (() => void) | undefined;
  let isClosed = false;
  const draw = (): void => {
    const text = renderer.render(board.frame(clock.monotonicMs()));
    if (text !== "") void err.write(text);
  };
  return {
    sink: (event) => {
      if (isClosed) return;
      stop ??= clock.every(frameIntervalMs, draw);
      if (board.take(event, clock.monotonicMs())) draw();
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      if (stop === undefined) return;
      stop();
      const { nowMs, happenings } = board.frame(clock.monotonicMs());
      const text = renderer.render({ nowMs, happenings, live: [] });
      if (text !== "") void err.write(text);
    },
  };
}

function rendererOf(mode: ProgressMode, { err, env }: Terminal): ProgressRenderer | undefined {
  switch (mode) {
    case "auto":
      return err.isTty && env["TERM"] !== "dumb" ? liveRenderer(err.columns) : plainRenderer();
    case "plain":
      return plainRenderer();
    case "json":
      return jsonRenderer();
    case "none":
      return undefined;
  }
}
