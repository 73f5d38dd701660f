// The mixed table of the benches: seven columns of the kinds that a shop's database has, made row
// by row as a connector does, and by SQL for rivals.

import { batchBuilder } from "../../src/columns/batch-builder.ts";
import type { NamedColumn } from "../../src/columns/named-column.ts";
import type { Field } from "../../src/core/type.ts";

const FIELDS: readonly Field[] = [
  { name: "id", type: { kind: "int", bits: 64, signed: true }, nullable: false },
  { name: "amount", type: { kind: "decimal", precision: 12, scale: 2 }, nullable: true },
  { name: "rate", type: { kind: "float", bits: 64 }, nullable: true },
  { name: "customer", type: { kind: "text" }, nullable: true },
  { name: "placed_at", type: { kind: "timestamp", zoned: true }, nullable: true },
  { name: "is_paid", type: { kind: "bool" }, nullable: true },
  { name: "quantity", type: { kind: "int", bits: 32, signed: true }, nullable: true },
];

const START_MS = Date.UTC(2020, 0, 1);

/** Columns of `rows` rows from the row `first` on. */
export function mixedBatch(first: number, rows: number): readonly NamedColumn[] {
  const builder = batchBuilder(FIELDS);
  for (let row = first; row < first + rows; row += 1) {
    builder.append([
      BigInt(row),
      `${scattered(row) % 10_000}.${(row % 90) + 10}`,
      (scattered(row * 3) % 100_000) / 7,
      `customer ${scattered(row * 7) % 100_000}`,
      new Date(START_MS + (row % 50_000_000) * 1000).toISOString(),
      row % 3 === 0,
      row % 5 === 0 ? null : row % 1000,
    ]);
  }
  const { columns } = builder.finish();
  return columns.map((vector, index) => ({
    id: index + 1,
    name: FIELDS[index]?.name ?? "",
    vector,
  }));
}

/** Numbers that look random, 0 to 2^32 - 1: Knuth's multiplicative hash. */
function scattered(value: number): number {
  return Math.imul(value, 2_654_435_761) >>> 0;
}

/** The SELECT of rows that are alike in type, spread and length. */
export function mixedRowsSql(rows: number): string {
  return (
    "SELECT range AS id, ((hash(range) % 1000000) / 100)::DECIMAL(12,2) AS amount, " +
    "(hash(range * 3) % 100000) / 7.0::DOUBLE AS rate, " +
    "'customer ' || (hash(range * 7) % 100000) AS customer, " +
    "TIMESTAMPTZ '2020-01-01 00:00:00+00' + INTERVAL (range % 50000000) SECOND AS placed_at, " +
    "range % 3 = 0 AS is_paid, " +
    "CASE WHEN range % 5 = 0 THEN NULL ELSE (range % 1000)::INTEGER END AS quantity " +
    `FROM range(${rows})`
  );
}
