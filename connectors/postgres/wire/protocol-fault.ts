/** What the other side sent is not the protocol; the connection, which knows who it is, says so. */

/** A breach of the protocol, before it is told as a failure of one server. */
export class ProtocolFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProtocolFault";
  }
}
