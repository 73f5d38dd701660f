/** Keeps what is known of each stream between two frames, within a bound. */
import type { ProgressEvent, StreamProgress } from "./event.ts";

/** The most streams followed at once; of further ones only the end is told. */
export const streamsMax = 1000;
/** The most notes and ends kept until the next frame; one more makes the frame due. */
export const happeningsMax = 1000;

/** A stream's figures at the moment of a frame. */
export interface StreamFigures {
  readonly stream: string;
  readonly rows: number;
  readonly bytes: number;
  /** Since its first event; 0 where that wasn't followed. */
  readonly elapsedMs: number;
}

/** What a frame tells once and for good. */
export type Happening =
  | { readonly type: "note"; readonly message: string }
  | { readonly type: "end"; readonly state: "done" | "failed"; readonly figures: StreamFigures };

/** A running stream in a frame. */
export interface LiveStream extends StreamFigures {
  /** Whether it moved since the frame before. */
  readonly hasMoved: boolean;
}

/** All that is to be shown at one moment. */
export interface Frame {
  readonly nowMs: number;
  /** In the order they came. */
  readonly happenings: readonly Happening[];
  /** In the order the streams began. */
  readonly live: readonly LiveStream[];
}

/** Takes events in, gives frames out. */
export class ProgressBoard {
  private readonly streams = new Map<string, Followed>();
  private happenings: Happening[] = [];

  /** Answers whether a frame is due at once, since no more can be kept. */
  take(event: ProgressEvent, nowMs: number): boolean {
    switch (event.type) {
      case "note":
        this.happenings.push({ type: "note", message: event.message });
        break;
      case "stream":
        this.takeStream(event, nowMs);
        break;
    }
    return this.happenings.length >= happeningsMax;
  }

  /** What is to be shown now. What happened is in one frame only. */
  frame(nowMs: number): Frame {
    const live = [...this.streams].map(([stream, followed]) => {
      const { rows, bytes, startMs, hasMoved } = followed;
      followed.hasMoved = false;
      return { stream, rows, bytes, elapsedMs: nowMs - startMs, hasMoved };
    });
    const { happenings } = this;
    this.happenings = [];
    return { nowMs, happenings, live };
  }

  private takeStream({ stream, state, rows, bytes }: StreamProgress, nowMs: number): void {
    const startMs = this.streams.get(stream)?.startMs ?? nowMs;
    if (state === "running") {
      if (this.streams.size >= streamsMax && !this.streams.has(stream)) return;
      this.streams.set(stream, { rows, bytes, startMs, hasMoved: true });
      return;
    }
    this.streams.delete(stream);
    const figures = { stream, rows, bytes, elapsedMs: nowMs - startMs };
    this.happenings.push({ type: "end", state, figures });
  }
}

interface Followed {
  readonly rows: number;
  readonly bytes: number;
  readonly startMs: number;
  hasMoved: boolean;
}
