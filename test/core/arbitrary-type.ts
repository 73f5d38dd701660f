/** Random types for properties: every kind, nested, with the shapes that promotions turn on. */
import fc from "fast-check";
import type { DataType, Field } from "../../src/core/type.ts";

const decimalTypes = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) =>
    fc
      .oneof(fc.constant(0), fc.integer({ min: 0, max: precision }))
      .map((scale): DataType => ({ kind: "decimal", precision, scale })),
  );

const intTypes = fc.record({
  kind: fc.constant("int" as const),
  bits: fc.constantFrom(8 as const, 16 as const, 32 as const, 64 as const),
  signed: fc.boolean(),
});

const floatTypes = fc.constantFrom<DataType>(
  { kind: "float", bits: 32 },
  { kind: "float", bits: 64 },
);

/** Types of numbers. */
export const numberTypes: fc.Arbitrary<DataType> = fc.oneof(intTypes, decimalTypes, floatTypes);

const otherTypes = fc.constantFrom<DataType>(
  { kind: "null" },
  { kind: "bool" },
  { kind: "text" },
  { kind: "text", tag: "enum" },
  { kind: "text", tag: "numeric" },
  { kind: "json" },
  { kind: "uuid" },
  { kind: "binary" },
  { kind: "date" },
  { kind: "time" },
  { kind: "timestamp", zoned: true },
  { kind: "timestamp", zoned: false },
);

/** Types that hold no others. */
export const flatTypes: fc.Arbitrary<DataType> = fc.oneof(
  { weight: 3, arbitrary: numberTypes },
  { weight: 1, arbitrary: otherTypes },
);

/** Members whose names are few, so that structs meet, and may differ from another's in case. */
function fieldsOf(types: fc.Arbitrary<DataType>): fc.Arbitrary<Field[]> {
  const field = fc.record({
    name: fc.constantFrom("a", "b", "c", "A"),
    type: types,
    nullable: fc.boolean(),
  });
  return fc.uniqueArray(field, { maxLength: 3, selector: ({ name }) => name.toLowerCase() });
}

/** All types, nested ones at most three deep. */
export const dataTypes: fc.Arbitrary<DataType> = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthIdentifier: "type", withCrossShrink: true },
    { weight: 6, arbitrary: flatTypes },
    { weight: 1, arbitrary: tie("type").map((item): DataType => ({ kind: "list", item })) },
    {
      weight: 1,
      arbitrary: fieldsOf(tie("type")).map((fields): DataType => ({ kind: "struct", fields })),
    },
  ),
})).type;

/** The type with the members of every struct in the order of their names. */
export function withSortedMembers(type: DataType): DataType {
  if (type.kind === "list") return { kind: "list", item: withSortedMembers(type.item) };
  if (type.kind !== "struct") return type;
  const fields = type.fields
    .map((field) => ({ ...field, type: withSortedMembers(field.type) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: "struct", fields };
}
