/** Claims by locks of the operating system: `claims/<pipeline_id>.lock` in the store's folder. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Claims } from "../core/ports/claim.ts";
import { holdFile } from "./lock-file.ts";
import { sqliteFault } from "./sqlite/sqlite-fault.ts";

/** Claims of the pipelines of the store in this folder, an absolute path that exists. */
export function lockClaims(storeFolder: string): Claims {
  const folder = join(storeFolder, "claims");
  return {
    take(pipelineId) {
      checkId(pipelineId);
      makeFolder(folder);
      return holdFile(join(folder, `${pipelineId}.lock`));
    },
  };
}

/** An id goes into a path as it is. */
function checkId(pipelineId: string): void {
  if (/^[0-9a-z]{1,64}$/u.test(pipelineId)) return;
  throw new Error(`expected the id of a pipeline, got ${JSON.stringify(pipelineId)}`);
}

/** A lock means nothing after a crash, so neither folder nor file is ever synced. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw sqliteFault(error, folder);
  }
}
