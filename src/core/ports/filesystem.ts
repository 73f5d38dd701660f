/**
 * The filesystem as the store needs it: small steps, each of which can be the last before a crash.
 * What is durable is exactly what was synced: a file's bytes by `sync`, its name by `syncFolder` of
 * the folder that holds it. Paths are relative to the root of the adapter, with `/`.
 *
 * Failures are `HakiriError` of kind Permanent with code `disk.full`, `disk.permission`,
 * `disk.read_only`, `disk.missing` or `disk.failed`, naming the path.
 */

/** What is known of a path without opening it. */
export interface FileStat {
  readonly kind: "file" | "folder" | "other";
  readonly sizeBytes: number;
  /** Last change of the content, microseconds since 1970. */
  readonly modifiedMicros: bigint;
  /** The filesystem's own number of the file: a replaced file has another one. */
  readonly inode: bigint;
}

/** A file open for writing, at its end. Not more than one call at a time. */
export interface WritableFile {
  /** Appends all bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes every byte written so far durable (fsync; on macOS F_FULLFSYNC). */
  sync(): Promise<void>;
  /** Frees the handle; durable is only what was synced. */
  close(): Promise<void>;
}

/** The operations. Each is one step for a crash: done or not done, never half, `write` excepted. */
export interface Filesystem {
  /** The absolute path, for what doesn't go through this port (DuckDB, SQLite). */
  absolute(path: string): string;
  /** Makes a file that must not exist yet and opens it for writing. */
  create(path: string): Promise<WritableFile>;
  /** The whole content. Refuses a file larger than `sizeMaxBytes` with `disk.too_large`. */
  read(path: string, sizeMaxBytes: number): Promise<Uint8Array>;
  /** The content in pieces of at most 1 MiB, in order; a piece is valid until the next is asked. */
  readPieces(path: string): AsyncIterable<Uint8Array>;
  /** Null when nothing has this name. Follows links. */
  stat(path: string): Promise<FileStat | null>;
  /** The names in a folder, sorted by code unit; empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Makes one folder whose parent exists; answers false when it was there. Not durable yet. */
  makeFolder(path: string): Promise<boolean>;
  /** Gives a file a second name; answers false, changing nothing, when the new name is taken. */
  link(from: string, to: string): Promise<boolean>;
  /** Gives a file another name, replacing what had it. Atomic for readers, not durable yet. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a name; answers false when there was none. Not durable yet. */
  unlink(path: string): Promise<boolean>;
  /** Removes an empty folder; answers false when it is absent or not empty. */
  removeFolder(path: string): Promise<boolean>;
  /** Makes the bytes of a file durable that something else wrote (DuckDB). */
  syncFile(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
}
