/** The words of `hakiri query`. */
import { defineCommand, type Command } from "../../command.ts";
import type { Engine } from "../engine.ts";

/** The command over a profile's engine. */
export function queryCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "query",
    group: "Ask the data",
    summary: "answer an SQL statement over the tables of this store",
    details:
      "One SELECT in DuckDB's dialect, or EXPLAIN of one. It reads one snapshot, and nothing but " +
      "the store's tables. With --json the answer is an array of row objects.",
    operands: {
      sql: { arity: "one", description: "the statement in quotes, or - to read it from a pipe" },
    },
    options: {
      format: {
        kind: "choice",
        choices: ["table", "csv", "json", "jsonl", "parquet"],
        description: "how rows are written; a table without, or what the output's ending says",
      },
      at: {
        kind: "string",
        value: "SNAPSHOT|TIME",
        description: "the tables as they were: a number of 'hakiri snapshots', or a time in UTC",
      },
      numbers: {
        kind: "choice",
        choices: ["text", "native"],
        description: "in JSON: numbers that a double may not hold as text (usual) or as they are",
      },
      output: {
        kind: "string",
        value: "FILE",
        short: "o",
        completes: "files",
        description: "write every row to this .csv, .tsv, .json, .jsonl or .parquet file",
      },
    },
    examples: [
      "hakiri query 'from orders limit 10'",
      "hakiri query 'select count(*) from orders' --at 12",
      "hakiri query 'from orders' --output orders.parquet",
    ],
    weight: "heavy",
    load: async () => {
      const [engine, { query }] = await Promise.all([load(), import("./query.ts")]);
      return ({ operands, options }, context) =>
        query(engine, { sql: operands.sql, ...options }, context);
    },
  });
}
