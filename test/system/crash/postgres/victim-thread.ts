/** Thread entry of the victims' run actors: dies at its point, if that is in this thread. */
import { parentPort } from "node:worker_threads";
import { serveActor } from "../../../../src/actors/serve-actor.ts";
import { encodePart } from "../../../../src/context/stage/encode-part.ts";
import type { Source } from "../../../../src/core/ports/source.ts";
import { nodeFilesystem } from "../../../../src/platform/node-filesystem.ts";
import { systemClock } from "../../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../../src/platform/system-random.ts";
import { openSource } from "../../../../src/profiles/engine/connectors.ts";
import { runActor } from "../../../../src/runtime/actor/run-actor.ts";
import type { RunDialogue } from "../../../../src/runtime/protocol.ts";
import { dieWithinStatements } from "../kill-in-duckdb.ts";
import { actorKindOf, KillSwitch } from "../kill-switch.ts";

const killSwitch = KillSwitch.ofThread();
dieWithinStatements(killSwitch);

serveActor<RunDialogue>(
  parentPort,
  runActor({
    openSource: async (connector, opening) => pointed(await openSource(connector, opening)),
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

/** A point before whatever is asked of the source. */
function pointed(source: Source): Source {
  const at = (): void => killSwitch.at("extract");
  return {
    discover: (context) => {
      at();
      return source.discover(context);
    },
    partitions: async (request) => {
      at();
      return (await source.partitions?.(request)) ?? [];
    },
    open: async (request) => {
      at();
      const reader = await source.open(request);
      const next = (): ReturnType<typeof reader.next> => {
        at();
        return reader.next();
      };
      return { next, close: () => reader.close() };
    },
    close: () => source.close(),
  };
}
