/** Where a pipeline's last run left its cursors: what its tables hold, whatever was moved since. */
import type { Catalog, CursorRecord, PipelineRecord } from "../../../core/ports/catalog.ts";

/** Snapshots that are looked through for one of the pipeline, the newest first. */
const snapshotsMax = 500;

/** The cursors right after the newest retained snapshot of its runs; none where none is known. */
export async function heldCursors(
  catalog: Pick<Catalog, "cursors" | "snapshots">,
  { pipelineId }: PipelineRecord,
): Promise<readonly CursorRecord[]> {
  const snapshots = await catalog.snapshots(null, snapshotsMax);
  const last = snapshots.find((each) => each.pipelineId === pipelineId && each.kind === "run");
  return last === undefined ? [] : catalog.cursors(pipelineId, last.sequence);
}
