/** Sorted lines of a reader's, durable beside the journal before the line that names them. */
import { sideFilePath } from "../../context/layout.ts";
import { boundaryOf, readSideFile, writeSideFile } from "../../context/side-file.ts";
import type { Boundary, ReadCursor } from "../../core/cursor.ts";
import type { JournalCursor, SideFile } from "../../core/journal.ts";
import type { RunFrame } from "./run-frame.ts";

type Staging = Pick<RunFrame, "staging">;

/** A cursor as it is kept, with its boundary's lines. */
export interface KeptCursor {
  readonly cursor: JournalCursor;
  /** Empty without a boundary. */
  readonly lines: readonly string[];
}

/**
 * Keeps a reader's cursor. Lines that are those of `last`, the cursor before it, stay where they
 * are; a reader that met nothing new may leave them out.
 */
export async function keepCursor(
  frame: Staging,
  { resume, stored, boundaryLines }: ReadCursor,
  last: KeptCursor | null,
): Promise<KeptCursor> {
  const known = last?.cursor.stored.boundary ?? null;
  if (boundaryLines === null && stored.boundary !== null) {
    // To lose a boundary is to read everything again.
    if (last === null || known?.sha256 !== stored.boundary.sha256) throw strayBoundary();
    return {
      cursor: { resume, stored, boundaryPath: last.cursor.boundaryPath },
      lines: last.lines,
    };
  }
  const lines = boundaryLines ?? [];
  if (last !== null && known !== null && isBoundaryOf(known, lines)) {
    const { boundaryPath } = last.cursor;
    return { cursor: { resume, stored: { ...stored, boundary: known }, boundaryPath }, lines };
  }
  const file = await keepLines(frame, lines);
  const boundary = file === null ? null : { count: file.count, sha256: file.sha256 };
  const boundaryPath = file?.path ?? null;
  return { cursor: { resume, stored: { ...stored, boundary }, boundaryPath }, lines };
}

function isBoundaryOf({ count, sha256 }: Boundary, lines: readonly string[]): boolean {
  return count === lines.length && sha256 === boundaryOf(lines).sha256;
}

function strayBoundary(): Error {
  return new Error("a reader's cursor has a boundary without lines that isn't the one before it");
}

/** A cursor that was kept before, with its lines. Throws as `readSideFile` does. */
export async function readKept({ staging }: Staging, cursor: JournalCursor): Promise<KeptCursor> {
  const { stored, boundaryPath } = cursor;
  if (stored.boundary === null || boundaryPath === null) return { cursor, lines: [] };
  const file = { ...stored.boundary, path: boundaryPath };
  return { cursor, lines: await readSideFile(staging.publisher.filesystem, file) };
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
