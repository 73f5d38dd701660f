/** A run actor's thread as in a profile, but for its retries: they follow at once. */
import { parentPort } from "node:worker_threads";
import { serveActor } from "../../../src/actors/serve-actor.ts";
import { encodePart } from "../../../src/context/stage/encode-part.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import { openSource } from "../../../src/profiles/engine/connectors.ts";
import { runActor } from "../../../src/runtime/actor/run-actor.ts";

serveActor(
  parentPort,
  runActor({
    openSource,
    openFilesystem: nodeFilesystem,
    encode: encodePart,
    clock: systemClock,
    random: { ...systemRandom, fraction: () => 0 },
  }),
  systemClock,
);
