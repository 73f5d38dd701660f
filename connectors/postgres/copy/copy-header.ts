/** What COPY BINARY begins with: a signature, flags, and an extension that is skipped. */
import { copyMalformed } from "./copy-error.ts";

const signature = Uint8Array.from([
  0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00,
]);
/** The signature, 32 bits of flags and 32 bits of the extension's length. */
const fixedBytes = signature.byteLength + 8;
const flagsAt = signature.byteLength;
/** A reader must know what these bits mean; there is none that a server of today sets. */
const criticalFlags = 0xff_ff_00_00;

/** Takes the header, cut anywhere. */
export class CopyHeader {
  readonly #fixed = new Uint8Array(fixedBytes);
  #taken = 0;
  #skip = 0;

  /** Whether rows come next. */
  get isDone(): boolean {
    return this.#taken === fixedBytes && this.#skip === 0;
  }

  /** Takes of bytes[start, end) what belongs to the header, and returns where that ends. */
  take(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#taken < fixedBytes) {
      const byte = bytes[at] ?? 0;
      const expected = signature[this.#taken];
      if (expected !== undefined && byte !== expected) {
        throw copyMalformed("the signature of binary COPY", `byte ${byte}`);
      }
      this.#fixed[this.#taken] = byte;
      this.#taken += 1;
      at += 1;
      if (this.#taken === fixedBytes) this.#readFixed();
    }
    const step = Math.min(end - at, this.#skip);
    this.#skip -= step;
    return at + step;
  }

  #readFixed(): void {
    const view = new DataView(this.#fixed.buffer);
    const flags = view.getUint32(flagsAt);
    if ((flags & criticalFlags) !== 0) {
      throw copyMalformed("no critical flags", `0x${flags.toString(16)}`);
    }
    this.#skip = view.getInt32(flagsAt + 4);
    if (this.#skip < 0) throw copyMalformed("an extension's length", String(this.#skip));
  }
}
