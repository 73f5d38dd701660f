/**
 * The files of a read on their way into scans: looked into a few ahead, copied where DuckDB can't
 * read them, and put together with those that are read alike.
 */
import type { CsvLayout } from "./csv/read-layout.ts";
import type { FileToRead } from "./change/plan-files.ts";
import type { FileSettings } from "./config.ts";
import { copyOrderOf } from "./copy-order.ts";
import { layoutKey } from "./describe-files.ts";
import { changedWhileRead } from "./file-error.ts";
import { inspectFile, type FileLayout, type Inspected } from "./inspect-file.ts";
import { changeBetween, isSettled, lookAt } from "./input-file.ts";
import { mapParallel } from "./map-parallel.ts";
import type { PreparedFile, PreparedGroup } from "./prepared-scan.ts";
import type { ScanBounds } from "./scan-bounds.ts";
import type { Scratch } from "./scratch-copy.ts";

/** A file without rows. */
export interface EmptyFile {
  readonly toRead: FileToRead;
  readonly inspected: Inspected;
  readonly isSettled: boolean;
  /** Digest of the whole file where it is known. */
  readonly sha256: string | null;
}

/** What a queue works with. */
export interface QueueContext {
  readonly settings: FileSettings;
  readonly scratch: Scratch;
  readonly bounds: ScanBounds;
  /** Rows that are enough; null for all. */
  readonly rowsMax: number | null;
  /** Nanoseconds since 1970. */
  readonly nowNs: () => bigint;
  readonly signal: AbortSignal;
}

/** Files that are looked into ahead of the scan that takes them. */
const aheadMax = 64;

/** Layouts that later files are compared with. */
const layoutsMax = 16;

interface Candidate {
  readonly toRead: FileToRead;
  readonly inspected: Inspected;
  readonly isSettled: boolean;
}

/** A queue of files. One call at a time. */
export class FileQueue {
  readonly #files: readonly FileToRead[];
  readonly #context: QueueContext;
  #taken = 0;
  #ahead: Candidate[] = [];
  /** The latest first. */
  #layouts: readonly CsvLayout[] = [];

  constructor(files: readonly FileToRead[], context: QueueContext) {
    this.#files = files;
    this.#context = context;
  }

  /**
   * The next files that are read alike, null after the last; those without rows on the way are
   * told. Throws Transient `file.changed_while_read`, and what looking into files throws.
   */
  async nextGroup(tellEmpty: (file: EmptyFile) => void): Promise<PreparedGroup | null> {
    const { filesMax, bytesMax } = this.#context.bounds;
    const files: PreparedFile[] = [];
    let layout: FileLayout | null = null;
    let key = "";
    let bytes = 0;
    for (;;) {
      const candidate = await this.#peek();
      if (candidate === null) break;
      const { inspected } = candidate;
      const candidateKey = keyOf(inspected);
      if (candidateKey === null || inspected.layout === null) {
        this.#ahead.shift();
        tellEmpty({ ...candidate, sha256: candidate.toRead.sha256 });
        continue;
      }
      const { sizeBytes } = inspected.file.state;
      const isFull = files.length === filesMax || bytes + sizeBytes > bytesMax;
      if (layout !== null && (candidateKey !== key || isFull)) break;
      this.#ahead.shift();
      const prepared = await this.#prepare(candidate, tellEmpty);
      if (prepared === null) continue;
      files.push(prepared);
      bytes += sizeBytes;
      layout = inspected.layout;
      key = candidateKey;
    }
    return layout === null ? null : { layout, files };
  }

  async #peek(): Promise<Candidate | null> {
    if (this.#ahead.length === 0) {
      // The first alone, so that the next ones can be compared with it.
      const count = this.#taken === 0 ? 1 : aheadMax;
      const next = this.#files.slice(this.#taken, this.#taken + count);
      this.#taken += next.length;
      this.#ahead = await mapParallel(next, (toRead) => this.#inspect(toRead));
      for (const { inspected } of this.#ahead) this.#remember(inspected.layout);
    }
    return this.#ahead[0] ?? null;
  }

  async #inspect(toRead: FileToRead): Promise<Candidate> {
    const { settings, signal, nowNs } = this.#context;
    signal.throwIfAborted();
    const { name, path } = toRead.file;
    const now = nowNs();
    const state = await lookAt(path, name);
    if (state === null) throw changedWhileRead(name, "vanished");
    const change = changeBetween(toRead.file.state, state);
    // What was decided by its digest holds for what it was only.
    if (change !== null && toRead.sha256 !== null) throw changedWhileRead(name, change);
    const file = { name, path, state };
    const inspected = await inspectFile(file, settings, this.#layouts, signal);
    return { toRead, inspected, isSettled: isSettled(state, now) };
  }

  #remember(layout: FileLayout | null): void {
    if (layout?.kind !== "csv" || this.#layouts.includes(layout)) return;
    this.#layouts = [layout, ...this.#layouts].slice(0, layoutsMax);
  }

  async #prepare(
    candidate: Candidate,
    tellEmpty: (file: EmptyFile) => void,
  ): Promise<PreparedFile | null> {
    const { inspected, toRead } = candidate;
    const { file, compression } = inspected;
    if (!inspected.needsCopy) {
      const { sha256 } = toRead;
      return { ...candidate, path: file.path, compression, sha256 };
    }
    const { settings, scratch, rowsMax, signal } = this.#context;
    const copy = await scratch.copy(copyOrderOf(inspected, settings, rowsMax), signal);
    if (copy.rows === 0) {
      await scratch.remove(copy.path);
      tellEmpty({ ...candidate, sha256: copy.sha256 });
      return null;
    }
    return { ...candidate, path: copy.path, compression: "none", sha256: copy.sha256 };
  }
}

/** Null for a file without rows. */
function keyOf({ layout, hasRows, needsCopy, compression }: Inspected): string | null {
  if (layout === null || !hasRows) return null;
  return layoutKey(layout, needsCopy ? "none" : compression);
}
