/** What is wrong with the bytes of a COPY, and with values that a column's type doesn't hold. */
import { HakiriError, typeName, type DataType } from "../../../src/connector.ts";

/** The column that a value was for. */
export interface ValuePlace {
  readonly name: string;
  readonly type: DataType;
}

/** Bytes that PostgreSQL doesn't write: something between it and us changed them. */
export function copyMalformed(expected: string, got: string, column?: ValuePlace): HakiriError {
  const place = column === undefined ? "the data of a COPY" : `column '${column.name}' of a COPY`;
  return new HakiriError({
    kind: "Permanent",
    code: "postgres.copy_malformed",
    message: `expected ${expected} in ${place}, got ${got}`,
    hint: "check what stands between hakiri and the server, such as a proxy, and read again",
    ...(column !== undefined && { evidence: { column: column.name } }),
  });
}

/** A COPY that ended before the server said so. */
export function copyTruncated(rows: number): HakiriError {
  return new HakiriError({
    kind: "Transient",
    code: "postgres.copy_truncated",
    message: `expected the end of a COPY, but its data ended after ${rows} rows without it`,
    hint: "check that the server is up, and read again",
    evidence: { rows },
  });
}

/** Why a column doesn't take a value that the server rightly has; the code is `value.` and this. */
export type ValueFault =
  "not_a_decimal" | "inexact" | "out_of_range" | "wrong_dimensions" | "missing";

/** A value that its column's type doesn't hold, shown as text in message and evidence. */
export function valueFault(fault: ValueFault, column: ValuePlace, shown: string): HakiriError {
  const value = shown.length <= shownMax ? shown : `${shown.slice(0, shownMax)}...`;
  return new HakiriError({
    kind: "SchemaIncompatible",
    code: `value.${fault}`,
    message: `expected ${typeName(column.type)} in column '${column.name}', got ${value}`,
    hint: hintOf(fault, column.type),
    evidence: { column: column.name, value },
  });
}

const shownMax = 200;

function hintOf(fault: ValueFault, type: DataType): string {
  switch (fault) {
    case "not_a_decimal":
      return 'set numeric = "text" or numeric = "double", or leave such rows out by a query';
    case "inexact":
      return 'set numeric = "text", or decimals of a larger scale';
    case "out_of_range":
      return type.kind === "decimal"
        ? 'set numeric = "text", or decimals of a larger precision'
        : "leave such rows out by a query, or select the column as text";
    case "wrong_dimensions":
      return 'set arrays = "json"';
    case "missing":
      return "correct the row in its source, or leave such rows out by a query";
  }
}
