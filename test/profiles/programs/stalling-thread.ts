/** Thread entry of run actors as profile core has them, but for their source. */
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { serveActor } from "../../../src/actors/serve-actor.ts";
import { storeFolder } from "../../../src/context/layout.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import { openSource } from "../../../src/profiles/engine/connectors.ts";
import { runActor } from "../../../src/runtime/actor/run-actor.ts";
import { pipeVariable, stallingSource } from "./stalling-source.ts";

const pipe = process.env[pipeVariable] ?? "";

serveActor(
  parentPort,
  runActor({
    openSource: async (connector, settings) => {
      const scratch = join(settings.project, storeFolder, "scratch");
      return stallingSource(await openSource(connector, { ...settings, scratch }), pipe);
    },
    openFilesystem: nodeFilesystem,
    encode: () => Promise.reject(new Error("a run of scans encodes nothing")),
    clock: systemClock,
    random: systemRandom,
  }),
  systemClock,
);
