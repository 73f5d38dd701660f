/** Starts victims that run the pipeline over the made-up system. */
import { startProcess, type Death, type Victim, type VictimEnd } from "./victim-process.ts";

const program = new URL("victim.ts", import.meta.url);

/** What a victim is to do, and when it dies. */
export interface VictimOrder extends Death {
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
}

/** Runs a victim to its end. Throws where it fails in another way than by being killed. */
export async function runVictim(order: VictimOrder): Promise<VictimEnd> {
  return startVictim(order).exited;
}

/** Starts a victim. */
export function startVictim(order: VictimOrder): Victim {
  const { project, from, to, where = "thread", namespace = "main" } = order;
  const { hasUpkeep = false, plan, killAfterMs, countsPath } = order;
  const args = [project, String(from), String(to), where, namespace, String(hasUpkeep)];
  return startProcess(program, args, {
    ...(plan === undefined ? {} : { plan }),
    ...(killAfterMs === undefined ? {} : { killAfterMs }),
    ...(countsPath === undefined ? {} : { countsPath }),
  });
}
