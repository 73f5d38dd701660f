/** Everything that a catalog answers about tables, files, schemas, snapshots and cursors. */
import { allFiles } from "../../src/context/snapshot/table-files.ts";
import { allSnapshots } from "../../src/context/garbage/expire.ts";
import type { Catalog } from "../../src/core/ports/catalog.ts";

/** The answers, but for what a rebuild must change: the incarnation. */
export async function answersOf(catalog: Catalog, pipelineIds: readonly string[]) {
  const { incarnation: _, ...head } = await catalog.head();
  const snapshots = await allSnapshots(catalog);
  const states = [];
  for (const snapshot of snapshots) {
    const { sequence } = snapshot;
    const tables = [];
    for (const table of await catalog.tables(sequence)) {
      const { namespace, name, tableId } = table;
      tables.push({
        table,
        byName: await catalog.table({ namespace, name }, sequence),
        files: await allFiles(catalog, tableId, sequence),
        schemas: await catalog.schemas(tableId),
        changed: await catalog.tableSequence(tableId),
      });
    }
    const cursors = [];
    for (const id of pipelineIds) cursors.push(await catalog.cursors(id, sequence));
    const bySequence = await catalog.snapshotAt({ sequence });
    const byTime = await catalog.snapshotAt({ at: snapshot.at });
    states.push({ snapshot, bySequence, byTime, tables, cursors });
  }
  const cursors = [];
  for (const id of pipelineIds) cursors.push(await catalog.cursors(id));
  return { head, states, cursors };
}
