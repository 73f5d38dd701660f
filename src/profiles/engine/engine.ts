/** The engine of profiles core and full: commands over a store find everything here. */
import { availableParallelism, totalmem } from "node:os";
import type { Engine } from "../../cli/commands/engine.ts";
import { version } from "../../cli/version.ts";
import type { ProjectSpec } from "../../config/parse-project.ts";
import { otlpSettings } from "../../platform/otlp-settings.ts";
import { systemSecrets } from "../../platform/system-secrets.ts";
import { systemClock } from "../../platform/system-clock.ts";
import type { ActorPlace } from "../../runtime/control/run-request.ts";
import type { RunLimits } from "../../runtime/protocol.ts";
import { ThreadActors } from "../../supervisor/thread-actors.ts";
import {
  completeSettings,
  connectorDigest,
  connectorUris,
  hasSessions,
  homeFolder,
  openSource,
} from "./connectors.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { markStuck } from "../stuck-process.ts";

/** Most run actors of one process at once. */
const actorsMax = 64;

/** Heap of a run actor's thread; batches are buffers and don't count. */
const actorHeapMb = 512;

/** Heap of the query thread: pieces of results and trees of statements, not DuckDB's memory. */
const queryHeapMb = 512;

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
    openStore: async (project, opening) => {
      // Loads SQLite, which not every command over a project needs.
      const { openStore } = await import("./open-store.ts");
      return openStore(project, opening);
    },
    openInspection: async (project) => {
      const { openInspection } = await import("./store-care.ts");
      return openInspection(project);
    },
    openRebuild: async (project) => {
      const { openRebuild } = await import("./store-care.ts");
      return openRebuild(project);
    },
    actorPlace: () => place,
    connectors: connectorUris,
    connectorDigest,
    openSource,
    hasSessions,
    completeSettings,
    openQueries: async () => {
      const { QueryClient } = await import("../../context/query/query-client.ts");
      const entry = new URL("../query-thread.ts", import.meta.url);
      return new QueryClient({ entry, clock: systemClock, heapMb: queryHeapMb });
    },
    makeTemporaryFolder: temporaryFolder,
    secrets: (folder, inline) =>
      systemSecrets({
        environment: process.env,
        inline,
        folder,
        warn: (line) => void process.stderr.write(`hakiri: ${line}\n`),
      }),
    traceExport: (env) => {
      const settings = otlpSettings(env);
      if (settings === null) return null;
      return async (trace) => {
        const { exportTrace } = await import("../../platform/otlp-export.ts");
        await exportTrace({ ...trace, version }, settings);
      };
    },
    home: homeFolder(),
    limits,
    peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
    endByForce: markStuck,
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
    encodeThreads: store.encodeThreads ?? (availableParallelism() > 1 ? 1 : 0),
  };
}
