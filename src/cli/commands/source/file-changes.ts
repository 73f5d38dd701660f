/** What happened to a stream's input files since they were read, as far as a plan can tell. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { OpenRequest, Reader, Source, StartCursor } from "../../../core/ports/source.ts";
import type { Scan } from "../../../core/scan.ts";
import { fileLineName } from "../file-line-name.ts";

/** Files of a stream by what a run would do about them, each list by name. */
export interface FileChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** Gone from where they were; `on_missing` says what becomes of their rows. */
  readonly gone: readonly string[];
  readonly unchanged: number;
  /** The scans that a run would make, in their order. */
  readonly scans: readonly Scan[];
  /** Whether there are more scans than a plan looks into: then files are missing here. */
  readonly isCut: boolean;
}

/** Scans that a plan looks into: each takes a sample of its files. */
export const scansMax = 32;

/** Opens the stream as a run would, and reads nothing of its rows. */
export async function fileChanges(
  source: Source,
  request: OpenRequest,
  project: string,
): Promise<FileChanges> {
  // A read with a limit hands its scans out without waiting for them to be executed.
  const limits = { ...request.limits, rowsMax: 1 };
  const reader = await source.open({ ...request, limits });
  const names = new Set<string>();
  const scans: Scan[] = [];
  let isCut = false;
  try {
    for (;;) {
      const item = await nextScan(reader);
      if (item === null) break;
      isCut = scans.length >= scansMax;
      if (isCut) break;
      scans.push(item.scan);
      for (const file of item.scan.files) names.add(file.name);
    }
  } finally {
    await reader.close();
  }
  const known = knownNames(request.cursor);
  const gone = await missing(
    project,
    [...known].filter((name) => !names.has(name)),
  );
  const changed = [...names].filter((name) => known.has(name));
  return {
    added: [...names].filter((name) => !known.has(name)).toSorted(),
    changed: changed.toSorted(),
    gone,
    unchanged: known.size - gone.length - changed.length,
    scans,
    isCut,
  };
}

async function nextScan(reader: Reader) {
  const item = await reader.next();
  return item.kind === "scan" ? item : null;
}

function knownNames(cursor: StartCursor | null): ReadonlySet<string> {
  const lines = cursor?.boundaryLines ?? [];
  return new Set(lines.flatMap((line) => fileLineName(line) ?? []));
}

/** One look after the other: thousands at once would be as many open requests. */
async function missing(project: string, names: readonly string[]): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const name of names.toSorted()) {
    const found = await stat(join(project, name)).catch(() => null);
    if (found === null) gone.push(name);
  }
  return gone;
}
