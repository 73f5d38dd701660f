/** COPY TO STDOUT, pulled: what runs, and whether somebody waits for it. */
import type { HakiriError } from "../../../src/connector.ts";
import type { Activity } from "./activity.ts";
import type { CopySink } from "./copy-sink.ts";
import type { MessageBody } from "./message-body.ts";
import { backend } from "./message-reader.ts";
import { ProtocolFault } from "./protocol-fault.ts";

type State =
  | { readonly kind: "sent" }
  | { readonly kind: "data" }
  | { readonly kind: "done" }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly error: unknown };

/** Why a pump stopped. */
export type PumpEnd = "full" | "end";

/** One copy. The connection brakes the socket; this says when. */
export class CopyActivity implements Activity {
  readonly #sink: CopySink;
  #state: State = { kind: "sent" };
  #error: HakiriError | null = null;
  #pump: { resolve: (end: PumpEnd) => void; reject: (error: unknown) => void } | null = null;

  constructor(sink: CopySink) {
    this.#sink = sink;
  }

  /** Whether the server is through with it. */
  get isOver(): boolean {
    return this.#state.kind === "ended" || this.#state.kind === "failed";
  }

  /** Whether the sink takes more. */
  get isFull(): boolean {
    return this.#sink.isFull;
  }

  /** Resolves at the next stop; one at a time. */
  wait(): Promise<PumpEnd> {
    if (this.#state.kind === "ended") return Promise.resolve("end");
    if (this.#pump !== null) throw new Error("the copy is pumped already");
    return new Promise((resolve, reject) => {
      if (this.#state.kind === "failed") reject(asError(this.#state.error));
      else this.#pump = { resolve, reject };
    });
  }

  /** Ends the wait, since the sink is full. */
  stop(): void {
    this.#pump?.resolve("full");
    this.#pump = null;
  }

  message(type: number, body: MessageBody): void {
    const { kind } = this.#state;
    if (type === backend.copyOut && kind === "sent") {
      if (body.byte() !== 1) throw new ProtocolFault("a copy that is not binary");
      this.#state = { kind: "data" };
    } else if (type === backend.copyDone && kind === "data") {
      this.#sink.flush();
      this.#state = { kind: "done" };
    } else if (type !== backend.commandComplete || kind !== "done") {
      throw new ProtocolFault(`a message of type 0x${type.toString(16)} within a copy`);
    }
  }

  copyData(bytes: Uint8Array, start: number, end: number): void {
    if (this.#state.kind !== "data") throw new ProtocolFault("data outside of a copy");
    this.#sink.push(bytes, start, end);
  }

  /** Has the sink let go of the bytes that came at once. */
  flush(): void {
    if (this.#state.kind === "data") this.#sink.flush();
  }

  report(error: HakiriError): void {
    this.#error ??= error;
  }

  ready(): void {
    if (this.#error !== null) {
      this.fail(this.#error);
      return;
    }
    if (this.#state.kind !== "done") throw new ProtocolFault("the end of a copy without its data");
    this.#state = { kind: "ended" };
    this.#pump?.resolve("end");
    this.#pump = null;
  }

  fail(error: unknown): void {
    this.#state = { kind: "failed", error: this.#error ?? error };
    this.#pump?.reject(this.#error ?? error);
    this.#pump = null;
  }
}

/** What a sink throws is an error; anything else is told as one. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("the copy failed", { cause: error });
}
