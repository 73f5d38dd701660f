/** The words of the commands that look at a source: discover, preview, plan, validate. */
import { defineCommand, type Command } from "../../command.ts";
import type { Engine } from "../engine.ts";

/** Most rows of a stream that a preview shows. */
const previewRowsMax = 1000;

const source = {
  arity: "one",
  description: "a pipeline's name, or a source as for 'hakiri ingest'",
  names: "pipelines",
  completes: "files",
} as const;

const stream = {
  kind: "string",
  value: "STREAM",
  repeated: true,
  description: "only this stream of the source",
} as const;

/** The commands over a profile's engine, in the order of their help. */
export function sourceCommands(load: () => Promise<Engine>): readonly Command[] {
  return [discoverCommand(load), previewCommand(load), planCommand(load), validateCommand(load)];
}

function discoverCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "discover",
    group: "Bring data in",
    summary: "list the streams of a source with their columns and types",
    operands: { source },
    options: {},
    examples: ["hakiri discover ./orders.csv", "hakiri discover shop --json"],
    weight: "heavy",
    load: async () => {
      const [engine, { discover }] = await Promise.all([load(), import("./discover.ts")]);
      return ({ operands }, context) => discover(engine, operands.source, context);
    },
  });
}

function previewCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "preview",
    group: "Bring data in",
    summary: "show the first rows of a source without writing any",
    operands: { source },
    options: {
      stream,
      limit: {
        kind: "integer",
        value: "ROWS",
        min: 1,
        max: previewRowsMax,
        default: 10,
        description: "at most so many rows of each stream",
      },
    },
    examples: ["hakiri preview ./orders.csv", "hakiri preview shop --stream customers --limit 3"],
    weight: "heavy",
    load: async () => {
      const [engine, { preview }] = await Promise.all([load(), import("./preview.ts")]);
      return ({ operands, options }, context) =>
        preview(
          engine,
          { source: operands.source, streams: options.stream, limit: options.limit },
          context,
        );
    },
  });
}

function planCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "plan",
    group: "Bring data in",
    summary: "say what a run would do, without doing it",
    details:
      "Tables that would be made, columns that would be added or changed, where reading starts, and " +
      "which files are new, changed or gone. Exits as the run would where something is in its way.",
    operands: { source },
    options: {
      stream,
      fullRefresh: { kind: "boolean", description: "plan a run with --full-refresh" },
    },
    examples: ["hakiri plan orders", "hakiri plan './logs/*.jsonl'"],
    weight: "heavy",
    load: async () => {
      const [engine, { plan }] = await Promise.all([load(), import("./plan.ts")]);
      return ({ operands, options }, context) =>
        plan(
          engine,
          {
            source: operands.source,
            streams: options.stream,
            fullRefresh: options.fullRefresh,
          },
          context,
        );
    },
  });
}

function validateCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "validate",
    group: "Bring data in",
    summary: "check the project's files and tell everything that is wrong",
    operands: {
      file: {
        arity: "any",
        description: "only these files; hakiri.toml and all of pipelines/ without",
        completes: "files",
      },
    },
    options: {},
    examples: ["hakiri validate", "hakiri validate pipelines/orders.toml --json"],
    weight: "light",
    load: async () => {
      const [engine, { validate }] = await Promise.all([load(), import("./validate.ts")]);
      return ({ operands }, context) => validate(engine, operands.file, context);
    },
  });
}
