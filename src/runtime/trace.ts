/**
 * The spans of a run: run, stream, batch and what they wait for. Recorded in whichever thread does
 * the work, sent on in bundles, and stored with the run.
 *
 *   Owns:    the ids of spans, and how many are kept.
 *   Doesn't: know where they go, or how OpenTelemetry spells them.
 *   T1. A span is sent once, when it ends; one that never ends is never sent.
 *   T2. At most `spansPerRunMax` are sent; later ones are dropped.
 *   T3. A bundle has at most `bundleSpansMax` spans, and about as many characters as may be.
 */
import type { SpanRecord } from "../core/catalog-command.ts";
import type { Json } from "../core/json.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";

/** Most spans that one run keeps. */
export const spansPerRunMax = 10_000;

/** Most spans that are sent together. */
const bundleSpansMax = 64;

/** Spans of so many characters as JSON are sent: well below a control message's 64 KiB. */
const bundleCharactersMax = 16 * 1024;

/** A span under way. */
export interface OpenSpan {
  /** 16 hexadecimal digits, as W3C Trace Context has them. */
  readonly spanId: string;
  /** Ends it. The second call of two does nothing. */
  end(outcome: { readonly ok: boolean; readonly attributes?: SpanAttributes }): void;
}

/** What is known of a span beside its times: counts, names, error codes; never a secret. */
export type SpanAttributes = { readonly [key: string]: Json };

/** Records the spans of one run. */
export class Trace {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #send: (spans: readonly SpanRecord[]) => void;
  #waiting: SpanRecord[] = [];
  #characters = 0;
  #count = 0;

  constructor(clock: Clock, random: Random, send: (spans: readonly SpanRecord[]) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#send = send;
  }

  /** Begins a span now; `parentId` is null for the run's own. */
  start(name: string, parentId: string | null, attributes: SpanAttributes = {}): OpenSpan {
    const spanId = this.#random.bytes(8).toHex();
    const startedAt = this.#clock.nowMicros();
    let open = true;
    return {
      spanId,
      end: (outcome) => {
        if (!open) return;
        open = false;
        this.#keep({
          spanId,
          parentId,
          name,
          startedAt: String(startedAt),
          endedAt: String(this.#clock.nowMicros()),
          ok: outcome.ok,
          attributes: { ...attributes, ...outcome.attributes },
        });
      },
    };
  }

  /** Sends what waits; call it at the run's end. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#send(this.#waiting);
    this.#waiting = [];
    this.#characters = 0;
  }

  #keep(span: SpanRecord): void {
    this.#count += 1;
    if (this.#count > spansPerRunMax) return;
    this.#waiting.push(span);
    this.#characters += JSON.stringify(span).length;
    const isFull = this.#characters >= bundleCharactersMax;
    if (isFull || this.#waiting.length >= bundleSpansMax) this.flush();
  }
}
