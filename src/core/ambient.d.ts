/*
 * The only globals beyond ECMAScript that the pure rooms may name. Every JavaScript host has them,
 * and none does I/O. Declared by hand because `lib.dom` and Node's types would bring all the rest.
 */

/** Tells that the caller no longer wants the result (WHATWG DOM, 3.2). */
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

/** Text to UTF-8 (WHATWG Encoding, 8.2). */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

/** UTF-8 to text (WHATWG Encoding, 7.2). */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
