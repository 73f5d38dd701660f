/**
 * Cuts the server's bytes into messages, however the network cut them.
 *
 * Payload of CopyData is handed on where it lies, in pieces where a message is cut: nothing is
 * gathered, whatever a row weighs. Every other message is small, is bounded before a byte of it is
 * kept, and is handed on whole.
 */
import { MessageBody } from "./message-body.ts";
import { ProtocolFault } from "./protocol-fault.ts";

/** What takes the messages. What it throws comes out of `feed`. */
export interface MessageHandler {
  /** A whole message other than CopyData; its body is valid during the call only. */
  message(type: number, body: MessageBody): void;
  /** Payload of CopyData, bytes[start, end), not empty; valid during the call only. */
  copyData(bytes: Uint8Array, start: number, end: number): void;
}

/** The most bytes of a message that is no data. */
export const controlBytesMax = 1024 * 1024;
/** The most bytes of one row of a query's result. */
export const rowBytesMax = 16 * 1024 * 1024;

/** The letters that messages from the server begin with. */
export const backend = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  commandComplete: 0x43, // C
  copyBoth: 0x57, // W
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyIn: 0x47, // G
  copyOut: 0x48, // H
  dataRow: 0x44, // D
  emptyQuery: 0x49, // I
  error: 0x45, // E
  negotiateVersion: 0x76, // v
  notice: 0x4e, // N
  notification: 0x41, // A
  parameterStatus: 0x53, // S
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
} as const;

const known: ReadonlySet<number> = new Set(Object.values(backend));
const headerBytes = 5;

/** A reader of one connection's messages. */
export class MessageReader {
  #handler: MessageHandler;
  readonly #header = new Uint8Array(headerBytes);
  #headerHas = 0;
  #type = 0;
  /** What is still to come of the message at hand; its header is whole then. */
  #left = 0;
  /** The part that came of a message that is gathered. */
  #parts: Uint8Array | null = null;

  constructor(handler: MessageHandler) {
    this.#handler = handler;
  }

  /** Who takes the messages from now on. */
  handTo(handler: MessageHandler): void {
    this.#handler = handler;
  }

  /** Takes bytes[start, end). Throws ProtocolFault, and then must not be fed again. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    let at = this.#headerHas === 0 ? start : this.#goOn(bytes, start, end);
    while (end - at >= headerBytes) {
      const type = bytes[at] ?? 0;
      const left = lengthAt(bytes, at + 1) - 4;
      const body = at + headerBytes;
      const isCopyData = type === backend.copyData;
      if (!isCopyData || left < 0) check(type, left);
      if (body + left > end) break;
      at = body + left;
      if (!isCopyData) this.#handler.message(type, new MessageBody(bytes, body, at));
      else if (left > 0) this.#handler.copyData(bytes, body, at);
    }
    if (at < end) this.#goOn(bytes, at, end);
  }

  /** Works on the message that is cut, and answers where the bytes after its part begin. */
  #goOn(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#headerHas < headerBytes) {
      while (this.#headerHas < headerBytes && at < end) {
        this.#header[this.#headerHas] = bytes[at] ?? 0;
        this.#headerHas += 1;
        at += 1;
      }
      if (this.#headerHas < headerBytes) return at;
      this.#begin();
    }
    const taken = Math.min(this.#left, end - at);
    if (this.#type === backend.copyData) {
      this.#left -= taken;
      if (taken > 0) this.#handler.copyData(bytes, at, at + taken);
    } else {
      this.#gather(bytes, at, taken);
    }
    if (this.#left === 0) this.#finish();
    return at + taken;
  }

  #begin(): void {
    this.#type = this.#header[0] ?? 0;
    this.#left = lengthAt(this.#header, 1) - 4;
    check(this.#type, this.#left);
    if (this.#type !== backend.copyData) this.#parts = new Uint8Array(this.#left);
  }

  #gather(bytes: Uint8Array, at: number, taken: number): void {
    const parts = this.#parts ?? new Uint8Array();
    parts.set(bytes.subarray(at, at + taken), parts.length - this.#left);
    this.#left -= taken;
  }

  #finish(): void {
    const parts = this.#parts;
    this.#headerHas = 0;
    this.#parts = null;
    if (parts !== null) this.#handler.message(this.#type, new MessageBody(parts, 0, parts.length));
  }
}

function check(type: number, left: number): void {
  if (!known.has(type)) throw new ProtocolFault(`a message of type 0x${type.toString(16)}`);
  if (left < 0) throw new ProtocolFault(`a message of ${left + 4} bytes, length included`);
  if (type === backend.copyData) return;
  const max = type === backend.dataRow ? rowBytesMax : controlBytesMax;
  if (left > max) throw new ProtocolFault(`a message of ${left} bytes where ${max} are allowed`);
}

/** A signed number of four bytes; a length beyond 2^31 - 1 is negative, and refused as such. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}
