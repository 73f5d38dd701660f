/**
 * Ends a throwaway server whose starter died before it could stop it, and removes its folder.
 *
 * A shell waits on a pipe that only we hold: the operating system closes it when we are gone,
 * however we went. The server's process is the one that its own pid file names, so that a restart
 * needs no word to the shell.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** $1 is the pid file, $2 the folder. A line on the pipe means that all is done already. */
const script = `read -r line && exit 0
pid=$(head -n 1 "$1" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
tries=0
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
rm -rf "$2"`;

/** A watchdog over one server. */
export interface Watchdog {
  /** Ends the watching; to be called when the server is gone and so is its folder. */
  dismiss(): Promise<void>;
}

/** Starts to watch. */
export function watchServer(pidFile: string, folder: string): Watchdog {
  const shell: ChildProcess = spawn("/bin/sh", ["-c", script, "sh", pidFile, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    // Not in our group: an interrupt from the terminal must leave it to its work.
    detached: true,
  });
  shell.unref();
  const gone = once(shell, "exit");
  return {
    async dismiss() {
      shell.ref();
      shell.stdin?.on("error", () => {});
      shell.stdin?.end("done\n");
      if (shell.exitCode === null && shell.signalCode === null) await gone;
    },
  };
}
