/** What a discovery is told of earlier runs, so that it knows what is gone. */
import type { CursorRecord } from "../../core/ports/catalog.ts";
import type { SourceContext } from "../../core/ports/source.ts";

/** What stored cursors of a pipeline say, for a discovery of its source. */
export function readBefore(
  cursors: readonly CursorRecord[],
): Required<Pick<SourceContext, "wasRead" | "readStreams">> {
  const delivered = cursors.filter(({ cursor }) => cursor.boundary !== null);
  const readStreams = [...new Set(delivered.map(({ stream }) => stream))];
  return { wasRead: cursors.length > 0, readStreams };
}
