/** The words of `hakiri ingest`. */
import { defineCommand, type Command } from "../command.ts";
import type { Engine } from "./engine.ts";

/** The command over a profile's engine, which is loaded when the command is. */
export function ingestCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "ingest",
    group: "Bring data in",
    summary: "bring a source's records into the store of this folder",
    details:
      "Works in any folder; .hakiri is made where neither this one nor one above has it or a " +
      "hakiri.toml. The same call again is the same " +
      "pipeline and brings only what is new. Files append by default, other sources replace. " +
      "What --set takes, and what a file in pipelines/ can say besides: docs/guide/pipelines.md; of " +
      "databases: docs/guide/postgres.md",
    operands: {
      sourceUri: {
        arity: "one",
        description: "a file, a glob in quotes, FILE.json#/POINTER, or a URI",
        completes: "files",
      },
    },
    options: {
      stream: {
        kind: "string",
        value: "STREAM",
        repeated: true,
        description: "only this stream of the source",
      },
      as: { kind: "string", value: "TABLE", description: "the table's name, of one stream" },
      mode: {
        kind: "choice",
        choices: ["append", "replace", "merge"],
        description: "how rows change the table",
      },
      primaryKey: { kind: "list", value: "COLUMN", description: "columns that identify a row" },
      incremental: {
        kind: "string",
        value: "COLUMN",
        description: "of databases and APIs: the column that tells what is new; files need none",
      },
      namespace: { kind: "string", value: "NAMESPACE", description: "the tables' namespace" },
      set: {
        kind: "string",
        value: "KEY=VALUE",
        repeated: true,
        description: "a setting as in a pipeline's file, such as encoding=windows-1252",
      },
    },
    examples: [
      "hakiri ingest ./orders.csv",
      "hakiri ingest 'logs/*.jsonl.gz' --as events",
      "hakiri ingest package-lock.json#/packages",
      "hakiri ingest 'postgres://you@host/shop?table=orders' --incremental updated_at",
      "hakiri ingest old.csv --set encoding=windows-1252 --set 'delimiter=;'",
    ],
    weight: "heavy",
    load: async () => {
      const [engine, { ingest }] = await Promise.all([load(), import("./ingest.ts")]);
      return ({ operands, options }, context) => {
        const { stream: streams, ...rest } = options;
        return ingest(engine, { uri: operands.sourceUri, streams, ...rest }, context);
      };
    },
  });
}
