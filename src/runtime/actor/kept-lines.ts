/** Sorted lines of a reader's, durable beside the journal before the line that names them. */
import { sideFilePath } from "../../context/layout.ts";
import { writeSideFile } from "../../context/side-file.ts";
import type { ReadCursor } from "../../core/cursor.ts";
import type { JournalCursor, SideFile } from "../../core/journal.ts";
import type { StartCursor } from "../../core/ports/source.ts";
import type { RunFrame } from "./run-frame.ts";

type Staging = Pick<RunFrame, "staging">;

/**
 * A cursor as the journal names it; its boundary's lines are written where there are any. A reader
 * that met nothing new may answer the boundary of `start` without its lines.
 */
export async function keepCursor(
  frame: Staging,
  cursor: ReadCursor,
  start: StartCursor | null,
): Promise<JournalCursor> {
  const { resume, stored } = cursor;
  const boundaryLines = boundaryLinesOf(cursor, start);
  if (boundaryLines.length === 0) {
    return { resume, stored: { ...stored, boundary: null }, boundaryPath: null };
  }
  const file = await keepLines(frame, boundaryLines);
  if (file === null) throw new Error("lines that are there were not kept");
  const boundary = { count: file.count, sha256: file.sha256 };
  return { resume, stored: { ...stored, boundary }, boundaryPath: file.path };
}

/**
 * The lines of a reader's cursor. To lose a boundary is to read everything again, so lines that
 * can't be found are a defect.
 */
export function boundaryLinesOf(
  { stored, boundaryLines }: ReadCursor,
  start: StartCursor | null,
): readonly string[] {
  if (boundaryLines !== null) return boundaryLines;
  if (stored.boundary === null) return [];
  if (start?.stored.boundary?.sha256 === stored.boundary.sha256) return start.boundaryLines;
  throw new Error(
    "a cursor has a boundary without lines that isn't the one that the read began with",
  );
}

/** Lines in a side file of their own; null for none. */
export async function keepLines(
  { staging }: Staging,
  lines: readonly string[],
): Promise<SideFile | null> {
  if (lines.length === 0) return null;
  const { publisher, runId, epoch, numbers } = staging;
  return writeSideFile(publisher, sideFilePath(runId, epoch, numbers.take().seq), lines);
}
