/** A builder of the types whose values all have one width. */
import type { Vector } from "../../core/batch.ts";
import { widthOf, type FixedType } from "../fixed-width.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { valueError } from "../value-error.ts";
import type { VectorBuilder } from "../vector-builder.ts";
import { setValueOf } from "./set-value.ts";
import { ValidityBuilder } from "./validity-builder.ts";

/** A builder of one of these types. */
export function fixedBuilder(type: FixedType, column: string): VectorBuilder {
  const width = widthOf(type);
  const setValue = setValueOf(type);
  const validity = new ValidityBuilder();
  const values = new GrowingBytes();
  return {
    get length() {
      return validity.length;
    },
    get sizeBytes() {
      return validity.sizeBytes + values.sizeBytes;
    },
    append: (value) => {
      if (value === null || value === undefined) {
        values.appendZeros(width);
        validity.append(0);
        return;
      }
      values.reserve(width);
      const fault = setValue(values.view, values.sizeBytes, value);
      if (fault !== null) throw valueError(fault, { column, type }, value);
      values.sizeBytes += width;
      validity.append(1);
    },
    truncate: (length) => {
      validity.truncate(length);
      values.sizeBytes = length * width;
    },
    finish: (): Vector => ({
      type,
      ...validity.take(),
      offsets: null,
      values: values.take(),
      children: [],
    }),
  };
}
