/** SHA-256 over bytes that come in pieces: the name of every immutable file. */
import { createHash } from "node:crypto";

/** A digest under way. */
export interface Digest {
  /** Takes more bytes, and keeps nothing of them. */
  update(bytes: Uint8Array): void;
  /** The digest as 64 lower-case hexadecimal digits. Ends it. */
  hex(): string;
}

/** Starts a SHA-256. */
export function sha256(): Digest {
  const hash = createHash("sha256");
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    hex: () => hash.digest("hex"),
  };
}

/** The SHA-256 of bytes, 64 lower-case hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  const digest = sha256();
  digest.update(bytes);
  return digest.hex();
}
