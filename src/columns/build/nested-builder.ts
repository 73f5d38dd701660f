/** Builders of lists and structs over builders of what they hold. */
import type { Vector } from "../../core/batch.ts";
import type { DataType } from "../../core/type.ts";
import { valueError } from "../value-error.ts";
import type { VectorBuilder } from "../vector-builder.ts";
import { GrowingOffsets } from "./growing-offsets.ts";
import { ValidityBuilder } from "./validity-builder.ts";

/** Most items of all lists of one vector: what its 32-bit offsets can say. */
const itemsMax = 2 ** 31 - 1;

/** A builder of lists of what `item` builds. */
export function listBuilder(
  type: Extract<DataType, { kind: "list" }>,
  item: VectorBuilder,
  column: string,
): VectorBuilder {
  const validity = new ValidityBuilder();
  const offsets = new GrowingOffsets();
  return {
    get length() {
      return validity.length;
    },
    get sizeBytes() {
      return validity.sizeBytes + offsets.sizeBytes + item.sizeBytes;
    },
    append: (value) => {
      const isMissing = value === null || value === undefined;
      if (!isMissing) {
        if (!Array.isArray(value)) throw valueError("wrong_type", { column, type }, value);
        if (item.length + value.length > itemsMax) {
          throw valueError("too_large", { column, type }, value);
        }
        appendWhole([item], () => {
          for (const one of value as readonly unknown[]) item.append(one);
        });
      }
      validity.append(isMissing ? 0 : 1);
      offsets.append(item.length);
    },
    truncate: (length) => {
      validity.truncate(length);
      item.truncate(offsets.truncate(length));
    },
    finish: (): Vector => ({
      type,
      ...validity.take(),
      offsets: offsets.take(),
      values: new Uint8Array(),
      children: [item.finish()],
    }),
  };
}

/** A builder of structs of what `members` build, in the order of the type's fields. */
export function structBuilder(
  type: Extract<DataType, { kind: "struct" }>,
  members: readonly VectorBuilder[],
  column: string,
): VectorBuilder {
  const validity = new ValidityBuilder();
  const names = new Set(type.fields.map((field) => field.name));
  const take = (value: object): void => {
    const found = value as Readonly<Record<string, unknown>>; // any object has members
    const stray = Object.keys(found).find((name) => !names.has(name));
    if (stray !== undefined) throw valueError("unexpected_member", { column, type }, stray);
    for (const [index, field] of type.fields.entries()) {
      const member = Object.hasOwn(found, field.name) ? found[field.name] : null;
      if (!field.nullable && (member === null || member === undefined)) {
        throw valueError("missing", { column: `${column}.${field.name}`, type: field.type }, null);
      }
      members[index]?.append(member);
    }
  };
  return {
    get length() {
      return validity.length;
    },
    get sizeBytes() {
      return members.reduce((sum, member) => sum + member.sizeBytes, validity.sizeBytes);
    },
    append: (value) => {
      if (value === null || value === undefined) {
        for (const member of members) member.append(null);
        validity.append(0);
        return;
      }
      const isObject = typeof value === "object" && !Array.isArray(value);
      if (!isObject) throw valueError("wrong_type", { column, type }, value);
      appendWhole(members, () => take(value));
      validity.append(1);
    },
    truncate: (length) => {
      validity.truncate(length);
      for (const member of members) member.truncate(length);
    },
    finish: (): Vector => ({
      type,
      ...validity.take(),
      offsets: null,
      values: new Uint8Array(),
      children: members.map((member) => member.finish()),
    }),
  };
}

/** Appends to builders; whatever fails leaves them as they were. */
function appendWhole(builders: readonly VectorBuilder[], append: () => void): void {
  const lengths = builders.map((builder) => builder.length);
  try {
    append();
  } catch (error) {
    for (const [index, builder] of builders.entries()) builder.truncate(lengths[index] ?? 0);
    throw error;
  }
}
