/** The options that every command takes, before or after its name. */
import type { InputOf, OperandSpecs, OptionSpecs } from "./input.ts";

/** Their specs; no command may have an option of such a name or letter. */
export const globalOptions = {
  json: {
    kind: "boolean",
    description: "print one JSON document on stdout, also for an error",
  },
  project: {
    kind: "string",
    value: "DIR",
    description: "work on the project in this folder; else in the working folder",
    completes: "folders",
  },
  progress: {
    kind: "choice",
    choices: ["auto", "plain", "json", "none"],
    default: "auto",
    description: "how progress is shown on stderr",
  },
  quiet: {
    kind: "boolean",
    short: "q",
    description: "print no progress and no notes: --progress none",
  },
  noColor: {
    kind: "boolean",
    description: "print no colours; so does the variable NO_COLOR, and FORCE_COLOR forces them",
  },
  help: {
    kind: "boolean",
    short: "h",
    description: "print this help, or a command's with its name before it",
  },
  version: { kind: "boolean", short: "V", description: "print the version" },
} as const satisfies OptionSpecs;

/** The values of the options that every command takes. */
export type GlobalValues = InputOf<OperandSpecs, typeof globalOptions>["options"];
