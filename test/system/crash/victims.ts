/** Starts victims, and tells how far they came. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ScheduledCall } from "../../../src/core/ports/clock.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { compiledEnv } from "../../actors/compiled.ts";
import { countsVariable, planVariable, type KillPlan } from "./kill-switch.ts";

const program = fileURLToPath(new URL("victim.ts", import.meta.url));

/** What a victim is to do, and when it dies. */
export interface VictimOrder {
  readonly project: string;
  /** Versions to run to, one after the other. */
  readonly from: number;
  readonly to: number;
  /** Where its run actors live; `thread` where left out. */
  readonly where?: "thread" | "executor";
  /** Where its tables are; `main` where left out. Each namespace has a pipeline of its own. */
  readonly namespace?: string;
  /** Whether it compacts and collects garbage before each run. */
  readonly hasUpkeep?: boolean;
  /** Where it dies by itself, or stops. */
  readonly plan?: KillPlan;
  /** When it is killed from outside: so long after it began a run, milliseconds. */
  readonly killAfterMs?: number;
  /** A file that it counts its points in. */
  readonly countsPath?: string;
}

/** How a victim ended. */
export interface VictimEnd {
  readonly isKilled: boolean;
  /** The last version that it began, and that it said to be done; null where there is none. */
  readonly begun: number | null;
  readonly ended: number | null;
  /** The code by which it was refused to run; null where it wasn't. */
  readonly refused: string | null;
}

/** A victim that was started. */
export interface Victim {
  /** Resolves with its end; rejects where it fails in another way than by being killed. */
  readonly exited: Promise<VictimEnd>;
  readonly pid: number;
  /** The process of its executor; null before there is one. */
  executorPid(): number | null;
  kill(): void;
}

/** Runs a victim to its end. Throws where it fails in another way than by being killed. */
export async function runVictim(order: VictimOrder): Promise<VictimEnd> {
  return startVictim(order).exited;
}

/** Starts a victim. */
export function startVictim(order: VictimOrder): Victim {
  const { project, from, to, where = "thread", namespace = "main" } = order;
  const { hasUpkeep = false, killAfterMs } = order;
  const args = [project, String(from), String(to), where, namespace, String(hasUpkeep)];
  const child = spawn(process.execPath, [program, ...args], {
    env: envOf(order),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  let late: ScheduledCall | undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (killAfterMs === undefined || late !== undefined) return;
    late = systemClock.schedule(killAfterMs, () => void child.kill("SIGKILL"));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const { promise, resolve, reject } = Promise.withResolvers<VictimEnd>();
  // Who watches something else first still gets it.
  promise.catch(() => undefined);
  child.once("error", reject);
  child.once("close", (code, signal) => {
    late?.cancel();
    const isKilled = signal === "SIGKILL";
    const refused = /^refused (\S+)$/mu.exec(output)?.[1] ?? null;
    const [begun, ended] = [lastOf("begin", output), lastOf("end", output)];
    if (isKilled || code === 0 || refused !== null) resolve({ isKilled, begun, ended, refused });
    else reject(new Error(`a victim ended with ${code ?? signal}: ${output}${errors}`));
  });
  return {
    exited: promise,
    pid: child.pid ?? 0,
    executorPid: () => lastOf("executor", output),
    kill: () => void child.kill("SIGKILL"),
  };
}

function envOf({ plan, countsPath }: VictimOrder): Record<string, string> {
  return {
    ...compiledEnv,
    ...(plan === undefined ? {} : { [planVariable]: JSON.stringify(plan) }),
    ...(countsPath === undefined ? {} : { [countsVariable]: countsPath }),
  };
}

function lastOf(word: string, output: string): number | null {
  const found = [...output.matchAll(new RegExp(`^${word} (\\d+)$`, "gmu"))].at(-1)?.[1];
  return found === undefined ? null : Number(found);
}
