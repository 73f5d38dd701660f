/**
 * What a server says while a connection is made: one answer after another, each awaited.
 *
 * Only the few messages of a startup go through it; it hands the reader over to the connection.
 */
import { MessageBody } from "./message-body.ts";
import { MessageReader, type MessageHandler } from "./message-reader.ts";
import type { SocketListener } from "./pg-socket.ts";
import { ProtocolFault } from "./protocol-fault.ts";

/** A message, with a body of its own. */
export interface Received {
  readonly type: number;
  readonly body: MessageBody;
}

/** The most messages that may come unasked. */
export const waitingMax = 256;

/** Answers of a server that was not asked for data yet. */
export class Inbox implements SocketListener, MessageHandler {
  readonly reader: MessageReader = new MessageReader(this);
  readonly #waiting: Received[] = [];
  #state: "byte" | "messages" = "messages";
  #ask: { resolve: (received: Received) => void; reject: (error: unknown) => void } | null = null;
  #end: { readonly error: unknown } | null = null;

  /** The next byte, outside of any message; more than one is a breach: nothing was asked. */
  async byte(): Promise<number> {
    this.#state = "byte";
    const { type } = await this.next();
    this.#state = "messages";
    return type;
  }

  /** The next message. Rejects with the error that ended the socket, null included. */
  next(): Promise<Received> {
    const received = this.#waiting.shift();
    if (received !== undefined) return Promise.resolve(received);
    return new Promise((resolve, reject) => {
      if (this.#end === null) this.#ask = { resolve, reject };
      else reject(new SocketEnded(this.#end.error));
    });
  }

  /** Messages that came behind the one that was asked for last, and are whole. */
  takeRest(): readonly Received[] {
    return this.#waiting.splice(0);
  }

  chunk(bytes: Uint8Array, end: number): void {
    if (this.#state === "messages") {
      this.reader.feed(bytes, 0, end);
      return;
    }
    // More could be a plain text that somebody between us put before the encrypted ones.
    if (end !== 1) throw new ProtocolFault(`${end} bytes where one was asked for`);
    this.#take({ type: bytes[0] ?? 0, body: new MessageBody(new Uint8Array(), 0, 0) });
  }

  message(type: number, body: MessageBody): void {
    const copy = body.copy(body.left);
    this.#take({ type, body: new MessageBody(copy, 0, copy.length) });
  }

  copyData(): void {
    throw new ProtocolFault("data that nobody asked for");
  }

  gone(error: unknown): void {
    this.#end = { error };
    this.#ask?.reject(new SocketEnded(error));
    this.#ask = null;
  }

  #take(received: Received): void {
    const ask = this.#ask;
    if (ask !== null) {
      this.#ask = null;
      ask.resolve(received);
    } else if (this.#waiting.length < waitingMax) {
      this.#waiting.push(received);
    } else {
      throw new ProtocolFault(`more than ${waitingMax} messages that nobody asked for`);
    }
  }
}

/** The socket ended; its cause is why, null where it was closed in order. */
export class SocketEnded extends Error {
  constructor(cause: unknown) {
    super("the socket ended", { cause });
    this.name = "SocketEnded";
  }
}
