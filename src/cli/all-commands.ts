/** The commands of a profile with those that every command line has. */
import type { Command } from "./command.ts";
import { completionCommand } from "./completion/completion-command.ts";
import { helpCommand } from "./help/help-command.ts";
import type { Program } from "./program.ts";

/** Every command that can be typed in this program. */
export async function allCommands(program: Program): Promise<readonly Command[]> {
  const commands = [...(await program.commands()), completionCommand];
  return [...commands, helpCommand(program, commands)];
}
