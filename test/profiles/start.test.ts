/** A process of hakiri's, as far as only a process shows it. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../cli/programs/sample.ts", import.meta.url));

test("an error that nobody waits for is told as a defect, without a stack trace", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "crash"], {
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(
    /^hakiri: .* a defect of hakiri: nobody waits for this\n {2}please report/u,
  );
  expect(stderr).not.toMatch(/^ +at /mu);
});
