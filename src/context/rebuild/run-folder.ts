/** What lies in the folder of a run, told by names alone (docs/format/store.md). */
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { isId, runFolder } from "../layout.ts";

/** What a file's name says that it is. */
export type FileRole =
  /** Being written, or left by whoever was. */
  | { readonly kind: "temporary" }
  | { readonly kind: "journal"; readonly epoch: number }
  | { readonly kind: "manifest"; readonly epoch: number; readonly attempt: number }
  /** `_manifest.json`. */
  | { readonly kind: "committed" }
  /** A part, deletes or a side file. */
  | { readonly kind: "content"; readonly epoch: number }
  /** None of hakiri's. */
  | { readonly kind: "foreign" };

/** A file in a run's folder, or in a folder below it. */
export interface RunFile {
  /** Relative to `.hakiri/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Microseconds since 1970. */
  readonly modifiedMicros: bigint;
  readonly role: FileRole;
}

/** A run's folder with all that is below it. */
export interface RunFiles {
  readonly files: readonly RunFile[];
  /** Below the run's own, the deepest first. */
  readonly folders: readonly string[];
}

/** Folders below a run's: tables, and in them the unnamed folders that DuckDB fills. */
const depthMax = 3;

/** The runs that have a folder, by code unit. */
export async function runIds(filesystem: Filesystem): Promise<readonly string[]> {
  const names = await filesystem.list("runs");
  return names.filter(isId);
}

/** Everything in a run's folder; nothing where there is no such folder. */
export async function listRun(filesystem: Filesystem, runId: string): Promise<RunFiles> {
  const files: RunFile[] = [];
  const folders: string[] = [];
  await gather(filesystem, runFolder(runId), { files, folders, depth: 1 });
  return { files, folders };
}

interface Gathered {
  readonly files: RunFile[];
  readonly folders: string[];
  readonly depth: number;
}

async function gather(filesystem: Filesystem, folder: string, into: Gathered): Promise<void> {
  for (const name of await filesystem.list(folder)) {
    const path = `${folder}/${name}`;
    const stat = await filesystem.stat(path);
    if (stat?.kind === "file") {
      const { sizeBytes, modifiedMicros } = stat;
      into.files.push({ path, sizeBytes, modifiedMicros, role: roleOf(path) });
    } else if (stat?.kind === "folder" && into.depth < depthMax) {
      await gather(filesystem, path, { ...into, depth: into.depth + 1 });
      into.folders.push(path);
    }
  }
}

const runPattern = /^runs\/[^/]+\/(?<rest>.+)$/u;
const temporaryPattern = /\.tmp-[0-9a-z]{10}(?:\/|$)/u;
const contentPattern =
  /^(?:[0-9a-z]{26}\/(?<part>\d{1,16})-[a-z0-9-]+\.parquet|(?<side>\d{1,16})-\d{1,16}\.lines)$/u;
const journalPattern = /^journal-(?<epoch>\d{1,16})\.jsonl$/u;
const manifestPattern = /^_manifest-(?<epoch>\d{1,16})-(?<attempt>\d{1,16})\.json$/u;

/** What the name of a file below `runs/` says. */
export function roleOf(path: string): FileRole {
  const rest = runPattern.exec(path)?.groups?.["rest"] ?? "";
  if (temporaryPattern.test(rest)) return { kind: "temporary" };
  if (rest === "_manifest.json") return { kind: "committed" };
  const journal = journalPattern.exec(rest)?.groups;
  if (journal !== undefined) return { kind: "journal", epoch: Number(journal["epoch"]) };
  const manifest = manifestPattern.exec(rest)?.groups;
  if (manifest !== undefined) {
    const { epoch, attempt } = manifest;
    return { kind: "manifest", epoch: Number(epoch), attempt: Number(attempt) };
  }
  const content = contentPattern.exec(rest)?.groups;
  if (content === undefined) return { kind: "foreign" };
  return { kind: "content", epoch: Number(content["part"] ?? content["side"]) };
}
