/**
 * What to do about each file, by what was read before and what is there now. Pure: whoever calls
 * it looks at the files and computes digests.
 *
 *   P1. A file whose size, modification time and inode are as they were is not opened.
 *   P2. One whose digest is as it was is not read, whatever else changed; its line is refreshed.
 *   P3. A file that is gone and whose content is there under another name, new or changed, was
 *       moved: its rows move with it, so that they are there once. With `on_change = append`, which
 *       takes no row away, they stay as they are, and the other name is not read.
 *   P4. Moves are told only where rows of gone files are kept. Where they are deleted, a moved file
 *       is a gone and a new one, which comes to the same.
 */
import type { OnFileChange } from "../../../src/connector.ts";
import { fileError } from "../file-error.ts";
import type { InputFile } from "../input-file.ts";
import type { FileLine } from "./file-line.ts";

/** The rules of a pipeline. */
export interface ChangeRules {
  readonly onChange: OnFileChange;
  readonly onMissing: "keep" | "delete";
}

/** What was read before, by name. */
export type KnownFiles = ReadonlyMap<string, FileLine>;

/** A file to read. */
export interface FileToRead {
  readonly file: InputFile;
  /** Where it was needed to decide; null where it is still to be computed. */
  readonly sha256: string | null;
  /** Names of files whose rows this takes the place of. */
  readonly supersedes: readonly string[];
}

/** What a read does. */
export interface FilePlan {
  /** In the order of their names. */
  readonly read: readonly FileToRead[];
  /** Files that are as they were, but for what told so. */
  readonly refreshed: readonly InputFile[];
  /** Moved files that are not read again: the old name and the file now. */
  readonly renamed: readonly { readonly from: string; readonly to: InputFile }[];
  /** Files that are gone and whose rows are to go; their lines too. */
  readonly gone: readonly string[];
}

/** The files whose digests `planFiles` needs, in the order of their names. */
export function suspects(
  files: readonly InputFile[],
  known: KnownFiles,
  rules: ChangeRules,
): readonly InputFile[] {
  // A move is told by digest, and only a file of the same size can have it.
  const goneSizes = new Set(
    rules.onMissing === "keep" ? goneLines(files, known).map(({ sizeBytes }) => sizeBytes) : [],
  );
  return files.filter((file) => {
    const line = known.get(file.name);
    if (line !== undefined && isUntouched(file, line)) return false;
    // One of another size needs none to count as changed.
    return line?.sizeBytes === file.state.sizeBytes || goneSizes.has(file.state.sizeBytes);
  });
}

/** P1. */
function isUntouched({ state }: InputFile, { sizeBytes, proof }: FileLine): boolean {
  return (
    proof !== null &&
    sizeBytes === state.sizeBytes &&
    proof.modifiedNs === state.modifiedNs &&
    proof.inode === state.inode
  );
}

function goneLines(files: readonly InputFile[], known: KnownFiles): readonly FileLine[] {
  const present = new Set(files.map(({ name }) => name));
  return [...known.values()].filter(({ name }) => !present.has(name));
}

/**
 * Decides. `digests` has those of all `suspects`. Throws Permanent `file.changed` where a file that
 * was read has other content now and `onChange` is `error`.
 */
export function planFiles(
  files: readonly InputFile[],
  known: KnownFiles,
  digests: ReadonlyMap<string, string>,
  rules: ChangeRules,
): FilePlan {
  const gone = goneLines(files, known);
  const moved = rules.onMissing === "keep" ? movedLines(gone) : new Map<string, string[]>();
  const plan = {
    read: [] as FileToRead[],
    refreshed: [] as InputFile[],
    renamed: [] as { from: string; to: InputFile }[],
    gone: rules.onMissing === "delete" ? gone.map(({ name }) => name).toSorted() : [],
  };
  for (const file of files) {
    const line = known.get(file.name);
    if (line !== undefined && isUntouched(file, line)) continue;
    const sha256 = digests.get(file.name) ?? null;
    const isSame = line?.sizeBytes === file.state.sizeBytes && line.sha256 === sha256;
    if (isSame) {
      plan.refreshed.push(file);
      continue;
    }
    if (line !== undefined && rules.onChange === "error") throw changed(file.name);
    const from = moved.get(contentKey(file.state.sizeBytes, sha256))?.shift();
    if (from !== undefined && rules.onChange === "append") {
      plan.renamed.push({ from, to: file });
      continue;
    }
    const own = line !== undefined && rules.onChange === "replace" ? [file.name] : [];
    const supersedes = from === undefined ? own : [...own, from];
    plan.read.push({ file, sha256, supersedes });
  }
  return plan;
}

/** Names of gone files by their content, each list in order. An empty file has no rows to move. */
function movedLines(gone: readonly FileLine[]): Map<string, string[]> {
  const moved = new Map<string, string[]>();
  const withRows = gone.filter(({ sizeBytes }) => sizeBytes > 0);
  for (const line of withRows.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = contentKey(line.sizeBytes, line.sha256);
    moved.set(key, [...(moved.get(key) ?? []), line.name]);
  }
  return moved;
}

function contentKey(sizeBytes: number, sha256: string | null): string {
  return `${sizeBytes} ${sha256 ?? ""}`;
}

function changed(name: string): Error {
  return fileError("changed", name, {
    message: `expected '${name}' to stay as it was when it was read, but its content changed`,
    hint: 'set on_change = "replace" to take the new rows for the old, or "append" to keep both',
  });
}
