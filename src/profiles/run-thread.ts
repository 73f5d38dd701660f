/** Entry of a run actor's thread, in this process or in an executor. */
import { parentPort } from "node:worker_threads";
import { serveActor } from "../actors/serve-actor.ts";
import { encodePart } from "../context/stage/encode-part.ts";
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
    encode: encodePart,
    clock: systemClock,
    random: systemRandom,
  }),
  systemClock,
);
