/** How far behind its watermark an incremental read begins, for rows that were committed late. */
import { typeName, usageError, type DataType, type HakiriError } from "../../../src/connector.ts";

/** A lag of a column's own kind. */
export interface Lag {
  /** As the settings have it. */
  readonly text: string;
  /** In units of the column's values: microseconds, days, or the last digit of a number. */
  readonly units: bigint;
  /** What is subtracted from a value in SQL; null for none. */
  readonly sql: string | null;
}

const unitsMicros: ReadonlyMap<string, bigint> = new Map([
  ["ms", 1000n],
  ["s", 1_000_000n],
  ["m", 60_000_000n],
  ["h", 3_600_000_000n],
  ["d", 86_400_000_000n],
]);

const none: Lag = { text: "0", units: 0n, sql: null };

/**
 * Reads `0`, a duration such as `90s`, `15m`, `1h` or `2d` for a column of dates or timestamps, and
 * a number for one of numbers. Throws `usage.invalid_lag`.
 */
export function parseLag(text: string, type: DataType, column: string): Lag {
  if (/^0+$/u.test(text)) return none;
  switch (type.kind) {
    case "timestamp": {
      const micros = microsOf(text);
      if (micros === null) throw invalidLag(text, column, "a duration, such as 15m or 1h");
      return { text, units: micros, sql: `interval '${micros} microseconds'` };
    }
    case "date": {
      const micros = microsOf(text);
      const day = unitsMicros.get("d") ?? 1n;
      if (micros === null || micros % day !== 0n) {
        throw invalidLag(text, column, "whole days, such as 2d");
      }
      return { text, units: micros / day, sql: String(micros / day) };
    }
    case "int":
      if (!/^\d{1,18}$/u.test(text)) throw invalidLag(text, column, "a whole number");
      return { text, units: BigInt(text), sql: text };
    case "decimal": {
      const [, whole, fraction = ""] = /^(\d{1,18})(?:\.(\d{1,18}))?$/u.exec(text) ?? [];
      if (whole === undefined || fraction.length > type.scale) {
        throw invalidLag(text, column, `a number of at most ${type.scale} decimals`);
      }
      return { text, units: BigInt(whole + fraction.padEnd(type.scale, "0")), sql: text };
    }
    case "null":
    case "bool":
    case "float":
    case "text":
    case "json":
    case "uuid":
    case "binary":
    case "time":
    case "list":
    case "struct":
      throw invalidLag(text, column, `no lag, since nothing is subtracted from ${typeName(type)}`);
  }
}

function microsOf(text: string): bigint | null {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/u.exec(text) ?? [];
  const micros = unitsMicros.get(unit ?? "");
  return count === undefined || micros === undefined ? null : BigInt(count) * micros;
}

function invalidLag(text: string, column: string, expected: string): HakiriError {
  return usageError(
    "invalid_lag",
    `expected ${expected} as the lag of column '${column}', got '${text}'`,
    "change source.lag, or leave it out",
  );
}
