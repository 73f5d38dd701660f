/** DuckDB's spelling of our types. */
import { quoteIdentifier } from "../../core/identifier.ts";
import type { DataType } from "../../core/type.ts";

/**
 * The type as a cast, `columns = {...}` or `schema = MAP {...}` takes it. A column of nulls only is
 * an INTEGER, which DuckDB reads as whatever the column becomes later.
 */
export function sqlType(type: DataType): string {
  switch (type.kind) {
    case "null":
      return "INTEGER";
    case "bool":
      return "BOOLEAN";
    case "int":
      return `${type.signed ? "" : "U"}${integerNames[type.bits]}`;
    case "float":
      return type.bits === 32 ? "FLOAT" : "DOUBLE";
    case "decimal":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "text":
      return "VARCHAR";
    case "json":
      return "JSON";
    case "uuid":
      return "UUID";
    case "binary":
      return "BLOB";
    case "date":
      return "DATE";
    case "time":
      return "TIME";
    case "timestamp":
      return type.zoned ? "TIMESTAMP WITH TIME ZONE" : "TIMESTAMP";
    case "list":
      return `${sqlType(type.item)}[]`;
    case "struct":
      return `STRUCT(${type.fields
        .map((field) => `${quoteIdentifier(field.name)} ${sqlType(field.type)}`)
        .join(", ")})`;
  }
}

const integerNames = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" } as const;
