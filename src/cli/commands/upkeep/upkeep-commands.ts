/** The words of the commands that look after a store: compact and gc. */
import { defineCommand, type Command } from "../../command.ts";
import type { Engine } from "../engine.ts";

/** The commands over a profile's engine, in the order of their help. */
export function upkeepCommands(load: () => Promise<Engine>): readonly Command[] {
  return [compactCommand(load), collectCommand(load)];
}

function compactCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "compact",
    group: "Look after the store",
    summary: "make few large files of a table's many small ones",
    details:
      "The tables hold the same rows after, in a new snapshot; older ones stay readable until they " +
      "expire. Without --full only what is due by [store.compaction] in hakiri.toml is rewritten; " +
      "runs do that by themselves once a table is far past it.",
    operands: { table: { arity: "any", description: "only these tables; all without" } },
    options: {
      full: { kind: "boolean", description: "rewrite every file, and drop all deleted rows" },
    },
    examples: ["hakiri compact", "hakiri compact orders --full"],
    weight: "heavy",
    load: async () => {
      const [engine, { compact }] = await Promise.all([load(), import("./compact.ts")]);
      return ({ operands, options }, context) =>
        compact(engine, { tables: operands.table, isFull: options.full }, context);
    },
  });
}

function collectCommand(load: () => Promise<Engine>): Command {
  return defineCommand({
    name: "gc",
    group: "Look after the store",
    summary: "let go of old snapshots and remove files that nothing needs",
    details:
      "What is kept, and for how long, hakiri.toml says. A file goes only some time after the last " +
      "snapshot that held it. What killed runs and queries spilled goes once nobody can own it.",
    operands: {},
    options: {
      dryRun: { kind: "boolean", description: "say what would be removed, and remove nothing" },
      force: {
        kind: "boolean",
        description: "go on although the clock seems to have been set forward",
      },
    },
    examples: ["hakiri gc --dry-run", "hakiri gc"],
    weight: "heavy",
    load: async () => {
      const [engine, { collect }] = await Promise.all([load(), import("./collect.ts")]);
      return ({ options }, context) => collect(engine, options, context);
    },
  });
}
