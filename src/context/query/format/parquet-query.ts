/**
 * A query as COPY writes it to a Parquet file. Types that Parquet, or DuckDB's writer, would round
 * are changed: HUGEINT (which every sum of integers is) is no DOUBLE but a DECIMAL(38,0), and what
 * Parquet has no exact type for is text.
 */
import { DuckDBTypeId, type DuckDBType } from "@duckdb/node-api";
import { quoteIdentifier, quoteText } from "../../../core/identifier.ts";
import type { WrittenColumn } from "./row-writer.ts";

const casts: ReadonlyMap<DuckDBTypeId, string> = new Map([
  [DuckDBTypeId.HUGEINT, "DECIMAL(38,0)"],
  [DuckDBTypeId.UHUGEINT, "DECIMAL(38,0)"],
  [DuckDBTypeId.BIGNUM, "VARCHAR"],
  [DuckDBTypeId.INTERVAL, "VARCHAR"],
  [DuckDBTypeId.TIME_TZ, "VARCHAR"],
  [DuckDBTypeId.BIT, "VARCHAR"],
]);

/** The statement that writes a query's result to a path. */
export interface ParquetCopy {
  readonly statement: string;
  /** Bytes of UTF-8 in it before the query. */
  readonly offset: number;
}

/** Wraps a query, which ends in no semicolon. */
export function parquetCopy(
  query: string,
  columns: readonly WrittenColumn[],
  path: string,
): ParquetCopy {
  const shown = columns.map(({ name, type }, index) => {
    const exact = exactType(type);
    const value = exact === null ? `c${index}` : `CAST(c${index} AS ${exact})`;
    return `${value} AS ${quoteIdentifier(name === "" ? `column${index}` : name)}`;
  });
  const names = columns.map((_, index) => `c${index}`).join(", ");
  const before = `COPY (SELECT ${shown.join(", ")} FROM (\n`;
  return {
    statement:
      `${before}${query}\n) AS q(${names}))\n` +
      `TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
    offset: new TextEncoder().encode(before).byteLength,
  };
}

/** The type that keeps every value; null where it is the type itself. */
function exactType(type: DuckDBType): string | null {
  switch (type.typeId) {
    case DuckDBTypeId.LIST: {
      const item = exactType(type.valueType);
      return item === null ? null : `${item}[]`;
    }
    case DuckDBTypeId.ARRAY: {
      const item = exactType(type.valueType);
      return item === null ? null : `${item}[${type.length}]`;
    }
    case DuckDBTypeId.MAP: {
      const exact = [exactType(type.keyType), exactType(type.valueType)];
      if (exact.every((one) => one === null)) return null;
      return `MAP(${exact[0] ?? typeText(type.keyType)}, ${exact[1] ?? typeText(type.valueType)})`;
    }
    case DuckDBTypeId.STRUCT: {
      const exact = type.entryTypes.map(exactType);
      if (exact.every((one) => one === null)) return null;
      const members = type.entryTypes.map((member, index) => {
        const name = quoteIdentifier(type.entryNames[index] ?? "");
        return `${name} ${exact[index] ?? typeText(member)}`;
      });
      return `STRUCT(${members.join(", ")})`;
    }
    default:
      return casts.get(type.typeId) ?? null;
  }
}

/** The type as a cast takes it; the alias is what tells JSON from VARCHAR. */
export function typeText(type: DuckDBType): string {
  return type.alias ?? type.toString();
}
