/** What every part of a run actor's work shares: the order, its means, and what it has staged. */
import type { ActorRef } from "../../actors/conversation.ts";
import type { BodyEntry } from "../../context/journal/ordering-gate.ts";
import type { JournalWriter } from "../../context/journal/writer.ts";
import type { DuckDb } from "../../context/duckdb/open-duckdb.ts";
import type { StagingRun } from "../../context/stage/staging.ts";
import { HakiriError } from "../../core/error.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Scanner } from "../../core/ports/scanner.ts";
import type { Source } from "../../core/ports/source.ts";
import type { RunAnswers, RunAsk, RunOrder, RunTell } from "../protocol.ts";
import type { Trace } from "../trace.ts";

/** The control process, asked and told. */
export interface Control {
  ask<K extends RunAsk["type"]>(ask: Extract<RunAsk, { type: K }>): Promise<RunAnswers[K]>;
  /** Says it if there is room to: what is said by this is good to know, and no more. */
  tell(tell: Extract<RunTell, { type: "progress" | "notice" }>): void;
  /** Says it, and resolves once it was heard. */
  say(tell: Extract<RunTell, { type: "spans" | "done" }>): Promise<void>;
}

/** What a run's parts share. */
export interface RunFrame {
  readonly order: RunOrder;
  readonly control: Control;
  readonly source: Source;
  readonly scanner: Scanner;
  readonly staging: StagingRun;
  readonly duckDb: DuckDb;
  readonly journal: RunJournal;
  readonly trace: Trace;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal;
}

/** How long the control process may take to answer, milliseconds. */
const answerMs = 60_000;

/** The owner of a run actor as its control process. */
export function controlOf(
  owner: ActorRef<RunAsk | RunTell, RunAnswers[RunAsk["type"]] | null>,
): Control {
  return {
    async ask<K extends RunAsk["type"]>(ask: Extract<RunAsk, { type: K }>) {
      // Each kind of ask has its own answer; both sides are of one release.
      return (await owner.ask(ask, { deadlineMs: answerMs })) as RunAnswers[K];
    },
    tell: (tell) => {
      try {
        owner.tell(tell);
      } catch (error) {
        if (!(error instanceof HakiriError) || error.code !== "actor.mailbox_full") throw error;
      }
    },
    say: async (tell) => {
      await owner.ask(tell, { deadlineMs: answerMs });
    },
  };
}

/** The journal of this attempt, and every line that it holds. */
export class RunJournal {
  readonly #writer: JournalWriter;
  readonly #entries: BodyEntry[];
  #writtenBatches: number;

  constructor(writer: JournalWriter, adopted: readonly BodyEntry[]) {
    this.#writer = writer;
    this.#entries = [...adopted];
    this.#writtenBatches = adopted.filter(({ kind }) => kind === "batch").length;
  }

  /** Every durable line after the header, in order of durability. */
  get entries(): readonly BodyEntry[] {
    return this.#entries;
  }

  /** Durable lines of kind `batch`. */
  get writtenBatches(): number {
    return this.#writtenBatches;
  }

  /** Resolves when the line is durable. */
  async append(entry: BodyEntry): Promise<void> {
    await this.#writer.append(entry);
    this.#entries.push(entry);
    if (entry.kind === "batch") this.#writtenBatches += 1;
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }
}
