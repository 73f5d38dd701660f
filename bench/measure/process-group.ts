// Starts a command as the leader of its own process group, and ends whole groups.
//
//   Owns:      which groups are alive; none outlives this process, whatever ends it short of
//              SIGKILL.
//   Doesn't:   end a process that has left its group by setsid, such as a daemon.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** Where and with what a command runs. */
export type CommandOptions = {
  /** Environment, all of it; default is this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Working directory; default is this process's own. */
  readonly cwd?: string;
  /** CPUs it may use, as `taskset -c` writes them ("0", "0-3"); default all. Adds 1.5 ms of CPU. */
  readonly cpus?: string;
};

const liveGroups = new Set<number>();
let isExitHooked = false;

/** Starts a command, never through a shell, with piped stdio, in a process group of its own. */
export function startGroup(
  command: readonly string[],
  options: CommandOptions,
): ChildProcessWithoutNullStreams {
  const pinned = options.cpus === undefined ? command : ["taskset", "-c", options.cpus, ...command];
  const [program, ...rest] = pinned;
  if (program === undefined) throw new Error("bench: expected a command, came an empty list");
  hookExit();

  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid !== undefined) liveGroups.add(pid);
  return child;
}

/** Ends the groups with this process. A signal's default would end it without a word to `exit`. */
function hookExit(): void {
  if (isExitHooked) return;
  isExitHooked = true;
  process.on("exit", killLiveGroups);
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}

/** Signals every process in a group; a group that has ended is no failure. */
export function signalGroup(leaderPid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leaderPid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Kills what is left of a group whose leader has exited, once: the number may be used anew. */
export function endGroup(leaderPid: number): void {
  if (!liveGroups.delete(leaderPid)) return;
  signalGroup(leaderPid, "SIGKILL");
}

function killLiveGroups(): void {
  for (const leaderPid of liveGroups) signalGroup(leaderPid, "SIGKILL");
}
