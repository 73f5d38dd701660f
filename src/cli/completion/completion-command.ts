/** `hakiri completion`: the script that makes a shell complete hakiri's command lines. */
import { defineCommand } from "../command.ts";
import { exitDone } from "../exit-code.ts";

/** The command. */
export const completionCommand = defineCommand({
  name: "completion",
  group: "This installation",
  summary: "print a script that completes commands and options in your shell",
  operands: {
    shell: {
      arity: "one",
      description: "the shell that will read the script",
      choices: ["bash", "zsh", "fish"],
    },
  },
  options: {},
  examples: [
    "source <(hakiri completion bash)",
    "hakiri completion zsh > ~/.zfunc/_hakiri",
    "hakiri completion fish > ~/.config/fish/completions/hakiri.fish",
  ],
  weight: "light",
  load: async () => {
    const { completionScripts } = await import("./scripts.ts");
    return async ({ operands }) => {
      const text = completionScripts[operands.shell];
      return { text, document: { shell: operands.shell, script: text }, exitCode: exitDone };
    };
  },
});
