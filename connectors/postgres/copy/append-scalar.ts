/** Appends values to columns, each by its form: one switch, measured to be as fast as closures. */
import { appendJsonb, appendText } from "./append-bytes.ts";
import { appendDecimal } from "./append-decimal.ts";
import { appendMac, appendNetwork } from "./append-network.ts";
import { appendNumericDouble, appendNumericText } from "./append-numeric.ts";
import { appendDate, appendTime, appendTimestamp } from "./append-temporal.ts";
import { anyLength, type ColumnBuffer } from "./column-buffer.ts";
import { copyMalformed } from "./copy-error.ts";
import type { CopySource } from "./copy-source.ts";
import { appendBool, appendNumber, appendUuid } from "./append-fixed.ts";

/** Appends the value, no array, of `length` bytes at `at`, which the source must have. */
export function appendScalar(
  column: ColumnBuffer,
  source: CopySource,
  at: number,
  length: number,
): void {
  const { form } = column;
  const { wireBytes } = column;
  if (wireBytes !== anyLength && wireBytes !== length) {
    throw copyMalformed(`${wireBytes} bytes`, `${length}`, column);
  }
  if (column.rows === column.capacity) column.grow();
  switch (form.kind) {
    case "number":
      return appendNumber(column, source, at, form.bytes);
    case "text":
    case "bytes":
      return appendText(column, source, at, length);
    case "decimal":
      return appendDecimal(column, source, at, length);
    case "timestamp":
      return appendTimestamp(column, source, at);
    case "bool":
      return appendBool(column, source, at);
    case "date":
      return appendDate(column, source, at);
    case "time":
      return appendTime(column, source, at);
    case "uuid":
      return appendUuid(column, source, at);
    case "jsonb":
      return appendJsonb(column, source, at, length);
    case "numeric-text":
      return appendNumericText(column, source, at, length);
    case "numeric-double":
      return appendNumericDouble(column, source, at, length);
    case "network":
      return appendNetwork(column, source, at, length);
    case "mac":
      return appendMac(column, source, at, length);
    case "array":
      throw new Error("expected a value that holds no others");
  }
}
