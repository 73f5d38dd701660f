/** The engine of profiles core and full: commands over a store find everything here. */
import { availableParallelism, homedir, totalmem } from "node:os";
import type { Engine } from "../../cli/commands/engine.ts";
import type { ProjectSpec } from "../../config/parse-project.ts";
import { systemSecrets } from "../../platform/system-secrets.ts";
import { systemClock } from "../../platform/system-clock.ts";
import type { ActorPlace } from "../../runtime/control/run-request.ts";
import type { RunLimits } from "../../runtime/protocol.ts";
import { ThreadActors } from "../../supervisor/thread-actors.ts";
import { connectorDigest } from "./connectors.ts";
import { openStore } from "./open-store.ts";

/** Most run actors of one process at once. */
const actorsMax = 64;

/** Heap of a run actor's thread; batches are buffers and don't count. */
const actorHeapMb = 512;

const mebibyte = 2 ** 20;

/** Wires the engine of this process. */
export function processEngine(): Engine {
  const runner = new ThreadActors({ clock: systemClock, actorsMax });
  const place: ActorPlace = {
    runner,
    entry: new URL("../run-thread.ts", import.meta.url),
    env: {},
    limits: { oldGenerationMb: actorHeapMb },
    startMs: 30_000,
  };
  return {
    openStore,
    actorPlace: () => place,
    connectors: [],
    connectorDigest,
    secrets: (folder, inline) =>
      systemSecrets({
        environment: process.env,
        inline,
        folder,
        warn: (line) => void process.stderr.write(`hakiri: ${line}\n`),
      }),
    home: homedir() === "" ? null : homedir(),
    limits,
    peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
    exit: (code) => process.exit(code),
  };
}

/** DuckDB's own rule would be four fifths of the memory, which leaves none for the rest of us. */
function limits({ store }: ProjectSpec): RunLimits {
  const memoryBytes = store.memoryLimitBytes ?? Math.min(totalmem() / 2, 4 * 1024 * mebibyte);
  return {
    threads: store.threads ?? availableParallelism(),
    memoryLimit: `${Math.max(64, Math.floor(memoryBytes / mebibyte))}MiB`,
    batchRowsMax: 64 * 1024,
    batchBytesMax: 8 * mebibyte,
    batchesInFlightMax: 3,
  };
}
