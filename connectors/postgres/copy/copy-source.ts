/** Bytes of a COPY to read from, by both of the ways that are fast for one thing each. */
export interface CopySource {
  /** No Buffer, whose `subarray` costs as much as a row. */
  readonly bytes: Uint8Array;
  /** Of exactly these bytes. */
  readonly view: DataView;
}

/** A source over bytes. */
export function copySource({ buffer, byteOffset, byteLength }: Uint8Array): CopySource {
  return {
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
  };
}
