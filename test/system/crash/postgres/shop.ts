/**
 * A shop in a real database: a table for each way to read one. `advance` brings it to a version in
 * one transaction, in which the server also notes what each table then holds.
 */
import { defaultPipeline, defaultStream } from "../../../../src/config/pipeline-schema.ts";
import { quoteIdentifier } from "../../../../src/core/identifier.ts";
import type { Disposition, PipelineSpec } from "../../../../src/core/pipeline.ts";
import type { Json } from "../../../../src/core/json.ts";

/** How a column's values are compared, whose text differs between databases. */
type Comparison = "text" | "micros" | "halves" | "list";

/** A table and how it is read. */
export interface ShopTable {
  readonly name: string;
  readonly disposition: Disposition;
  readonly incremental: string | null;
  readonly columns: readonly (readonly [name: string, comparison: Comparison])[];
}

/** In the order of their names. */
export const shopTables: readonly ShopTable[] = [
  // Of many pages, which are read in ranges.
  {
    name: "accounts",
    disposition: "replace",
    incremental: null,
    columns: [
      ["id", "text"],
      ["amount", "text"],
      ["filler", "text"],
    ],
  },
  // Without a key, and with rows that are alike.
  {
    name: "events",
    disposition: "append",
    incremental: "at",
    columns: [
      ["at", "micros"],
      ["kind", "text"],
      ["n", "text"],
      ["payload", "text"],
    ],
  },
  {
    name: "ledger",
    disposition: "append",
    incremental: "id",
    columns: [
      ["id", "text"],
      ["amount", "text"],
      ["note", "text"],
    ],
  },
  {
    name: "mirror",
    disposition: "replace",
    incremental: null,
    columns: [
      ["id", "text"],
      ["amount", "text"],
    ],
  },
  {
    name: "orders",
    disposition: "merge",
    incremental: "changed",
    columns: [
      ["id", "text"],
      ["changed", "micros"],
      ["total", "text"],
      ["gone", "text"],
      ["tags", "list"],
    ],
  },
  {
    name: "rates",
    disposition: "replace",
    incremental: null,
    columns: [
      ["code", "text"],
      ["rate", "text"],
      ["fine", "text"],
      ["half", "halves"],
      ["at", "micros"],
      ["day", "text"],
      ["days", "list"],
      ["ref", "text"],
    ],
  },
  // One row: what `accounts` and `mirror` hold together.
  {
    name: "stamp",
    disposition: "replace",
    incremental: null,
    columns: [
      ["accounts", "text"],
      ["total", "text"],
      ["weighted", "text"],
    ],
  },
];

/** What a pipeline over a shop says of its source. */
export interface ShopSource {
  readonly port: number;
  readonly database: string;
  /** Settings of the connector beside, such as `lag`. */
  readonly settings?: { readonly [key: string]: Json };
  /** All of them where left out. */
  readonly tables?: readonly ShopTable[];
}

/** The pipeline over a shop; its name is the database's. */
export function shopPipeline(source: ShopSource): PipelineSpec {
  const { port, database, settings = {}, tables = shopTables } = source;
  return {
    ...defaultPipeline,
    name: database,
    connector: "postgres",
    source: {
      host: "127.0.0.1",
      port,
      database,
      user: "postgres",
      sslmode: "disable",
      // What stands between is in a process of the tests, which may be busy.
      connect_timeout: 60,
      split: 3,
      ...settings,
    },
    streams: tables.map(({ name, disposition, incremental }) => ({
      ...defaultStream,
      stream: name,
      disposition,
      incremental,
    })),
    parallel: 3,
    deadlineMs: 120_000,
  };
}

/** A database whose sums are asked for. */
export type Dialect = "postgres" | "duckdb";

/**
 * A query for what each table holds: its name, and one text of its count, a sum over its rows, and
 * one over each column's values; whatever order the rows are in, and each as often as it is there.
 */
export function sumsSql(dialect: Dialect, tables: readonly ShopTable[] = shopTables): string {
  return tables.map((table) => tableSums(table, dialect)).join(" UNION ALL ");
}

function tableSums({ name, columns }: ShopTable, dialect: Dialect): string {
  const values = columns.map((column) => valueSql(column, dialect));
  const row = `concat_ws('|', ${values.join(", ")})`;
  const sums = [row, ...values].map((text) => `coalesce(sum(${hashSql(text, dialect)}), 0)`);
  const all = ["count(*)", ...sums].join(", ");
  return `SELECT '${name}' AS stream, concat_ws(' ', ${all}) AS sums FROM ${name}`;
}

function valueSql([name, comparison]: readonly [string, Comparison], dialect: Dialect): string {
  const value = comparableSql(quoteIdentifier(name), comparison, dialect);
  return `coalesce(CAST(${value} AS varchar), '-')`;
}

function comparableSql(name: string, comparison: Comparison, dialect: Dialect): string {
  switch (comparison) {
    case "text":
      return name;
    case "micros":
      return dialect === "duckdb"
        ? `epoch_us(${name})`
        : `(extract(epoch from ${name}) * 1e6)::int8`;
    case "halves":
      return `CAST(${name} * 2 AS bigint)`;
    case "list":
      return `to_json(${name})`;
  }
}

/** 60 bits of a text, of which thousands add up without an overflow of what each sums them in. */
function hashSql(text: string, dialect: Dialect): string {
  const digits = `substr(md5(${text}), 1, 15)`;
  if (dialect === "duckdb") return `('0x' || ${digits})::bigint`;
  return `('x' || ${digits})::bit(60)::int8`;
}
