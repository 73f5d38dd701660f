import path from "node:path";

import { expect, test } from "vitest";

import { runMeasured } from "../../../bench/measure/run-command.ts";
import { endsSoon } from "./ends-soon.ts";

const processGroup = path.join(import.meta.dirname, "../../../bench/measure/process-group.ts");

test.each([
  { ending: "an exit", code: "process.exit(0)" },
  { ending: "a defect", code: `throw new Error("defect")` },
])("$ending of the bench kills the command that it was measuring", async ({ code }) => {
  const script = `
    const { startGroup } = await import(${JSON.stringify(processGroup)});
    console.log(startGroup(["sleep", "600"], {}).pid);
    ${code}`;
  const command = [process.execPath, "--input-type=module", "-e", script];
  const run = await runMeasured(command, { deadlineMs: 50_000 });
  expect(run.isTimedOut).toBe(false);
  expect(await endsSoon(Number(run.stdout))).toBe(true);
});
