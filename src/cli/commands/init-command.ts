/** `hakiri init`, which needs nothing of a profile. */
import { defineCommand, type Command } from "../command.ts";

/** The command. */
export const initCommand: Command = defineCommand({
  name: "init",
  group: "Bring data in",
  summary: "begin a project in a folder",
  details:
    "Makes hakiri.toml, pipelines/example.toml with what it reads, and .gitignore. No file is " +
    "overwritten. A folder needs no project: 'hakiri ingest' works in any.",
  operands: {
    dir: {
      arity: "one",
      description: "the folder, made where it is missing",
      completes: "folders",
    },
  },
  options: {},
  examples: ["hakiri init shop", "hakiri init ."],
  weight: "light",
  load: async () => {
    const { init } = await import("./init.ts");
    return ({ operands }, context) => init(operands.dir, context);
  },
});
