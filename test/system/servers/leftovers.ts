/** What a test left behind: processes that work in a folder, and files in it. */
import { readFile, readdir, readlink } from "node:fs/promises";
import { join, sep } from "node:path";

import { waitUntil } from "./deadline.ts";

/** A process that has to do with a folder. */
export interface FolderProcess {
  readonly pid: number;
  /** Its command line, arguments separated by spaces. */
  readonly command: string;
}

/**
 * Lists the processes whose working folder is `folder` or inside, or whose command line names it:
 * every server of these tests and its children do one or the other. Reads /proc, where the
 * processes of other users show only to root. The calling process is never listed.
 */
export async function processesUnder(folder: string): Promise<FolderProcess[]> {
  const found: FolderProcess[] = [];
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (cwd === folder || cwd.startsWith(folder + sep) || command.includes(folder)) {
      found.push({ pid, command: command.replaceAll("\0", " ").trim() });
    }
  }
  return found;
}

/**
 * Throws when a process has still to do with `folder` or something is left in it.
 * @param graceMs how long processes may take to end, default 5,000: a server whose test died has
 *   only just been told to.
 * @throws Error that lists the processes and the files.
 */
export async function expectNothingLeft(folder: string, graceMs = 5_000): Promise<void> {
  const isQuiet = async () => (await processesUnder(folder)).length === 0;
  await waitUntil("no process left", isQuiet, { deadlineMs: graceMs }).catch(() => undefined);
  const processes = (await processesUnder(folder)).map(({ pid, command }) => `${pid} ${command}`);
  const files = (await readdir(folder)).map((name) => join(folder, name));
  if (processes.length === 0 && files.length === 0) return;
  throw new Error(
    ["expected no process and no file left by the tests, found:", ...processes, ...files].join(
      "\n",
    ),
  );
}
