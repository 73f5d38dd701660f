/**
 * A program that is killed: runs the pipeline over a shop so many times, in a thread of its own,
 * and says on stdout when it begins and ends each, as `begin 3` and `end 3`, and of one that failed
 * `failed KIND:CODE`.
 */
import { writeSync } from "node:fs";
import { HakiriError } from "../../../../src/core/error.ts";
import type { PipelineSpec } from "../../../../src/core/pipeline.ts";
import { systemClock } from "../../../../src/platform/system-clock.ts";
import { ThreadActors } from "../../../../src/supervisor/thread-actors.ts";
import { KillSwitch, switchEnvironment } from "../kill-switch.ts";
import { openVictimStore } from "../victim-store.ts";
import { runShop } from "./shop-run.ts";

const [project = "", spec = "", from = "", to = ""] = process.argv.slice(2);
const store = await openVictimStore(project, KillSwitch.ofThread());
const runner = new ThreadActors({ clock: systemClock, actorsMax: 1 });
const place = {
  runner,
  entry: new URL("./victim-thread.ts", import.meta.url),
  env: switchEnvironment(),
  limits: { oldGenerationMb: 256 },
  startMs: 30_000,
};
for (let round = Number(from); round <= Number(to); round += 1) {
  say(`begin ${round}`);
  try {
    // Whoever started this wrote it.
    const { status, error } = await runShop(store, place, JSON.parse(spec) as PipelineSpec);
    if (error === null) say(`end ${round}`);
    else say(`failed ${error.kind}:${error.code} ${status}`);
  } catch (error) {
    // Of a run that never began.
    if (!(error instanceof HakiriError)) throw error;
    say(`failed ${error.kind}:${error.code}`);
  }
}
await runner.close();
await store.close();

/** Written before the next instruction, whatever becomes of this process. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
