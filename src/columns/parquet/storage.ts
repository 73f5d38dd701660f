/** How Parquet stores each type: its physical type, and what says more of its meaning. */
import type { DataType, NestedType } from "../../core/type.ts";
import { isNested } from "../../core/type.ts";
import type { ThriftWriter } from "./thrift-writer.ts";

/** A type without others in it. */
export type FlatType = Exclude<DataType, NestedType>;

/** A type that is one column of a file: a flat one, or a list of flat items. */
export type ColumnType = FlatType | { readonly kind: "list"; readonly item: FlatType };

/** Parquet's physical types, by their codes, as far as they are used. */
export const physicalTypes = {
  boolean: 0,
  int32: 1,
  int64: 2,
  float: 4,
  double: 5,
  byteArray: 6,
  fixedLenByteArray: 7,
} as const;

/** The code of a physical type. */
export type PhysicalType = (typeof physicalTypes)[keyof typeof physicalTypes];

const int32DigitsMax = 9;
const int64DigitsMax = 18;
const wideBytes = 16;

/** The physical type of a flat type. */
export function physicalTypeOf(type: FlatType): PhysicalType {
  switch (type.kind) {
    case "null":
    case "date":
      return physicalTypes.int32;
    case "bool":
      return physicalTypes.boolean;
    case "int":
      return type.bits === 64 ? physicalTypes.int64 : physicalTypes.int32;
    case "float":
      return type.bits === 64 ? physicalTypes.double : physicalTypes.float;
    case "decimal":
      if (type.precision <= int32DigitsMax) return physicalTypes.int32;
      if (type.precision <= int64DigitsMax) return physicalTypes.int64;
      return physicalTypes.fixedLenByteArray;
    case "text":
    case "json":
    case "binary":
      return physicalTypes.byteArray;
    case "uuid":
      return physicalTypes.fixedLenByteArray;
    case "time":
    case "timestamp":
      return physicalTypes.int64;
  }
}

/** The type as that of a column; null for one that is several in a file. */
export function columnTypeOf(type: DataType): ColumnType | null {
  if (!isNested(type)) return type;
  if (type.kind === "struct" || isNested(type.item)) return null;
  return { kind: "list", item: type.item };
}

/** The type of the values: a flat column's own, or that of a list's items. */
export function leafTypeOf(type: ColumnType): FlatType {
  return type.kind === "list" ? type.item : type;
}

/** A column as the footer's schema tells it. */
export interface SchemaColumn {
  readonly id: number;
  readonly name: string;
  readonly type: ColumnType;
}

const repetitions = { optional: 1, repeated: 2 } as const;
const listNames = { group: "list", item: "element" } as const;
const convertedList = 3;

/** The names that lead to a column's values. */
export function pathOf({ name, type }: SchemaColumn): readonly string[] {
  return type.kind === "list" ? [name, listNames.group, listNames.item] : [name];
}

/** Writes a column's SchemaElements, elements of a list: one, or three for a list. */
export function writeSchemaElements(thrift: ThriftWriter, { id, name, type }: SchemaColumn): void {
  if (type.kind !== "list") {
    writeLeaf(thrift, { id, name, type });
    return;
  }
  thrift.begin();
  thrift.i32(3, repetitions.optional);
  thrift.text(4, name);
  thrift.i32(5, 1);
  thrift.i32(6, convertedList);
  thrift.i32(9, id);
  thrift.beginField(10);
  thrift.emptyField(3);
  thrift.end();
  thrift.end();
  thrift.begin();
  thrift.i32(3, repetitions.repeated);
  thrift.text(4, listNames.group);
  thrift.i32(5, 1);
  thrift.end();
  writeLeaf(thrift, { id: null, name: listNames.item, type: type.item });
}

interface Leaf {
  /** Null for a list's item, which has none. */
  readonly id: number | null;
  readonly name: string;
  readonly type: FlatType;
}

function writeLeaf(thrift: ThriftWriter, { id, name, type }: Leaf): void {
  const physical = physicalTypeOf(type);
  thrift.begin();
  thrift.i32(1, physical);
  if (physical === physicalTypes.fixedLenByteArray) thrift.i32(2, wideBytes);
  thrift.i32(3, repetitions.optional);
  thrift.text(4, name);
  const converted = convertedTypeOf(type);
  if (converted !== null) thrift.i32(6, converted);
  if (type.kind === "decimal") {
    thrift.i32(7, type.scale);
    thrift.i32(8, type.precision);
  }
  if (id !== null) thrift.i32(9, id);
  if (hasLogicalType(type)) {
    thrift.beginField(10);
    writeLogicalType(thrift, type);
    thrift.end();
  }
  thrift.end();
}

/** What says the same as the logical type to older readers; null for none. */
function convertedTypeOf(type: FlatType): number | null {
  switch (type.kind) {
    case "text":
      return 0;
    case "decimal":
      return 5;
    case "date":
      return 6;
    case "time":
      return 8;
    case "timestamp":
      return 10;
    case "int":
      // UINT_8 to UINT_64, then INT_8 to INT_64.
      return hasLogicalType(type) ? (type.signed ? 15 : 11) + Math.log2(type.bits / 8) : null;
    case "json":
      return 19;
    case "null":
    case "bool":
    case "float":
    case "uuid":
    case "binary":
      return null;
  }
}

/** Whether the physical type leaves a doubt. */
function hasLogicalType(type: FlatType): boolean {
  switch (type.kind) {
    case "bool":
    case "float":
    case "binary":
      return false;
    case "int":
      return !type.signed || type.bits < 32;
    case "null":
    case "decimal":
    case "text":
    case "json":
    case "uuid":
    case "date":
    case "time":
    case "timestamp":
      return true;
  }
}

/** Writes the one field of the LogicalType union. */
function writeLogicalType(thrift: ThriftWriter, type: FlatType): void {
  switch (type.kind) {
    case "text":
      thrift.emptyField(1);
      return;
    case "decimal":
      thrift.beginField(5);
      thrift.i32(1, type.scale);
      thrift.i32(2, type.precision);
      thrift.end();
      return;
    case "date":
      thrift.emptyField(6);
      return;
    case "time":
      writeMicroseconds(thrift, 7, false);
      return;
    case "timestamp":
      writeMicroseconds(thrift, 8, type.zoned);
      return;
    case "int":
      thrift.beginField(10);
      thrift.byte(1, type.bits);
      thrift.bool(2, type.signed);
      thrift.end();
      return;
    case "null":
      thrift.emptyField(11);
      return;
    case "json":
      thrift.emptyField(12);
      return;
    case "uuid":
      thrift.emptyField(14);
      return;
    case "bool":
    case "float":
    case "binary":
      throw new Error(`expected a logical type, got ${type.kind}`);
  }
}

function writeMicroseconds(thrift: ThriftWriter, field: number, isAdjustedToUtc: boolean): void {
  thrift.beginField(field);
  thrift.bool(1, isAdjustedToUtc);
  thrift.beginField(2);
  thrift.emptyField(2);
  thrift.end();
  thrift.end();
}
