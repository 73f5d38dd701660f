/** The messages that a client sends, as bytes. */
import { Buffer } from "node:buffer";

const protocolVersion = 3 * 65_536;
const cancelCode = 1234 * 65_536 + 5678;
const tlsCode = 1234 * 65_536 + 5679;

/** Begins a session; the parameters are in order, `user` among them. */
export function startupMessage(parameters: Readonly<Record<string, string>>): Uint8Array {
  const fields = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.from(`${fields.join("")}\0`);
  return Buffer.concat([int32(body.length + 8), int32(protocolVersion), body]);
}

/** Asks for TLS, before anything else. */
export function tlsRequest(): Uint8Array {
  return Buffer.concat([int32(8), int32(tlsCode)]);
}

/** Asks, on a connection of its own, to cancel what another one runs. */
export function cancelRequest(key: CancelKey): Uint8Array {
  return Buffer.concat([int32(12 + 4), int32(cancelCode), int32(key.processId), key.secret]);
}

/** What a server wants to hear before it cancels something. */
export interface CancelKey {
  /** Of the server's process, as a signed number of four bytes. */
  readonly processId: number;
  /** Four bytes. */
  readonly secret: Uint8Array;
}

/** A statement, or several, in the simple protocol. */
export function queryMessage(sql: string): Uint8Array {
  return message("Q", Buffer.from(`${sql}\0`));
}

/** A password, plain or as an md5 digest. */
export function passwordMessage(password: string): Uint8Array {
  return message("p", Buffer.from(`${password}\0`));
}

/** Chooses a SASL mechanism, with its first message. */
export function saslInitialMessage(mechanism: string, first: string): Uint8Array {
  const data = Buffer.from(first);
  return message("p", Buffer.concat([Buffer.from(`${mechanism}\0`), int32(data.length), data]));
}

/** A later message of a SASL mechanism. */
export function saslMessage(data: string): Uint8Array {
  return message("p", Buffer.from(data));
}

/** Says goodbye. */
export function terminateMessage(): Uint8Array {
  return message("X", Buffer.alloc(0));
}

function message(letter: string, body: Buffer): Uint8Array {
  return Buffer.concat([Buffer.from(letter), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
