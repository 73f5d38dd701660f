/** Sinks of tests: one that counts and is full when told, one that keeps all. */
import { Buffer } from "node:buffer";
import type { CopySink } from "../../../../connectors/postgres/wire/copy-sink.ts";

/** Counts; full from `bytesMax` bytes on, until it is emptied. */
export class CountingSink implements CopySink {
  readonly #bytesMax: number;
  #held = 0;
  bytes = 0;
  calls = 0;
  flushes = 0;

  constructor(bytesMax: number = Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax;
  }

  get isFull(): boolean {
    return this.#held >= this.#bytesMax;
  }

  push(_bytes: Uint8Array, start: number, end: number): void {
    this.calls += 1;
    this.bytes += end - start;
    this.#held += end - start;
  }

  flush(): void {
    this.flushes += 1;
  }

  empty(): void {
    this.#held = 0;
  }
}

/** Keeps what it was given. */
export class KeepingSink implements CopySink {
  readonly isFull = false;
  readonly #parts: Buffer[] = [];
  /** Not copied before the flush, until which they must stay. */
  readonly #given: Uint8Array[] = [];

  push(bytes: Uint8Array, start: number, end: number): void {
    this.#given.push(bytes.subarray(start, end));
  }

  flush(): void {
    for (const bytes of this.#given.splice(0)) this.#parts.push(Buffer.from(bytes));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
