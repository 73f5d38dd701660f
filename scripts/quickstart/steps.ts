/** The quickstart's steps: each is a command as a user would type it, printed before it runs. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** The launcher. */
export const hakiri = join(import.meta.dirname, "..", "..", "bin", "hakiri");

/** Says a paragraph. */
export function say(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

/** Asks a question in SQL. */
export function ask(project: string, sql: string): void {
  step(project, ["query", sql]);
}

/** Runs one command as it is printed. Throws where it fails. */
export function step(project: string, args: readonly string[]): void {
  process.stdout.write(`\n$ hakiri ${args.map(quoted).join(" ")}\n`);
  const { status } = spawnSync(hakiri, [...args], { cwd: project, stdio: "inherit" });
  if (status !== 0) throw new Error(`expected exit code 0, got ${status}`);
}

function quoted(word: string): string {
  return /^[\w./:#@=-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
