/**
 * Work that reaches out to the source, under the one retry policy (core/retry.ts). Attempts are
 * counted in the catalog, one counter a run and place, so that they last over restarts.
 */
import { createHash } from "node:crypto";
import { HakiriError } from "../../core/error.ts";
import { canonicalJson } from "../../core/json.ts";
import { nextRetry } from "../../core/retry.ts";
import { waitFor } from "../wait-for.ts";
import type { RunFrame } from "./run-frame.ts";

/** Where attempts are counted together. */
export interface RetryPlace {
  /** Empty for what concerns no single stream. */
  readonly stream: string;
  readonly partition: string;
  /** What the attempt starts from: a cursor, or the name of the work. JSON. */
  readonly start: unknown;
}

/** Work that may be tried again. */
export interface RetriedWork<T> {
  /** Asked before each attempt: where it starts may have moved on. */
  readonly place: () => RetryPlace;
  readonly run: () => Promise<T>;
  /** Asked after a failure and its wait: whether this attempt of the run can go on. */
  readonly mayGoOn?: (error: HakiriError) => Promise<boolean>;
}

/**
 * Does the work until it succeeds. Throws what it threw at last, the signal's reason, and
 * `BeginAnew` where another attempt is due that can't begin in this actor.
 */
export async function retried<T>(frame: RunFrame, work: RetriedWork<T>): Promise<T> {
  const { random, clock, signal, control } = frame;
  for (;;) {
    const place = work.place();
    const attempt = await countAttempt(frame, place);
    try {
      return await work.run();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HakiriError)) throw error;
      const failed = { attempt, error: error.toRecord(), random: random.fraction() };
      const decision = nextRetry(failed);
      if (decision.kind === "give-up") throw error;
      const about = place.stream === "" ? "" : `${place.stream}: `;
      const text = `${about}${error.message}; attempt ${attempt + 1} follows`;
      control.tell({ type: "notice", text });
      await waitFor(clock, decision.delayMs, signal);
      if (work.mayGoOn !== undefined && !(await work.mayGoOn(error))) throw new BeginAnew(error);
    }
  }
}

async function countAttempt({ control }: RunFrame, place: RetryPlace): Promise<number> {
  const { stream, partition, start } = place;
  const cursorDigest = createHash("sha256").update(canonicalJson(start)).digest("hex");
  const type = "count_attempt";
  return (await control.ask({ type, stream, partition, cursorDigest })).attempts;
}

/** The next attempt can't begin where this one stands: it goes by the journal, in a new actor. */
export class BeginAnew extends Error {
  readonly error: HakiriError;

  constructor(error: HakiriError) {
    super(`a stream begins anew after: ${error.message}`, { cause: error });
    this.name = "BeginAnew";
    this.error = error;
  }
}
