/** What a run tells while it works; plain data, so that it crosses threads as it is. */

/** How far a stream is. Counts are totals of this run and never go down. */
export interface StreamProgress {
  readonly type: "stream";
  readonly stream: string;
  /** After `done` or `failed` a stream is silent, unless it is restarted. */
  readonly state: "running" | "done" | "failed";
  readonly rows: number;
  /** Bytes read from the source, or written where the source has none. */
  readonly bytes: number;
}

/** Something that a person may want to know and no program needs: one line, without a full stop. */
export interface ProgressNote {
  readonly type: "note";
  readonly message: string;
}

/** What a run tells while it works. */
export type ProgressEvent = StreamProgress | ProgressNote;

/** Takes events; never throws. */
export type ProgressSink = (event: ProgressEvent) => void;
