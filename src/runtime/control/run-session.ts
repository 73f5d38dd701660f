/**
 * The session of a source during one attempt: a state of the source that all of its reads share,
 * held open in this process because the reads may be in several threads.
 *
 *   Owns:    the source that holds the session, and both their ends.
 *   Doesn't: restart what was read under a session that is lost; the attempt does.
 */
import { HakiriError } from "../../core/error.ts";
import type { Source, SourceSession } from "../../core/ports/source.ts";
import { nextRetry } from "../../core/retry.ts";
import { settledWithin } from "../../supervisor/settled-within.ts";
import { waitFor } from "../wait-for.ts";
import type { ControlStore, RunRequest } from "./run-request.ts";

/** Most bytes of a session's token, which is part of a control message. */
export const sessionTokenBytesMax = 4096;

/** How long a session and its source may take to close; they are left to themselves then. */
const closeMs = 5000;

/** What an attempt's reads share. */
export interface RunSession {
  /** Null where the source has no sessions. */
  readonly token: string | null;
  /** Resolves with the reason when it is lost; null without a session. */
  readonly lost: Promise<string> | null;
  /** Closes session and source. Doesn't throw: nothing depends on how they end. */
  close(): Promise<void>;
}

/**
 * Opens the session of a run's source, by the one retry policy. No run is granted yet, so attempts
 * are counted here. Throws what the source threw at last, and the signal's reason.
 */
export async function openRunSession(
  store: Pick<ControlStore, "clock" | "random">,
  request: RunRequest,
  signal: AbortSignal,
): Promise<RunSession> {
  const { openSource } = request;
  if (openSource === undefined) return noSession;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openOnce(store, openSource, namesOf(request), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HakiriError)) throw error;
      const failed = { attempt, error: error.toRecord(), random: store.random.fraction() };
      const decision = nextRetry(failed);
      if (decision.kind === "give-up") throw error;
      request.progress({
        type: "notice",
        text: `${error.message}; attempt ${attempt + 1} follows`,
      });
      await waitFor(store.clock, decision.delayMs, signal);
    }
  }
}

const noSession: RunSession = {
  token: null,
  lost: null,
  close: async () => undefined,
};

/** The streams that the run names; none where it reads whatever there is. */
function namesOf({ spec, parameters }: RunRequest): readonly string[] {
  if (parameters.streams.length > 0) return parameters.streams;
  return spec.streams.map(({ stream }) => stream);
}

async function openOnce(
  { clock }: Pick<ControlStore, "clock">,
  openSource: () => Promise<Source>,
  streams: readonly string[],
  signal: AbortSignal,
): Promise<RunSession> {
  const source = await openSource();
  const close = async (session: SourceSession | null): Promise<void> => {
    const closing = (session?.close() ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => source.close());
    await settledWithin(closing, closeMs, clock);
  };
  try {
    if (source.session === undefined) {
      await close(null);
      return noSession;
    }
    const session = await source.session({ streams, signal });
    if (session === null) {
      await close(null);
      return noSession;
    }
    const sizeBytes = new TextEncoder().encode(session.token).byteLength;
    if (sizeBytes <= sessionTokenBytesMax) {
      return { token: session.token, lost: session.lost, close: () => close(session) };
    }
    await close(session);
    throw new Error(`expected a token of ${sessionTokenBytesMax} bytes, got ${sizeBytes}`);
  } catch (error) {
    await close(null);
    throw error;
  }
}
