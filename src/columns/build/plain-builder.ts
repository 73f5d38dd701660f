/** Builders of the columns that have at most a bit a row: bool, and null. */
import type { Vector } from "../../core/batch.ts";
import { bitmapBytes, setBit } from "../bitmap.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { valueError } from "../value-error.ts";
import type { VectorBuilder } from "../vector-builder.ts";
import { ValidityBuilder } from "./validity-builder.ts";

const nullType = { kind: "null" } as const;
const boolType = { kind: "bool" } as const;

/** A builder of a column that never has a value. */
export function nullBuilder(column: string): VectorBuilder {
  let length = 0;
  return {
    get length() {
      return length;
    },
    sizeBytes: 0,
    append: (value) => {
      if (value !== null && value !== undefined) {
        throw valueError("wrong_type", { column, type: nullType }, value);
      }
      length += 1;
    },
    truncate: (to) => {
      length = to;
    },
    finish: (): Vector => {
      const rows = length;
      length = 0;
      return {
        type: nullType,
        length: rows,
        nullCount: rows,
        validity: null,
        offsets: null,
        values: new Uint8Array(),
        children: [],
      };
    },
  };
}

/** A builder of booleans. */
export function boolBuilder(column: string): VectorBuilder {
  const validity = new ValidityBuilder();
  const bits = new GrowingBytes();
  return {
    get length() {
      return validity.length;
    },
    get sizeBytes() {
      return validity.sizeBytes + bits.sizeBytes;
    },
    append: (value) => {
      const isMissing = value === null || value === undefined;
      if (!isMissing && typeof value !== "boolean") {
        throw valueError("wrong_type", { column, type: boolType }, value);
      }
      if ((validity.length & 7) === 0) bits.appendZeros(1);
      setBit(bits.bytes, validity.length, value === true ? 1 : 0);
      validity.append(isMissing ? 0 : 1);
    },
    truncate: (length) => {
      validity.truncate(length);
      bits.sizeBytes = bitmapBytes(length);
      for (let row = length; row < bits.sizeBytes * 8; row += 1) setBit(bits.bytes, row, 0);
    },
    finish: (): Vector => ({
      type: boolType,
      ...validity.take(),
      offsets: null,
      values: bits.take(),
      children: [],
    }),
  };
}
