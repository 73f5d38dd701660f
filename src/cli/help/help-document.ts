/** Commands and options as documents, for a program that wants to know what it may type. */
import type { Json } from "../../core/json.ts";
import type { Command } from "../command.ts";
import type { OptionSpecs } from "../arguments/input.ts";
import { usageOf } from "../arguments/read-input.ts";
import { flagOf, placeholderOf } from "../arguments/spelling.ts";

/** A command with all that can be typed after it. */
export function commandDocument(command: Command): Json {
  const { name, group, summary, details, operands, examples, weight } = command;
  return {
    name,
    group,
    summary,
    ...(details !== undefined && { details }),
    usage: usageOf(command),
    operands: Object.entries(operands).map(([operand, spec]) => ({
      name: placeholderOf(operand),
      arity: spec.arity,
      description: spec.description,
      ...(spec.choices !== undefined && { choices: [...spec.choices] }),
    })),
    options: optionDocuments(command.options),
    examples: [...examples],
    weight,
  };
}

/** Options by their flags; what a kind doesn't have is absent. */
export function optionDocuments(options: OptionSpecs): Json {
  return Object.entries(options).map(([name, spec]) => {
    const { completes: _, ...known } = { completes: undefined, ...spec };
    return { flag: flagOf(name), ...known };
  });
}
