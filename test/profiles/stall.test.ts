/**
 * A one-shot `hakiri run` whose DuckDB is stuck in a read, which neither the run's abort nor
 * `terminate()` ends: how its process ends all the same, and what the next process finds.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { compiledEnv } from "../actors/compiled.ts";
import { pipeOfTest } from "../actors/named-pipe.ts";
import { temporaryFolder } from "../catalog/temporary-folder.ts";
import { withViews } from "../runtime/test-store.ts";
import { pipeVariable, stuckStream } from "./programs/stalling-source.ts";

const stalling = fileURLToPath(new URL("./programs/stalling.ts", import.meta.url));

function projectOfTest(deadline: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "pipelines"));
  const source = `path = ["first.csv", "${stuckStream}.csv"]\nstream_per_file = true`;
  writeFileSync(
    join(folder, "pipelines/two.toml"),
    `connector = "file"\nparallel = 1\ndeadline = "${deadline}"\n[source]\n${source}\n`,
  );
  for (const [name, rows] of Object.entries({ first: [1, 2], [stuckStream]: [3, 4] })) {
    writeFileSync(join(folder, `${name}.csv`), `id\n${rows.join("\n")}\n`);
  }
  return folder;
}

/** Starts the run, and resolves once DuckDB has the pipe open, from which it never comes back. */
async function startStuck(folder: string) {
  const pipe = pipeOfTest();
  // With somebody who might write, so that opening it is not what waits.
  const writer = openSync(pipe.path, "r+");
  onTestFinished(() => closeSync(writer));
  const child = spawn(process.execPath, [stalling, "run", "two", "--project", folder], {
    env: { ...compiledEnv, [pipeVariable]: pipe.path },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.on("data", (piece) => (stderr += String(piece)));
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const isOpen = (): boolean => filesOf(child).includes(pipe.path);
  await vi.waitFor(() => expect(isOpen(), stderr).toBe(true), { timeout: 30_000 });
  return { child, ended, stderr: () => stderr };
}

interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Files that a process has open. */
function filesOf({ pid }: ChildProcess): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

/** What a new process of profile core answers. */
function hakiri(folder: string, ...args: readonly string[]): unknown {
  const command = ["src/profiles/core.ts", ...args, "--project", folder, "--json"];
  const answer = execFileSync(process.execPath, command, {
    encoding: "utf8",
    env: compiledEnv,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(answer);
}

const statesOf = (folder: string): unknown => {
  const { runs } = hakiri(folder, "runs") as { runs: { status: string; attempts: number }[] };
  return runs.map(({ status, attempts }) => [status, attempts]);
};

/** The next run completes, and what both of them read is there once. */
async function expectNextCompletes(folder: string): Promise<void> {
  expect(hakiri(folder, "run", "two")).toMatchObject({ status: "succeeded", snapshot_id: 1 });
  const rows = await withViews(folder, (query) =>
    query("SELECT id::VARCHAR AS id FROM (FROM first UNION ALL FROM stuck) ORDER BY id"),
  );
  expect(rows).toEqual(["1", "2", "3", "4"].map((id) => ({ id })));
}

test("the second signal ends the process at once, and the next claim settles its run", async () => {
  const folder = projectOfTest("1h");
  const { child, ended, stderr } = await startStuck(folder);
  child.kill("SIGINT");
  await vi.waitFor(() => expect(stderr()).toContain("once more ends at once"), { timeout: 30_000 });
  // Signals that come within the echo of the first one do nothing yet.
  const again = setInterval(() => child.kill("SIGINT"), 20);
  // A shell tells 130 for it.
  expect(await ended.finally(() => clearInterval(again))).toEqual({ code: null, signal: "SIGINT" });
  expect(statesOf(folder)).toEqual([["running", 1]]);
  await expectNextCompletes(folder);
  expect(statesOf(folder)).toEqual([["succeeded", 2]]);
});

test("the only signal ends it too, once nothing else helped, as cancelled", async () => {
  const folder = projectOfTest("1h");
  const { child, ended, stderr } = await startStuck(folder);
  child.kill("SIGINT");
  expect(await ended).toEqual({ code: 130, signal: null });
  expect(stderr()).toContain("a thread is stuck");
  expect(statesOf(folder)).toEqual([["cancelled", 1]]);
  await expectNextCompletes(folder);
});

test("the deadline ends the process, and the run may be gone on with", async () => {
  const folder = projectOfTest("6s");
  const { ended, stderr } = await startStuck(folder);
  expect(await ended).toEqual({ code: 3, signal: null });
  expect(stderr()).toContain("a thread is stuck");
  expect(statesOf(folder)).toEqual([["partial_failure", 1]]);
  await expectNextCompletes(folder);
  expect(statesOf(folder)).toEqual([["succeeded", 2]]);
});
