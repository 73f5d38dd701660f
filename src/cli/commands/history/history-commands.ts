/** The words of the commands that look back: runs, their traces, and snapshots. */
import { defineCommand, type Command } from "../../command.ts";
import type { Engine } from "../engine.ts";

/** Most runs or snapshots that one command lists. */
const listedMax = 10_000;

const limit = {
  kind: "integer",
  value: "N",
  min: 1,
  max: listedMax,
  default: 20,
  description: "at most so many, the newest ones",
} as const;

/** The commands over a profile's engine, in the order of their help. */
export function historyCommands(load: () => Promise<Engine>): readonly Command[] {
  return [runsCommand(load), traceCommand(load), snapshotsCommand(load)];
}

function runsCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "runs",
    group: "Pipelines and runs",
    summary: "list the runs of this store, the newest first",
    operands: {},
    options: {
      pipeline: {
        kind: "string",
        value: "PIPELINE",
        description: "only runs of this pipeline",
        names: "pipelines",
      },
      limit,
    },
    examples: ["hakiri runs", "hakiri runs --pipeline orders --limit 5 --json"],
    weight: "heavy",
    load: async () => {
      const [engine, { runs }] = await Promise.all([load(), import("./runs.ts")]);
      return ({ options }, context) => runs(engine, options, context);
    },
  });
}

function traceCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "trace",
    group: "Pipelines and runs",
    summary: "show what a run did, and how long each part took",
    operands: {
      run: { arity: "one", description: "a run's id or its beginning; see 'hakiri runs'" },
    },
    options: {},
    examples: ["hakiri trace 3kd0v", "hakiri trace 3kd0v --json"],
    weight: "heavy",
    load: async () => {
      const [engine, { trace }] = await Promise.all([load(), import("./trace.ts")]);
      return ({ operands }, context) => trace(engine, operands.run, context);
    },
  });
}

function snapshotsCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "snapshots",
    group: "Look after the store",
    summary: "list the snapshots that can be queried, the newest first",
    operands: {},
    options: {
      table: { kind: "string", value: "TABLE", description: "only those that changed this table" },
      limit,
    },
    examples: ["hakiri snapshots", "hakiri snapshots --table orders"],
    weight: "heavy",
    load: async () => {
      const [engine, { snapshots }] = await Promise.all([load(), import("./snapshots.ts")]);
      return ({ options }, context) => snapshots(engine, options, context);
    },
  });
}
