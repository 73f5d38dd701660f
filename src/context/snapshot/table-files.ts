/** Every live file of a table, gathered from the catalog's pages. */
import { pageRowsMax, type CatalogQueries } from "../../core/ports/catalog.ts";
import type { LiveFile } from "../../core/snapshot.ts";

/** The files of a table as of a sequence, by file id. */
export async function allFiles(
  catalog: Pick<CatalogQueries, "files">,
  tableId: string,
  sequence: number,
): Promise<readonly LiveFile[]> {
  const files: LiveFile[] = [];
  for (;;) {
    const page = await catalog.files(tableId, sequence, files.at(-1)?.fileId ?? -1);
    files.push(...page);
    if (page.length < pageRowsMax) return files;
  }
}
