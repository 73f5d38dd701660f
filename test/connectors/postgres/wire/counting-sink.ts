/** Sinks of tests: one that counts and is full when told, one that keeps all. */
import { Buffer } from "node:buffer";
import type { CopySink } from "../../../../connectors/postgres/wire/copy-sink.ts";

/** Counts; full from `bytesMax` bytes on, until it is emptied. */
export class CountingSink implements CopySink {
  readonly #bytesMax: number;
  #held = 0;
  bytes = 0;
  calls = 0;

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

  empty(): void {
    this.#held = 0;
  }
}

/** Keeps what it was given. */
export class KeepingSink implements CopySink {
  readonly isFull = false;
  readonly #parts: Buffer[] = [];

  push(bytes: Uint8Array, start: number, end: number): void {
    this.#parts.push(Buffer.from(bytes.subarray(start, end)));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
