/** Entry of a run actor's thread, in this process or in an executor. */
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { serveActor } from "../actors/serve-actor.ts";
import { storeFolder, temporaryPath } from "../context/layout.ts";
import { nodeFilesystem } from "../platform/node-filesystem.ts";
import { systemClock } from "../platform/system-clock.ts";
import { systemRandom } from "../platform/system-random.ts";
import { runActor } from "../runtime/actor/run-actor.ts";
import { openSource } from "./engine/connectors.ts";

serveActor(
  parentPort,
  runActor({
    openSource: (connector, settings) => {
      const name = temporaryPath("scratch", systemRandom);
      const scratch = join(settings.project, storeFolder, name);
      return openSource(connector, { ...settings, scratch });
    },
    openFilesystem: nodeFilesystem,
    // Loaded by the first batch: a run of scans has none.
    encode: async (request) => {
      const { encodePart } = await import("../context/stage/encode-part.ts");
      return encodePart(request);
    },
    clock: systemClock,
    random: systemRandom,
  }),
  systemClock,
);
