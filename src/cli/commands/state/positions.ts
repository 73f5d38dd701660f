/** Cursors of the catalog with the lines that their side files hold. */
import { readSideFile } from "../../../context/side-file.ts";
import { HakiriError } from "../../../core/error.ts";
import type { CursorRecord } from "../../../core/ports/catalog.ts";
import type { Filesystem } from "../../../core/ports/filesystem.ts";
import type { Position } from "./repeats.ts";

/**
 * Reads a cursor's boundary. A side file that is damaged or gone has no lines: what it held is then
 * read again, which is what rewinding is for.
 */
export async function positionOf(
  filesystem: Filesystem,
  { cursor, boundaryPath }: Pick<CursorRecord, "cursor" | "boundaryPath">,
): Promise<Position> {
  const { boundary } = cursor;
  if (boundary === null || boundaryPath === null) return { cursor, boundaryLines: [] };
  try {
    const boundaryLines = await readSideFile(filesystem, { ...boundary, path: boundaryPath });
    return { cursor, boundaryLines };
  } catch (error) {
    if (error instanceof HakiriError) return { cursor, boundaryLines: [] };
    throw error;
  }
}
