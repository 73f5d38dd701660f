/** What a connection is busy with: one statement, from its sending to the server being ready. */
import type { HakiriError } from "../../../src/connector.ts";
import type { MessageBody } from "./message-body.ts";

/** A statement that runs. */
export interface Activity {
  /** A message of its own; what concerns the whole connection never comes here. */
  message(type: number, body: MessageBody): void;
  /** Payload of CopyData, valid during the call only. */
  copyData(bytes: Uint8Array, start: number, end: number): void;
  /** The server reported that it failed; `ready` or `fail` follow. */
  report(error: HakiriError): void;
  /** It is over, and the server waits for the next one. */
  ready(): void;
  /** It is over, and so is the connection. */
  fail(error: unknown): void;
}
