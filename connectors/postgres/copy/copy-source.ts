/** Bytes of a COPY to read from, by both of the ways that are fast for one thing each. */
export interface CopySource {
  readonly bytes: Uint8Array;
  /** Of exactly these bytes. */
  readonly view: DataView;
}

/** A source over bytes. */
export function copySource(bytes: Uint8Array): CopySource {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}
