/** What encoding the values of a page gives, beside the bytes that it appends. */

/** Parquet's encodings, by their codes, as far as they are used. */
export const encodings = {
  plain: 0,
  rle: 3,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  rleDictionary: 8,
} as const;

/** The code of an encoding. */
export type Encoding = (typeof encodings)[keyof typeof encodings];

/** Between which values all others lie, in the order of the column's type, as PLAIN writes them. */
export interface Bounds {
  readonly min: Uint8Array;
  readonly max: Uint8Array;
  /** Whether the bound is itself a value: long texts are cut. */
  readonly isMinExact: boolean;
  readonly isMaxExact: boolean;
}

/** The values of a page, whose bytes were appended to the page's. */
export interface EncodedValues {
  readonly encoding: Encoding;
  /** Null where there is no value, or no order that all readers share. */
  readonly bounds: Bounds | null;
  /** Of floats, else null. */
  readonly nanCount: number | null;
  /** The entries that were appended to the dictionary's bytes; null where there is none. */
  readonly dictionaryEntries: number | null;
}

/** Values with exact bounds and nothing else to tell. */
export function exactly(encoding: Encoding, min: Uint8Array, max: Uint8Array): EncodedValues {
  return {
    encoding,
    bounds: { min, max, isMinExact: true, isMaxExact: true },
    nanCount: null,
    dictionaryEntries: null,
  };
}
