/**
 * A scan that was handed out, and the proof that what was read is what the cursor will say.
 *
 *   V1. Digests are computed while DuckDB reads, so that a big file comes from the disk once. Where
 *       the clock is too coarse to show a change (`isSettled`), they are computed before and after.
 *   V2. A file counts as read only if size, modification time and inode after the read are those of
 *       before, and as many bytes were hashed as it has.
 *   V3. A compressed file is proven whole by decompressing it, since DuckDB takes a cut one.
 */
import type { FileLine } from "./change/file-line.ts";
import type { FileToRead } from "./change/plan-files.ts";
import type { FileGroup, ReadableFile } from "./describe-files.ts";
import { runBytesMax } from "./csv/longest-run.ts";
import { digestFile } from "./digest-file.ts";
import { changedWhileRead, fileError } from "./file-error.ts";
import { changeBetween, lookAt, type InputFile } from "./input-file.ts";
import { mapParallel } from "./map-parallel.ts";

/** A file of a scan. */
export interface PreparedFile extends ReadableFile {
  readonly toRead: FileToRead;
  /** Digest of the whole file where it is known; null where it is still to be computed. */
  readonly sha256: string | null;
  /** Whether a change after `state` was looked at shows in the modification time. */
  readonly isSettled: boolean;
}

/** The files of one scan. */
export interface PreparedGroup extends FileGroup {
  readonly files: readonly PreparedFile[];
}

type Hashed = { readonly kind: "done" } | { readonly kind: "failed"; readonly error: unknown };

/** Watches over the files of one scan. */
export class PreparedScan {
  readonly group: PreparedGroup;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #digests = new Map<string, string>();
  /** Never rejects: whoever waits for it throws what it says. */
  #hashing: Promise<Hashed> = Promise.resolve({ kind: "done" });

  constructor(group: PreparedGroup, signal: AbortSignal) {
    this.group = group;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /** Before the scan is handed out. Throws where a file can't be hashed or changed. */
  async begin(): Promise<void> {
    const { files } = this.group;
    for (const { inspected, sha256 } of files) {
      if (sha256 !== null) this.#digests.set(inspected.file.name, sha256);
    }
    const unsettled = files.filter(({ isSettled }) => !isSettled);
    await mapParallel(unsettled, (file) => this.#hash(file));
    const rest = files.filter((file) => file.isSettled && needsDigest(file));
    this.#hashing = mapParallel(rest, (file) => this.#hash(file)).then(
      () => ({ kind: "done" }),
      (error: unknown) => ({ kind: "failed", error }),
    );
  }

  /** After the scan was executed: the lines of its files. Throws where one changed. */
  async verify(): Promise<readonly FileLine[]> {
    await this.#hashing;
    await this.checkUnchanged();
    await this.checkWhole();
    const unsettled = this.group.files.filter(({ isSettled }) => !isSettled);
    await mapParallel(unsettled, (file) => this.#hash(file));
    return this.group.files.map(({ inspected, isSettled }) => {
      const { name, state } = inspected.file;
      const sha256 = this.#digests.get(name);
      if (sha256 === undefined) throw new Error(`expected a digest of ${name}`);
      const proof = { modifiedNs: state.modifiedNs, inode: state.inode };
      return { name, sizeBytes: state.sizeBytes, sha256, proof: isSettled ? proof : null };
    });
  }

  /** Throws Transient `file.changed_while_read` for the first file that isn't what it was. */
  async checkUnchanged(): Promise<void> {
    await mapParallel(this.group.files, async ({ inspected }) => {
      const { name, path, state } = inspected.file;
      const change = changeBetween(state, await lookAt(path, name));
      if (change !== null) throw changedWhileRead(name, change);
    });
  }

  /** Waits for the digests, and throws what is wrong with a file that DuckDB may have misread. */
  async checkWhole(): Promise<void> {
    const hashed = await this.#hashing;
    if (hashed.kind === "failed") throw toError(hashed.error);
  }

  /** Ends the hashing. Idempotent. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#hashing;
  }

  async #hash({ inspected }: PreparedFile): Promise<void> {
    const { file, compression } = inspected;
    const digest = await digestFile(file, compression, this.#signal);
    const { sha256, sizeBytes, longestRunBytes } = digest;
    checkSize(file, sizeBytes);
    if (inspected.layout?.kind === "csv" && longestRunBytes > runBytesMax) throw longLine(file);
    const earlier = this.#digests.get(file.name);
    if (earlier !== undefined && earlier !== sha256) {
      throw changedWhileRead(file.name, "was written to");
    }
    this.#digests.set(file.name, sha256);
  }
}

function toError(caught: unknown): Error {
  return caught instanceof Error ? caught : new Error(String(caught));
}

/** V3: the digest that told a move or change was taken of the bytes alone. */
function needsDigest({ sha256, inspected, path }: PreparedFile): boolean {
  const isCopy = path !== inspected.file.path;
  const mayHideRow =
    inspected.layout?.kind === "csv" && inspected.file.state.sizeBytes > runBytesMax;
  return sha256 === null || mayHideRow || (!isCopy && inspected.compression !== "none");
}

function longLine({ name }: InputFile): Error {
  return fileError("long_line", name, {
    message: `expected line ends at most ${runBytesMax} bytes apart in '${name}', got none for longer`,
    hint: "check the file's format, quote and encoding",
  });
}

/** Throws where another number of bytes was read than the file has. */
function checkSize({ name, state }: InputFile, sizeBytes: number): void {
  if (sizeBytes === state.sizeBytes) return;
  if (sizeBytes > state.sizeBytes) throw changedWhileRead(name, "grew");
  throw changedWhileRead(name, "shrank");
}
