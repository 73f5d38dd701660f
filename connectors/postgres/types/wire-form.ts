/**
 * How the values of a column stand in COPY BINARY, which is what the server's send function of the
 * type writes. Numbers are big endian.
 */

/** The form of one value on the wire, its length prefix aside. */
export type WireForm =
  /** One byte, 0 or 1. */
  | { readonly kind: "bool" }
  /** An integer or a float of so many bytes, taken as it is. */
  | { readonly kind: "number"; readonly bytes: 2 | 4 | 8 }
  /** int32 days since 2000-01-01; the extremes are the infinite dates. */
  | { readonly kind: "date" }
  /** int64 microseconds since midnight, 24:00:00 included. */
  | { readonly kind: "time" }
  /** int64 microseconds since 2000-01-01; the extremes are the infinite moments. */
  | { readonly kind: "timestamp" }
  /** 16 bytes. */
  | { readonly kind: "uuid" }
  /** numeric's digits to base 10000, which become a decimal of that precision and scale. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  /** The same digits, which become the text that the server prints. */
  | { readonly kind: "numeric-text" }
  /** The same digits, which become the nearest float64. */
  | { readonly kind: "numeric-double" }
  /** Bytes of text in UTF-8. */
  | { readonly kind: "text" }
  /** Bytes that are no text. */
  | { readonly kind: "bytes" }
  /** A version byte, 1, and text. */
  | { readonly kind: "jsonb" }
  /** Family, bits, whether it is a cidr, length and address. */
  | { readonly kind: "network" }
  /** 6 or 8 bytes. */
  | { readonly kind: "mac" }
  /** Dimensions, the items' oid, and the items, each with its length before it. */
  | {
      readonly kind: "array";
      readonly item: WireForm;
      readonly itemOid: number;
      readonly dimensions: number;
    };
