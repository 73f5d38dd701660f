/** Whether a process runs, stands still or is gone. */
import { readFile } from "node:fs/promises";

/** As the kernel says; a process that nobody has waited for is gone too. */
export async function stateOf(pid: number): Promise<"running" | "stopped" | "gone"> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const state = /\) (\S) /u.exec(stat)?.[1];
  if (state === undefined || state === "Z" || state === "X") return "gone";
  return state === "T" || state === "t" ? "stopped" : "running";
}
