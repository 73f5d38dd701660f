/** Runs of the made-up system's pipeline in this process, whose actors are in this thread. */
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import type { ActorPlace } from "../../../src/runtime/control/run-request.ts";
import { inProcessPlace } from "./in-process-actors.ts";
import { runTo } from "./world-run.ts";
import { worldSource } from "./world-source.ts";

/** What of a place a test replaces. */
export interface OwnPlace {
  readonly openFilesystem?: (folder: string) => Filesystem;
  /** Called at each step of the source; what it throws the source throws. */
  readonly atStep?: (step: string) => void;
}

/** A place whose actors live in this thread. */
export function placeHere({
  openFilesystem = nodeFilesystem,
  atStep = nothing,
}: OwnPlace = {}): ActorPlace {
  return inProcessPlace({
    openSource: async (_connector, settings) => worldSource(settings, async (step) => atStep(step)),
    openFilesystem,
  });
}

const nothing = (): void => undefined;

/** Opens the store as the program does, and stores a version. Throws where that fails. */
export async function storeHere(project: string, version: number): Promise<void> {
  const store = await openStore(project, "create");
  try {
    const result = await runTo(store, placeHere(), { version });
    if (result.status !== "succeeded") throw new Error(JSON.stringify(result));
  } finally {
    await store.close();
  }
}
