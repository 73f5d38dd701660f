/** No server outlives its test: the check at the end of a run is red when one does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { waitUntil } from "./servers/deadline.ts";
import { expectNothingLeft, processesUnder } from "./servers/leftovers.ts";
import { programs } from "./servers/program.ts";
import { startServer, type Server, type ServerOptions } from "./servers/server.ts";
import { makeTemporaryFolder } from "./servers/temporary-folder.ts";

const abandonScript = fileURLToPath(new URL("guests/abandon-server.ts", import.meta.url));

test("a server that was not stopped is reported by process id", async () => {
  await using folder = await makeTemporaryFolder("leftovers");
  await using server = await startSleeper(folder.path);
  await expect(expectNothingLeft(folder.path, 0)).rejects.toThrow(`${server.pid} sleep infinity`);
});

test("a file that was not removed is reported by its path", async () => {
  await using folder = await makeTemporaryFolder("leftovers");
  const file = join(folder.path, "forgotten");
  await writeFile(file, "");
  await expect(expectNothingLeft(folder.path)).rejects.toThrow(file);
});

test("a folder without processes and files passes", async () => {
  await using folder = await makeTemporaryFolder("leftovers");
  await expectNothingLeft(folder.path);
});

test("a server dies with the process that started it, even a killed one", async () => {
  await using folder = await makeTemporaryFolder("leftovers");
  const starter = spawn(process.execPath, [abandonScript, folder.path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  starter.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(starter, "exit");
  await Promise.race([
    waitUntil("a process id", () => output.endsWith("\n")),
    exited.then(() => Promise.reject(new Error("expected the starter to live on"))),
  ]);
  const pid = Number(output);
  expect(await pidsUnder(folder.path)).toContain(pid);
  starter.kill("SIGKILL");
  await exited;
  await waitUntil("the server to end", async () => !(await pidsUnder(folder.path)).includes(pid));
});

test("a stop is done when the process is gone, and again does nothing", async () => {
  await using folder = await makeTemporaryFolder("leftovers");
  const server = await startSleeper(folder.path);
  await server.stop();
  expect(server.isRunning()).toBe(false);
  expect(await processesUnder(folder.path)).toEqual([]);
  await server.stop();
});

test("a server that is suspended or ignores the stop signal is stopped all the same", async () => {
  await using folder = await makeTemporaryFolder("leftovers");
  const suspended = await startSleeper(folder.path);
  suspended.signal("SIGSTOP");
  await suspended.stop();
  const deaf = await startSleeper(folder.path, {
    args: ["--", "sh", "-c", "trap '' TERM; exec sleep infinity"],
    stopDeadlineMs: 100,
  });
  await deaf.stop();
  expect(await processesUnder(folder.path)).toEqual([]);
});

test("a server that ends early fails its start at once, with the end of its log", async () => {
  await using folder = await makeTemporaryFolder("leftovers");
  const start = startSleeper(folder.path, {
    args: ["--", "sh", "-c", "echo no port >&2; exit 3"],
    isReady: () => false,
    readyDeadlineMs: 60_000_000,
  });
  await expect(start).rejects.toThrow(/ended with exit code 3\nno port$/);
});

test("a server that is never ready is killed at its deadline", async () => {
  await using folder = await makeTemporaryFolder("leftovers");
  const start = startSleeper(folder.path, { isReady: () => false, readyDeadlineMs: 100 });
  await expect(start).rejects.toThrow("expected sleeper to be ready within 100 ms");
  expect(await processesUnder(folder.path)).toEqual([]);
});

function startSleeper(folder: string, more: Partial<ServerOptions> = {}): Promise<Server> {
  return startServer({
    name: "sleeper",
    program: programs.unshare,
    args: ["--", "sleep", "infinity"],
    folder,
    // setpriv and unshare have replaced themselves by now.
    isReady: async () =>
      (await processesUnder(folder)).some(({ command }) => command === "sleep infinity"),
    ...more,
  });
}

async function pidsUnder(folder: string): Promise<number[]> {
  return (await processesUnder(folder)).map(({ pid }) => pid);
}
