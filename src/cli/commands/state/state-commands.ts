/** The words of `hakiri state`. */
import { defineCommand, type Command } from "../../command.ts";
import type { Engine } from "../engine.ts";

const pipeline = { arity: "one", description: "the pipeline's name", names: "pipelines" } as const;

/** The commands over a profile's engine, in the order of their help. */
export function stateCommands(load: () => Promise<Engine>): readonly Command[] {
  return [showCommand(load), setCommand(load), rewindCommand(load)];
}

function showCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "state show",
    group: "Pipelines and runs",
    summary: "show where the streams of a pipeline stand",
    operands: { pipeline },
    options: {},
    examples: ["hakiri state show orders"],
    weight: "heavy",
    load: async () => {
      const [engine, { showState }] = await Promise.all([load(), import("./show-state.ts")]);
      return ({ operands }, context) => showState(engine, operands.pipeline, context);
    },
  });
}

function setCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "state set",
    group: "Pipelines and runs",
    summary: "put a stream's cursor somewhere else",
    details:
      "Takes the pipeline's claim, changes no table, and says which rows the next run reads again.",
    operands: { pipeline, stream: { arity: "one", description: "the stream's name" } },
    options: {
      value: {
        kind: "string",
        value: "VALUE",
        description: "read from this value of the incremental column on",
      },
      cursor: {
        kind: "string",
        value: "JSON",
        description: "a whole cursor, as 'state show --json' prints it",
      },
    },
    examples: ["hakiri state set shop orders --value 2026-01-01T00:00:00Z"],
    weight: "heavy",
    load: async () => {
      const [engine, { setState }] = await Promise.all([load(), import("./set-state.ts")]);
      return ({ operands, options }, context) =>
        setState(engine, { ...operands, ...options }, context);
    },
  });
}

function rewindCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "state rewind",
    group: "Pipelines and runs",
    summary: "put cursors back to an earlier snapshot or to the beginning",
    details:
      "Takes the pipeline's claim, changes no table, and says which rows the next run reads again.",
    operands: { pipeline },
    options: {
      stream: { kind: "string", value: "STREAM", description: "only this stream" },
      to: {
        kind: "integer",
        value: "SNAPSHOT",
        min: 1,
        max: Number.MAX_SAFE_INTEGER,
        description: "where cursors were after this snapshot; the beginning without",
      },
    },
    examples: ["hakiri state rewind orders", "hakiri state rewind shop --stream orders --to 12"],
    weight: "heavy",
    load: async () => {
      const [engine, { rewindState }] = await Promise.all([load(), import("./rewind-state.ts")]);
      return ({ operands, options }, context) =>
        rewindState(engine, { ...operands, ...options }, context);
    },
  });
}
