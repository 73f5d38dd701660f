/** What takes the payload of CopyData messages. */
export interface CopySink {
  /**
   * Takes bytes[start, end), in order, cut anywhere; they are valid during the call only. A throw
   * ends the copy.
   */
  push(bytes: Uint8Array, start: number, end: number): void;
  /** Whether enough was taken for now; looked at after each chunk from the socket. */
  readonly isFull: boolean;
}
