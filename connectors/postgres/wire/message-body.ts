/** The fields of one message from the server, read in order and never past its end. */
import { Buffer } from "node:buffer";
import { ProtocolFault } from "./protocol-fault.ts";

/** A reader over a message's body. */
export class MessageBody {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  /** The body is bytes[start, end); it is not copied. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  /** How many bytes are unread. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** A byte, 0 to 255. */
  byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  /** A signed number of two bytes. */
  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  /** A signed number of four bytes. */
  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  /** An object identifier: an unsigned number of four bytes. */
  oid(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** That many bytes as UTF-8; what is none becomes U+FFFD. */
  text(sizeBytes: number): string {
    const start = this.#take(sizeBytes);
    return this.#bytes.toString("utf8", start, start + sizeBytes);
  }

  /** A copy of that many bytes. */
  copy(sizeBytes: number): Uint8Array {
    const start = this.#take(sizeBytes);
    return Uint8Array.from(this.#bytes.subarray(start, start + sizeBytes));
  }

  /** A text that ends in a zero byte, without it. */
  zeroEnded(): string {
    const zero = this.#bytes.indexOf(0, this.#at);
    if (zero < 0 || zero >= this.#end) throw new ProtocolFault("a text without its end");
    const text = this.#bytes.toString("utf8", this.#at, zero);
    this.#at = zero + 1;
    return text;
  }

  /** Throws where something is left. */
  finish(): void {
    if (this.left !== 0) throw new ProtocolFault(`${this.left} bytes after a message's fields`);
  }

  #take(sizeBytes: number): number {
    const start = this.#at;
    if (sizeBytes < 0 || start + sizeBytes > this.#end) {
      throw new ProtocolFault(`a field of ${sizeBytes} bytes where ${this.left} are left`);
    }
    this.#at = start + sizeBytes;
    return start;
  }
}
