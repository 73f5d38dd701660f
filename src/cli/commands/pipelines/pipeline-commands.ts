/** The words of `hakiri pipeline`. */
import { defineCommand, type Command } from "../../command.ts";
import type { Engine } from "../engine.ts";

/** The commands over a profile's engine, in the order of their help. */
export function pipelineCommands(load: () => Promise<Engine>): readonly Command[] {
  return [
    defineCommand({
      name: "pipeline list",
      group: "Pipelines and runs",
      summary: "list the pipelines of this project",
      details: "Those of pipelines/*.toml and *.json, and those that 'hakiri ingest' made.",
      operands: {},
      options: {},
      examples: ["hakiri pipeline list"],
      weight: "heavy",
      load: async () => {
        const [engine, { listPipelines }] = await Promise.all([
          load(),
          import("./list-pipelines.ts"),
        ]);
        return (_input, context) => listPipelines(engine, context);
      },
    }),
    defineCommand({
      name: "pipeline show",
      group: "Pipelines and runs",
      summary: "show one pipeline, its tables and its last run",
      operands: { name: { arity: "one", description: "the pipeline's name", names: "pipelines" } },
      options: {
        toml: { kind: "boolean", description: "print it as the text of a pipeline file" },
      },
      examples: [
        "hakiri pipeline show orders",
        "hakiri pipeline show orders --toml > pipelines/orders.toml",
      ],
      weight: "heavy",
      load: async () => {
        const [engine, { showPipeline }] = await Promise.all([
          load(),
          import("./show-pipeline.ts"),
        ]);
        return ({ operands, options }, context) =>
          showPipeline(engine, { name: operands.name, asToml: options.toml }, context);
      },
    }),
  ];
}
