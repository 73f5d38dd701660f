/**
 * Runs the linter with the project's own configuration, and reads its report.
 */
import { z } from "zod";
import { runTool } from "./run-tool.ts";
import type { ScratchContent } from "./scratch.ts";

const reportShape = z.object({
  diagnostics: z.array(
    z.object({
      message: z.string(),
      code: z.string().optional(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.number() }) })),
    }),
  ),
  number_of_files: z.number(),
  number_of_rules: z.number(),
});

/**
 * A linter's report: one line for each finding, `path: rule: message (line n)`, and how much was
 * looked at.
 */
export interface LintReport {
  readonly findings: readonly string[];
  readonly filesSeen: number;
  readonly rulesRun: number;
}

/**
 * Lints a folder that has an .oxlintrc.json. Throws when the linter does not answer with a report.
 */
export async function lintFolder(folder: string): Promise<LintReport> {
  // A nested configuration could switch off, in its own folder, what the one at the root asks for.
  const args = ["--disable-nested-config", "--format", "json"];
  const result = await runTool("oxlint", args, folder);
  const report = reportShape.safeParse(parseJson(result.stdout));
  if (!report.success) throw new Error(`oxlint gave no report: ${result.output.slice(0, 2000)}`);
  return {
    findings: report.data.diagnostics
      .map(({ filename, code, message, labels }) => {
        const line = labels[0]?.span.line ?? 1;
        return `${filename}: ${code ?? "no rule"}: ${message} (line ${String(line)})`;
      })
      .toSorted(),
    filesSeen: report.data.number_of_files,
    rulesRun: report.data.number_of_rules,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A project with the linter's and the compiler's settings of the checkout and the planted files.
 */
export function lintProject(planted: Readonly<Record<string, string>>): ScratchContent {
  return { copied: [".oxlintrc.json", "package.json", "tsconfig.json"], planted };
}
