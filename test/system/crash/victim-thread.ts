/** Thread entry of the victims' run actors: dies at its point, if that is in this thread. */
import { parentPort } from "node:worker_threads";
import { serveActor } from "../../../src/actors/serve-actor.ts";
import { encodePart } from "../../../src/context/stage/encode-part.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import { runActor } from "../../../src/runtime/actor/run-actor.ts";
import type { RunDialogue } from "../../../src/runtime/protocol.ts";
import { actorKindOf, KillSwitch } from "./kill-switch.ts";
import { dieWithinStatements } from "./kill-in-duckdb.ts";
import { worldSource } from "./world-source.ts";

const killSwitch = KillSwitch.ofThread();
dieWithinStatements(killSwitch);

serveActor<RunDialogue>(
  parentPort,
  runActor({
    openSource: async (_connector, settings) =>
      worldSource(settings, async () => killSwitch.at("extract")),
    openFilesystem: (folder) => killSwitch.filesystem(nodeFilesystem(folder), actorKindOf),
    encode: async (request) => {
      killSwitch.at("encode");
      const bytes = await encodePart(request);
      killSwitch.at("encode");
      return bytes;
    },
    clock: systemClock,
    random: systemRandom,
  }),
  systemClock,
);
