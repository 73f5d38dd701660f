/**
 * A program that is killed: runs the pipeline over the made-up system to one version after the
 * other, in a thread of its own or in an executor, and says on stdout when it begins and ends each,
 * as `begin 3` and `end 3`. Where it may not run it says `refused CODE`, and ends with exit code 7.
 */
import { writeSync } from "node:fs";
import { exitCodeOf } from "../../../src/cli/exit-code.ts";
import { HakiriError } from "../../../src/core/error.ts";
import { ThreadActors } from "../../../src/supervisor/thread-actors.ts";
import { Executors } from "../../../src/supervisor/executors.ts";
import { residentBytes } from "../../../src/supervisor/resident-memory.ts";
import type { ActorRunner } from "../../../src/supervisor/running-actor.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { KillSwitch, switchEnvironment } from "./kill-switch.ts";
import { dieWithinMaking } from "./kill-in-making.ts";
import { openVictimStore } from "./victim-store.ts";
import { runTo, worldPipeline } from "./world-run.ts";

const [project = "", from = "", to = "", where, namespace, hasUpkeep] = process.argv.slice(2);
const killSwitch = KillSwitch.ofThread();
const env = switchEnvironment();
if (killSwitch.isFor("make")) dieWithinMaking(killSwitch);
const store = await openVictimStore(project, killSwitch);
// Loads DuckDB, which this thread doesn't need else.
const upkeep = hasUpkeep === "true" ? await loadUpkeep() : async () => undefined;
const runner = where === "executor" ? executors() : threads();
const entry = new URL("./victim-thread.ts", import.meta.url);
const place = { runner, entry, env, limits: { oldGenerationMb: 256 }, startMs: 30_000 };
try {
  for (let version = Number(from); version <= Number(to); version += 1) {
    say(`begin ${version}`);
    await upkeep();
    const result = await runTo(store, place, { version, spec: worldPipeline(namespace) });
    if (result.status !== "succeeded") throw new Error(JSON.stringify(result));
    say(`end ${version}`);
  }
} catch (error) {
  if (!(error instanceof HakiriError)) throw error;
  say(`refused ${error.code}`);
  process.exitCode = exitCodeOf(error);
}
await runner.close();
await store.close();

/** Written before the next instruction, whatever becomes of this process. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function loadUpkeep(): Promise<() => Promise<void>> {
  const { upkeepOf } = await import("./victim-upkeep.ts");
  return upkeepOf(store, killSwitch);
}

function threads(): ActorRunner {
  return new ThreadActors({ clock: systemClock, actorsMax: 1 });
}

/** Says the process id of the executor, so that whoever kills this process can watch that one. */
function executors(): ActorRunner {
  const inner = new Executors({
    entry: new URL("./executor.ts", import.meta.url),
    env,
    clock: systemClock,
    executorsMax: 1,
    actorsMax: 4,
    probe: residentBytes,
    rssBytesMax: 2 ** 31,
  });
  return {
    start: async (spec, options) => {
      const actor = await inner.start(spec, options);
      for (const { pid } of inner.executors) say(`executor ${pid}`);
      return actor;
    },
    close: () => inner.close(),
  };
}
