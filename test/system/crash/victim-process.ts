/** Starts programs that are to die, and tells how far they came by what they said on stdout. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ScheduledCall } from "../../../src/core/ports/clock.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { compiledEnv } from "../../actors/compiled.ts";
import { countsVariable, planVariable, type KillPlan } from "./kill-switch.ts";

/** When a program dies. */
export interface Death {
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
  /** `KIND:CODE` of each run that it said to have failed, in order. */
  readonly failures: readonly string[];
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

/** Starts a program of the tests, which learns of its death by its environment. */
export function startProcess(program: URL, args: readonly string[], death: Death): Victim {
  const { killAfterMs } = death;
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    env: envOf(death),
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
    const end = endOf(output, signal === "SIGKILL");
    if (end.isKilled || code === 0 || end.refused !== null) resolve(end);
    else reject(new Error(`a victim ended with ${code ?? signal}: ${output}${errors}`));
  });
  return {
    exited: promise,
    pid: child.pid ?? 0,
    executorPid: () => lastOf("executor", output),
    kill: () => void child.kill("SIGKILL"),
  };
}

function endOf(output: string, isKilled: boolean): VictimEnd {
  return {
    isKilled,
    begun: lastOf("begin", output),
    ended: lastOf("end", output),
    refused: /^refused (\S+)$/mu.exec(output)?.[1] ?? null,
    failures: [...output.matchAll(/^failed (\S+)/gmu)].map(([, code = ""]) => code),
  };
}

function envOf({ plan, countsPath }: Death): Record<string, string> {
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
