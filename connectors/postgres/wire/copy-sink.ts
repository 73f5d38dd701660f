/** What takes the payload of CopyData messages. */
export interface CopySink {
  /**
   * Takes bytes[start, end), in order, cut anywhere; they stay as they are until `flush`. A throw
   * ends the copy.
   */
  push(bytes: Uint8Array, start: number, end: number): void;
  /**
   * Called after the last push of what came at once, before its bytes are written over. A throw
   * ends the copy.
   */
  flush(): void;
  /** Whether enough was taken for now; looked at after each chunk from the socket. */
  readonly isFull: boolean;
}
