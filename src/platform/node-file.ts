/**
 * Files of the node adapter: one open for writing at its end, and reading with a bound.
 *
 *   Owns:    the handles, from open to close.
 *   Doesn't: know names, folders or the root.
 *   F1. A write or sync that failed is never tried again: after a failed fsync the system may have
 *       dropped the pages and report the next one as done, so the handle only closes from then on.
 *   F2. `sync` is fsync; on macOS libuv makes it F_FULLFSYNC, and plain fsync where the filesystem
 *       has none (uv__fs_fsync in its src/unix/fs.c).
 */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { HakiriError } from "../core/error.ts";
import type { WritableFile } from "../core/ports/filesystem.ts";
import { onDisk } from "./disk-error.ts";

type State =
  | { readonly kind: "idle" | "busy" | "closed" }
  | { readonly kind: "failed"; readonly error: unknown };

/** One write(2) takes no more; a longer write is several, since Node refuses 2 GiB and more. */
const writeMaxBytes = 64 * 1024 * 1024;

/** The size of a piece in bytes. */
const pieceBytes = 1024 * 1024;

/** A file of node:fs as the port's; it owns the handle, which must stand at the file's end. */
export class NodeWritableFile implements WritableFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #state: State = { kind: "idle" };

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** Appends all bytes; short writes are continued. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#step("write", async () => {
      let written = 0;
      while (written < bytes.byteLength) {
        const length = Math.min(bytes.byteLength - written, writeMaxBytes);
        written += (await this.#handle.write(bytes, written, length, null)).bytesWritten;
      }
    });
  }

  /** Makes every byte written so far durable. */
  async sync(): Promise<void> {
    await this.#step("make durable", () => this.#handle.sync());
  }

  /** Frees the handle, also after a failure; does nothing the second time. */
  async close(): Promise<void> {
    if (this.#state.kind === "closed") return;
    if (this.#state.kind === "busy") throw new Error(`closed during another call: ${this.#path}`);
    this.#state = { kind: "closed" };
    await onDisk({ deed: "close", path: this.#path }, () => this.#handle.close());
  }

  async #step(deed: string, run: () => Promise<void>): Promise<void> {
    if (this.#state.kind === "failed") throw this.#state.error;
    if (this.#state.kind !== "idle") {
      throw new Error(
        `expected an idle file to ${deed}, got one ${this.#state.kind}: ${this.#path}`,
      );
    }
    this.#state = { kind: "busy" };
    try {
      await onDisk({ deed, path: this.#path }, run);
      this.#state = { kind: "idle" };
    } catch (error) {
      this.#state = { kind: "failed", error };
      throw error;
    }
  }
}

/**
 * The whole content of a file, in an allocation of its own. Throws HakiriError `disk.too_large`
 * when it is, or grows meanwhile, past `sizeMaxBytes`.
 */
export async function readWhole(path: string, sizeMaxBytes: number): Promise<Uint8Array> {
  return withFile(path, async (handle, sizeBytes) => {
    if (sizeBytes > sizeMaxBytes) throw tooLarge(path, sizeBytes, sizeMaxBytes);
    // One byte more than it is said to hold, so that the end is met without another allocation.
    let bytes = new Uint8Array(sizeBytes + 1);
    let filled = 0;
    for (;;) {
      const room = Math.min(bytes.length - filled, writeMaxBytes);
      const { bytesRead } = await handle.read(bytes, filled, room, null);
      if (bytesRead === 0) return new Uint8Array(bytes.buffer.transfer(filled));
      filled += bytesRead;
      if (filled > sizeMaxBytes) throw tooLarge(path, filled, sizeMaxBytes);
      if (filled === bytes.length) {
        const grown = Math.min(2 * bytes.length, sizeMaxBytes + 1);
        bytes = new Uint8Array(bytes.buffer.transfer(grown));
      }
    }
  });
}

/** The content in pieces of at most 1 MiB, all in one buffer: a piece is gone with the next. */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array, void, void> {
  const step = { deed: "read", path };
  const handle = await onDisk(step, () => openFile(path));
  try {
    await onDisk(step, () => sizeOfFile(handle, path));
    const buffer = new Uint8Array(pieceBytes);
    for (;;) {
      const { bytesRead } = await onDisk(step, () => handle.read(buffer, 0, pieceBytes, null));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function withFile<T>(
  path: string,
  use: (handle: FileHandle, sizeBytes: number) => Promise<T>,
): Promise<T> {
  return onDisk({ deed: "read", path }, async () => {
    const handle = await openFile(path);
    try {
      return await use(handle, await sizeOfFile(handle, path));
    } finally {
      await handle.close();
    }
  });
}

/** Without blocking: a pipe under this name would otherwise hold the thread until it is written. */
function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

async function sizeOfFile(handle: FileHandle, path: string): Promise<number> {
  const stat = await handle.stat();
  if (stat.isFile()) return stat.size;
  throw new HakiriError({
    kind: "Permanent",
    code: "disk.failed",
    message: `expected a file to read, got a folder, pipe or device: '${path}'`,
    hint: "move away what stands there under that name",
  });
}

function tooLarge(path: string, sizeBytes: number, sizeMaxBytes: number): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "disk.too_large",
    message: `expected at most ${sizeMaxBytes} bytes in '${path}', got ${sizeBytes} or more`,
    hint: "the file is damaged or not hakiri's: run 'hakiri doctor'",
  });
}
