/** A builder of the types whose values are bytes that offsets cut: text, json and binary. */
import type { Vector } from "../../core/batch.ts";
import type { DataType } from "../../core/type.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { valueError, type ValueFault } from "../value-error.ts";
import type { VectorBuilder } from "../vector-builder.ts";
import { GrowingOffsets } from "./growing-offsets.ts";
import { ValidityBuilder } from "./validity-builder.ts";

/** Most bytes of all values of one vector: what its 32-bit offsets can say. */
const vectorBytesMax = 2 ** 31 - 1;

type BytesType = Extract<DataType, { kind: "text" | "json" | "binary" }>;

/** A builder of one of these types. `bytesMax` is lower in tests only. */
export function bytesBuilder(
  type: BytesType,
  column: string,
  bytesMax: number = vectorBytesMax,
): VectorBuilder {
  const validity = new ValidityBuilder();
  const offsets = new GrowingOffsets();
  const values = new GrowingBytes();
  const put = type.kind === "binary" ? putBinary : putText;
  return {
    get length() {
      return validity.length;
    },
    get sizeBytes() {
      return validity.sizeBytes + offsets.sizeBytes + values.sizeBytes;
    },
    append: (value) => {
      const start = values.sizeBytes;
      if (value !== null && value !== undefined) {
        const fault = type.kind === "json" ? jsonFault(value) : null;
        const found = fault ?? put(values, value);
        if (found === null && values.sizeBytes <= bytesMax) validity.append(1);
        else {
          values.sizeBytes = start;
          throw valueError(found ?? "too_large", { column, type }, value);
        }
      } else {
        validity.append(0);
      }
      offsets.append(values.sizeBytes);
    },
    truncate: (length) => {
      validity.truncate(length);
      values.sizeBytes = offsets.truncate(length);
    },
    finish: (): Vector => ({
      type,
      ...validity.take(),
      offsets: offsets.take(),
      values: values.take(),
      children: [],
    }),
  };
}

const encoder = new TextEncoder();

function putText(values: GrowingBytes, value: unknown): ValueFault | null {
  if (typeof value !== "string") return "wrong_type";
  if (!value.isWellFormed()) return "not_unicode";
  if (value.length > vectorBytesMax / 3) return "too_large";
  // UTF-8 takes at most three bytes for one unit of UTF-16.
  values.reserve(value.length * 3);
  values.sizeBytes += encoder.encodeInto(value, values.bytes.subarray(values.sizeBytes)).written;
  return null;
}

function putBinary(values: GrowingBytes, value: unknown): ValueFault | null {
  if (!(value instanceof Uint8Array)) return "wrong_type";
  if (value.byteLength > vectorBytesMax) return "too_large";
  values.append(value);
  return null;
}

function jsonFault(value: unknown): ValueFault | null {
  if (typeof value !== "string") return "wrong_type";
  try {
    JSON.parse(value);
    return null;
  } catch {
    return "not_json";
  }
}
