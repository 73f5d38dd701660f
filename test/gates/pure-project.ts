/**
 * The copy of the pure rooms that the purity gate compiles and plants violations in.
 */
import type { ScratchContent } from "./scratch.ts";
import { runTool } from "./run-tool.ts";
import { isPure, pureExceptions } from "./layer-table.ts";
import { isTypeScript, readTree } from "./tree.ts";

/** The folders that must be proven pure, whether or not they hold a file yet. */
export const pureFolders = ["src/core", "src/raft", "src/columns", "src/sync/plan"] as const;

/** Lists the files of the tree that the compiler must prove pure. */
export function provablyPureFiles(): string[] {
  return readTree()
    .map((file) => file.path)
    .filter((path) => isTypeScript(path) && isPure(path) && !pureExceptions.has(path));
}

/** The pure rooms with their compiler settings, and `planted` besides. */
export function pureProject(planted: Readonly<Record<string, string>>): ScratchContent {
  return {
    copied: ["package.json", "tsconfig.json", "tsconfig.pure.json", ...provablyPureFiles()],
    planted,
  };
}

/** Compiles the pure rooms of a folder, and returns the compiler's messages, one a line. */
export async function compilePure(folder: string): Promise<string[]> {
  const args = ["-p", "tsconfig.pure.json", "--pretty", "false"];
  const result = await runTool("typescript", args, folder);
  const lines = result.output.split("\n").filter((line) => line !== "");
  if (result.exitCode === 0) return [];
  if (lines.length === 0) throw new Error(`tsc ended with ${String(result.exitCode)} and no word`);
  return lines;
}

/** Lists the files below `folder/src` that the compiler reads for the pure rooms. */
export async function listPureFiles(folder: string): Promise<string[]> {
  const args = ["-p", "tsconfig.pure.json", "--listFilesOnly"];
  const { stdout } = await runTool("typescript", args, folder);
  const lines = stdout.split("\n").map((line) => line.trim().replaceAll("\\", "/"));
  return lines.flatMap((line) => /(?:^|\/)(src\/.*)$/u.exec(line)?.[1] ?? []);
}
