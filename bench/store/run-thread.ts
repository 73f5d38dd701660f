// Entry of a run actor's thread in benches: as in the profiles, over the bench's own source.

import { parentPort } from "node:worker_threads";

import { serveActor } from "../../src/actors/serve-actor.ts";
import { encodePart } from "../../src/context/stage/encode-part.ts";
import { nodeFilesystem } from "../../src/platform/node-filesystem.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { systemRandom } from "../../src/platform/system-random.ts";
import { runActor } from "../../src/runtime/actor/run-actor.ts";
import { openParquetSource } from "./parquet-source.ts";

serveActor(
  parentPort,
  runActor({
    openSource: (_connector, settings) => openParquetSource(settings),
    openFilesystem: nodeFilesystem,
    encode: encodePart,
    clock: systemClock,
    random: systemRandom,
  }),
  systemClock,
);
