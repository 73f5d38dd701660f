/**
 * `empty.parquet`: a file without rows, columns of ours or field ids. It ends each list of one
 * file, since DuckDB 1.5 reads one file with an explicit schema by one thread; and the first
 * statement of `views.sql` looks for it.
 */
import { emptyPartPath } from "../layout.ts";
import type { Publisher } from "../publish.ts";

/** Publishes the file where it isn't there yet. Another process may do so at the same moment. */
export async function ensureEmptyPart(publisher: Publisher): Promise<void> {
  const { filesystem } = publisher;
  if ((await filesystem.stat(emptyPartPath)) !== null) return;
  try {
    await publisher.publish(emptyPartPath, [emptyPart()]);
  } catch (error) {
    if ((await filesystem.stat(emptyPartPath)) === null) throw error;
  }
}

/** The bytes of a file with one column and no row, as DuckDB 1.5 wrote them. */
function emptyPart(): Uint8Array {
  return Uint8Array.fromBase64(
    "UEFSMRUCGSw1ABgNZHVja2RiX3NjaGVtYRUCABUAJQIYAV8AFgAZDCgoRHVja0RCIHZlcnNpb24gdjEuNS41IChidWls" +
      "ZCBkOGNkYWEzM2ZkKRkcHAAAAFQAAABQQVIx",
  );
}
