/** Entry of a run actor's thread, in this process or in an executor. */
import { parentPort } from "node:worker_threads";
import { serveActor } from "../actors/serve-actor.ts";
import { nodeFilesystem } from "../platform/node-filesystem.ts";
import { systemClock } from "../platform/system-clock.ts";
import { systemRandom } from "../platform/system-random.ts";
import { runActor } from "../runtime/actor/run-actor.ts";
import { openSource } from "./engine/connectors.ts";

serveActor(
  parentPort,
  runActor({
    openSource,
    openFilesystem: nodeFilesystem,
    // Loaded by the first batch: a run of scans has none.
    encode: async (request) => {
      const { encodePart } = await import("../context/stage/encode-part.ts");
      return encodePart(request);
    },
    startEncoders: async (threads) => {
      const { encodePool } = await import("./engine/encode-pool.ts");
      return encodePool(threads);
    },
    clock: systemClock,
    random: systemRandom,
  }),
  systemClock,
);
