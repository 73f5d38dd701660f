/** The words that commands' names are made of. */
import type { Command } from "../command.ts";

/** The words that may follow: first words of all commands, or second words of a group's. */
export function wordsAfter(commands: readonly Command[], group: string): readonly string[] {
  const names = commands.map(({ name }) => name.split(" "));
  const own = group === "" ? names : names.filter(([first]) => first === group);
  const words = own.map((name) => name[group === "" ? 0 : 1]);
  return [...new Set(words.filter((word) => word !== undefined))];
}
