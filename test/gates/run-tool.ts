/**
 * Runs an installed development tool under the Node that runs the tests, and keeps what it said.
 */
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { rootFolder } from "./tree.ts";

/** A tool of the project, by the name of its package. */
export type Tool = "knip" | "oxlint" | "typescript";

/** How a tool ended. `output` is standard output followed by standard error. */
export interface ToolResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly output: string;
}

const entries: Readonly<Record<Tool, string>> = {
  knip: "node_modules/knip/bin/knip.js",
  oxlint: "node_modules/oxlint/bin/oxlint",
  typescript: "node_modules/typescript/bin/tsc",
};

/** Runs a tool in a folder to its end. Rejects only when it can't be started. */
export function runTool(tool: Tool, args: readonly string[], folder: string): Promise<ToolResult> {
  const child = spawn(process.execPath, [join(rootFolder, entries[tool]), ...args], {
    cwd: folder,
    env: {
      ...process.env,
      // A tool that starts another by `env node` must find this Node, not an older one.
      PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      const text = Buffer.concat(stdout).toString("utf8");
      resolve({ exitCode, stdout: text, output: text + Buffer.concat(stderr).toString("utf8") });
    });
  });
}
