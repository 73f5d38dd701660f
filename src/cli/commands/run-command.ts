/** The words of `hakiri run`. */
import { defineCommand, type Command } from "../command.ts";
import type { Engine } from "./engine.ts";

/** Most rows that a limit may name. */
const limitMax = Number.MAX_SAFE_INTEGER;

/** The command over a profile's engine. */
export function runCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "run",
    group: "Bring data in",
    summary: "run a pipeline by its name",
    details:
      "The pipeline is one of pipelines/*.toml or *.json, or one that 'hakiri ingest' made. A run " +
      "goes on from where the last one ended, becomes one snapshot, and leaves nothing behind when " +
      "it fails.",
    operands: {
      pipeline: { arity: "one", description: "see 'hakiri pipeline list'", names: "pipelines" },
    },
    options: {
      fullRefresh: {
        kind: "boolean",
        description: "read every stream from its beginning and replace its table",
      },
      from: {
        kind: "string",
        value: "VALUE",
        description: "only rows at or after this value of the incremental column",
      },
      to: {
        kind: "string",
        value: "VALUE",
        description: "only rows before this value of the incremental column",
      },
      limit: {
        kind: "integer",
        value: "ROWS",
        min: 1,
        max: limitMax,
        description: "at most so many rows of each stream; the next run reads them again",
      },
      stream: {
        kind: "string",
        value: "STREAM",
        repeated: true,
        description: "only this stream of the pipeline",
      },
    },
    examples: [
      "hakiri run orders",
      "hakiri run shop --stream customers --full-refresh",
      "hakiri run shop --from 2026-01-01 --to 2026-02-01",
    ],
    weight: "heavy",
    load: async () => {
      const [engine, { run }] = await Promise.all([load(), import("./run.ts")]);
      return ({ operands, options }, context) =>
        run(
          engine,
          {
            pipeline: operands.pipeline,
            parameters: {
              fullRefresh: options.fullRefresh,
              from: options.from ?? null,
              to: options.to ?? null,
              limit: options.limit ?? null,
              streams: options.stream,
            },
          },
          context,
        );
    },
  });
}
