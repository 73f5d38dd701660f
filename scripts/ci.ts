/**
 * The second half of `.ci/run`, once the machine and `node_modules` are there: the README's test
 * command, the system tests, the checks and the footprint. All of them run, whatever fails; the
 * last line adds up what they counted, and a stage that counted nothing has failed.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { z } from "zod";

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** The count stands in the last lines. */
const outputCharactersMax = 64 * 1024;
const reports = "dist/ci";
const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const counts = [
  await suite("test"),
  await suite("test:system"),
  await countedScript("check"),
  await countedScript("footprint"),
];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

/** A vitest suite, counted by its own report, since its output is for people. */
async function suite(script: string): Promise<Count> {
  const report = `${reports}/${script.replace(":", "-")}.json`;
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { exitCode } = await npmRun(script, reporters);
  if (!existsSync(report)) return settled({ passed: 0, failed: 0 }, exitCode);
  const counted = vitestReport.parse(JSON.parse(readFileSync(report, "utf8")));
  // A test that was skipped has not passed, however it was written.
  const skipped = counted.numPendingTests + counted.numTodoTests;
  if (skipped > 0)
    console.log(`${skipped} tests of ${script} were skipped, which counts as failed`);
  return settled(
    { passed: counted.numPassedTests, failed: counted.numFailedTests + skipped },
    exitCode,
  );
}

/** A script of ours, which ends with `N passed, N failed`. */
async function countedScript(script: string): Promise<Count> {
  const { exitCode, output } = await npmRun(script, []);
  const [, passedText = "0", failedText = "0"] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  return settled({ passed: Number(passedText), failed: Number(failedText) }, exitCode);
}

/** A stage that exits badly, or counts nothing, has failed at least once. */
function settled(count: Count, exitCode: number): Count {
  const isSound = exitCode === 0 && count.passed > 0;
  return isSound ? count : { ...count, failed: Math.max(1, count.failed) };
}

async function npmRun(
  script: string,
  args: readonly string[],
): Promise<{ exitCode: number; output: string }> {
  console.log(`\n=== npm run ${script} ===`);
  const child = spawn("npm", ["run", "--silent", script, "--", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    process.stdout.write(text);
    output = (output + text).slice(-outputCharactersMax);
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  return { exitCode, output };
}
