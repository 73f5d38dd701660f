/** Our types for DuckDB's: the way back from `sqlType`. */
import { DuckDBTypeId, type DuckDBType } from "@duckdb/node-api";
import type { DataType } from "../../core/type.ts";

const text: DataType = { kind: "text" };

const plain: ReadonlyMap<DuckDBTypeId, DataType> = new Map<DuckDBTypeId, DataType>([
  [DuckDBTypeId.SQLNULL, { kind: "null" }],
  [DuckDBTypeId.BOOLEAN, { kind: "bool" }],
  [DuckDBTypeId.TINYINT, { kind: "int", bits: 8, signed: true }],
  [DuckDBTypeId.SMALLINT, { kind: "int", bits: 16, signed: true }],
  [DuckDBTypeId.INTEGER, { kind: "int", bits: 32, signed: true }],
  [DuckDBTypeId.BIGINT, { kind: "int", bits: 64, signed: true }],
  [DuckDBTypeId.UTINYINT, { kind: "int", bits: 8, signed: false }],
  [DuckDBTypeId.USMALLINT, { kind: "int", bits: 16, signed: false }],
  [DuckDBTypeId.UINTEGER, { kind: "int", bits: 32, signed: false }],
  [DuckDBTypeId.UBIGINT, { kind: "int", bits: 64, signed: false }],
  // Parquet would hold it as a double.
  [DuckDBTypeId.HUGEINT, { kind: "decimal", precision: 38, scale: 0 }],
  [DuckDBTypeId.UHUGEINT, { kind: "text", tag: "numeric" }],
  [DuckDBTypeId.FLOAT, { kind: "float", bits: 32 }],
  [DuckDBTypeId.DOUBLE, { kind: "float", bits: 64 }],
  [DuckDBTypeId.VARCHAR, text],
  [DuckDBTypeId.ENUM, { kind: "text", tag: "enum" }],
  [DuckDBTypeId.INTERVAL, { kind: "text", tag: "interval" }],
  [DuckDBTypeId.BIT, text],
  [DuckDBTypeId.BLOB, { kind: "binary" }],
  [DuckDBTypeId.UUID, { kind: "uuid" }],
  [DuckDBTypeId.DATE, { kind: "date" }],
  [DuckDBTypeId.TIME, { kind: "time" }],
  [DuckDBTypeId.TIME_TZ, text],
  [DuckDBTypeId.TIMESTAMP, { kind: "timestamp", zoned: false }],
  [DuckDBTypeId.TIMESTAMP_S, { kind: "timestamp", zoned: false }],
  [DuckDBTypeId.TIMESTAMP_MS, { kind: "timestamp", zoned: false }],
  [DuckDBTypeId.TIMESTAMP_NS, { kind: "timestamp", zoned: false }],
  [DuckDBTypeId.TIMESTAMP_TZ, { kind: "timestamp", zoned: true }],
]);

/**
 * The type that holds a column of DuckDB's; what we have no word for is json, or text. Nanoseconds
 * are told as microseconds, but for those in a list or a struct, which are text: whether those of a
 * column may be cut off is for the caller to look at.
 */
export function dataTypeOf(type: DuckDBType): DataType {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return { kind: "decimal", precision: type.width, scale: type.scale };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return { kind: "list", item: innerTypeOf(type.valueType) };
    case DuckDBTypeId.STRUCT:
      return {
        kind: "struct",
        fields: type.entryNames.map((name, index) => ({
          name,
          type: innerTypeOf(type.entryTypes[index] ?? type),
          nullable: true,
        })),
      };
    case DuckDBTypeId.MAP:
    case DuckDBTypeId.UNION:
      return { kind: "json" };
    case DuckDBTypeId.VARCHAR:
      return type.alias === "JSON" ? { kind: "json" } : text;
    default:
      return plain.get(type.typeId) ?? text;
  }
}

function innerTypeOf(type: DuckDBType): DataType {
  return type.typeId === DuckDBTypeId.TIMESTAMP_NS ? text : dataTypeOf(type);
}
