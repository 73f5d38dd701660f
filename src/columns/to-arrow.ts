/**
 * Record batches as an Arrow IPC stream: the only module that knows apache-arrow, whose typings
 * pull Node's in. The buffers are wrapped, not copied, until the stream is written.
 */
import {
  Binary,
  Bool,
  DateDay,
  Decimal,
  Field as ArrowField,
  FixedSizeBinary,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  makeData,
  Null,
  RecordBatch as ArrowBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  type Data,
  type DataType as ArrowType,
  type Int,
} from "apache-arrow";
import type { Vector } from "../core/batch.ts";
import type { DataType } from "../core/type.ts";
import type { NamedColumn } from "./named-column.ts";

/** The metadata key by which Parquet writers take a field's id. */
const fieldIdKey = "PARQUET:field_id";

/**
 * Columns of equal length as an Arrow IPC stream of one batch, in an allocation of its own. Every
 * field is nullable, and each column carries its id.
 */
export function toArrowStream(columns: readonly NamedColumn[], rows: number): Uint8Array {
  const fields = columns.map(
    ({ id, name, vector }) =>
      new ArrowField(name, arrowType(vector.type), true, new Map([[fieldIdKey, String(id)]])),
  );
  const schema = new Schema(fields);
  const data = makeData({
    type: new Struct(fields),
    length: rows,
    nullCount: 0,
    children: columns.map(({ vector }) => arrowData(vector)),
  });
  const writer = RecordBatchStreamWriter.writeAll([new ArrowBatch(schema, data)]);
  return writer.toUint8Array(true);
}

/** The Arrow type of a logical type. uuid and json have no type of their own that Parquet keeps. */
function arrowType(type: DataType): ArrowType {
  switch (type.kind) {
    case "null":
      return new Null();
    case "bool":
      return new Bool();
    case "int":
      return arrowInt(type.bits, type.signed);
    case "float":
      return type.bits === 32 ? new Float32() : new Float64();
    case "decimal":
      return new Decimal(type.scale, type.precision, 128);
    case "text":
    case "json":
      return new Utf8();
    case "uuid":
      return new FixedSizeBinary(16);
    case "binary":
      return new Binary();
    case "date":
      return new DateDay();
    case "time":
      return new TimeMicrosecond();
    case "timestamp":
      return new TimestampMicrosecond(type.zoned ? "UTC" : null);
    case "list":
      return new List(new ArrowField("element", arrowType(type.item), true));
    case "struct":
      return new Struct(
        type.fields.map((field) => new ArrowField(field.name, arrowType(field.type), true)),
      );
  }
}

function arrowInt(bits: 8 | 16 | 32 | 64, signed: boolean): ArrowType {
  switch (bits) {
    case 8:
      return signed ? new Int8() : new Uint8();
    case 16:
      return signed ? new Int16() : new Uint16();
    case 32:
      return signed ? new Int32() : new Uint32();
    case 64:
      return signed ? new Int64() : new Uint64();
  }
}

function arrowData(vector: Vector): Data {
  const { length, nullCount, validity, offsets, children } = vector;
  const type = arrowType(vector.type);
  const common = { length, nullCount, nullBitmap: validity };
  if (type instanceof Null) return makeData({ type, length, nullCount });
  if (type instanceof Struct) {
    return makeData({ ...common, type, children: children.map((child) => arrowData(child)) });
  }
  if (type instanceof List) {
    const [child] = children;
    if (child === undefined) throw new Error("expected a list to have its items");
    return makeData({
      ...common,
      type,
      valueOffsets: offsets ?? new Int32Array(1),
      child: arrowData(child),
    });
  }
  const valueOffsets = offsets ?? new Int32Array(1);
  if (type instanceof Utf8) return makeData({ ...common, type, valueOffsets, data: vector.values });
  if (type instanceof Binary) {
    return makeData({ ...common, type, valueOffsets, data: vector.values });
  }
  // Every other type is made the same way; the typings have an overload for each.
  return makeData({ ...common, type: type as Int, data: aligned(vector.values) });
}

/** apache-arrow looks at the same bytes as elements of the type, which must begin at a multiple. */
function aligned(values: Uint8Array): Uint8Array {
  return values.byteOffset % elementBytesMax === 0 ? values : values.slice();
}

const elementBytesMax = 8;
