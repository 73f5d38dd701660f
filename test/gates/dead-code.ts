/**
 * Runs knip with the project's own configuration, and reads its findings.
 *
 * knip's own reports say what is dead but not how much was looked at, so a reporter of ours prints
 * both. It is written into the scratch folder, since knip loads it as a module.
 */
import { join } from "node:path";
import { z } from "zod";
import { runTool } from "./run-tool.ts";
import { withScratch } from "./scratch.ts";

const reporter = `export default ({ issues, counters }) => {
  const findings = Object.entries(issues).flatMap(([kind, byFile]) =>
    Object.entries(byFile).flatMap(([file, bySymbol]) =>
      Object.keys(bySymbol).map((symbol) => [kind, file, symbol])));
  console.log(JSON.stringify({ findings, filesSeen: counters.processed }));
};
`;

const reportShape = z.object({
  findings: z.array(z.tuple([z.string(), z.string(), z.string()])),
  filesSeen: z.number(),
});

/** What knip found dead, each as `kind: file: name`, and how many files it read. */
export interface DeadCodeReport {
  readonly findings: readonly string[];
  readonly filesSeen: number;
}

/** Looks for dead code in a folder with a knip.json. Throws when knip does not answer. */
export function findDeadCode(folder: string): Promise<DeadCodeReport> {
  const content = { copied: [], planted: { "reporter.mjs": reporter } };
  return withScratch(content, async (scratch) => {
    const args = [
      "--no-progress",
      "--no-config-hints",
      "--reporter",
      join(scratch, "reporter.mjs"),
    ];
    const result = await runTool("knip", args, folder);
    const line = result.stdout.split("\n").findLast((text) => text.startsWith("{"));
    if (line === undefined) throw new Error(`knip gave no report: ${result.output}`);
    const report = reportShape.parse(JSON.parse(line));
    const findings = report.findings.map((parts) => parts.join(": ")).toSorted();
    return { findings, filesSeen: report.filesSeen };
  });
}
