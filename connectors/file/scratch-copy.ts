/**
 * Copies of input files in a form that DuckDB reads: text in UTF-8 without a mark, or the rows of a
 * JSON document as lines. A copy is made in one pass that computes the original's digest too.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TextDecoder } from "node:util";
import { HakiriError } from "../../src/connector.ts";
import { LineEnds } from "./csv/line-ends.ts";
import type { FieldMarks } from "./csv/parse-records.ts";
import type { KnownEncoding } from "./encoding.ts";
import { fileError, systemCode, unreadable } from "./file-error.ts";
import type { InputFile } from "./input-file.ts";
import { pointerOf } from "./json/pointer.ts";
import { CutError, RowCutter, type RowsPlace } from "./json/row-cutter.ts";
import { decompress, rawPieces, type Compression } from "./read-pieces.ts";

/** What to copy, and what to make of it. */
export interface CopyOrder {
  readonly file: InputFile;
  readonly compression: Compression;
  readonly encoding: KnownEncoding;
  /** The rows to cut out of JSON; null copies all text. */
  readonly rows: RowsPlace | null;
  /** How fields are told apart, for CSV whose line ends become line feeds; null keeps them. */
  readonly marks: FieldMarks | null;
}

/** A copy, not compressed. */
export interface ScratchCopy {
  /** Absolute. */
  readonly path: string;
  /** Digest of the original; null where it was not read to its end. */
  readonly sha256: string | null;
  /** Rows that were cut; null for a copy of all text. */
  readonly rows: number | null;
}

/** A folder of copies that goes away with its owner. */
export class Scratch {
  readonly #parent: string;
  #folder: string | null = null;
  #number = 0;

  /** The folder is made below `parent`, absolute, when the first copy is. */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /**
   * Makes a copy. Throws `file.bad_encoding`, `file.bad_json`, `file.no_rows`, and what reading
   * throws.
   */
  async copy(order: CopyOrder, signal: AbortSignal): Promise<ScratchCopy> {
    if (this.#folder === null) {
      this.#folder = await makeFolder(this.#parent);
    }
    this.#number += 1;
    const path = join(this.#folder, `${this.#number}.txt`);
    const target = await open(path, "wx", 0o600).catch((error: unknown) => {
      throw noRoom(error);
    });
    try {
      return { path, ...(await writeCopy(order, target, signal)) };
    } finally {
      await target.close();
    }
  }

  /** Removes a copy that is no longer needed. */
  async remove(path: string): Promise<void> {
    if (dirname(path) === this.#folder) await rm(path, { force: true });
  }

  /** Removes all copies. Idempotent. */
  async close(): Promise<void> {
    const folder = this.#folder;
    this.#folder = null;
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

async function makeFolder(parent: string): Promise<string> {
  try {
    await mkdir(parent, { recursive: true });
    return await mkdtemp(join(parent, "files-"));
  } catch (error) {
    throw noRoom(error);
  }
}

/** Thrown inside of a copy that has enough rows. */
class EnoughRows extends Error {}

async function writeCopy(
  order: CopyOrder,
  target: FileHandle,
  signal: AbortSignal,
): Promise<Omit<ScratchCopy, "path">> {
  const { file, compression } = order;
  const hash = createHash("sha256");
  async function* hashed(): AsyncGenerator<Uint8Array, void> {
    for await (const piece of rawPieces(file, signal)) {
      hash.update(piece);
      yield piece;
    }
  }
  const decode = decoderOf(order);
  const cutter = order.rows === null ? null : new RowCutter(order.rows);
  const lineEnds = order.marks === null ? null : new LineEnds(order.marks);
  const write = async (text: Uint8Array): Promise<void> => {
    await append(target, cutter?.push(text) ?? lineEnds?.push(text) ?? text);
    if (cutter?.isDone === true) throw new EnoughRows();
  };
  try {
    await decompress(hashed(), compression, file.name, (piece) => write(decode(piece)));
    await write(decode(null));
    if (cutter !== null) await append(target, cutter.end());
    return { sha256: hash.digest("hex"), rows: cutter?.rows ?? null };
  } catch (error) {
    if (error instanceof EnoughRows) return { sha256: null, rows: cutter?.rows ?? null };
    if (error instanceof CutError) throw cutFault(error, order);
    throw unreadable(file.name, error);
  }
}

async function append(target: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    if (bytes.length > 0) await target.appendFile(bytes);
  } catch (error) {
    throw noRoom(error);
  }
}

/** The error of a copy that can't be written. */
function noRoom(error: unknown): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  const record = {
    kind: "Permanent",
    code: isFull ? "disk.full" : "disk.failed",
    message: `expected to write a copy of an input file in UTF-8, got ${code}`,
    hint: isFull ? "make room on that disk" : "check the disk and the folder of the project",
  } as const;
  return new HakiriError(record, { cause: error });
}

/** Turns pieces into UTF-8 without a byte order mark; null ends the text. */
function decoderOf({ file, encoding }: CopyOrder): (piece: Uint8Array | null) => Uint8Array {
  if (encoding.kind === "native" && encoding.name === "utf-8") {
    let toSkip = encoding.bomBytes;
    return (piece) => {
      const rest = piece?.subarray(toSkip) ?? new Uint8Array();
      toSkip = Math.max(0, toSkip - (piece?.length ?? 0));
      return rest;
    };
  }
  if (encoding.kind === "native") {
    return (piece) => Buffer.from(Buffer.from(piece ?? []).toString("latin1"));
  }
  const decoder = new TextDecoder(encoding.label, { fatal: true });
  return (piece) => {
    try {
      return Buffer.from(
        piece === null ? decoder.decode() : decoder.decode(piece, { stream: true }),
      );
    } catch (error) {
      if (error instanceof TypeError) throw badEncoding(file.name, encoding.label, error);
      throw error;
    }
  };
}

/** The error of text that isn't in the encoding that it should be in. */
export function badEncoding(name: string, label: string, cause?: unknown): Error {
  const hint =
    label === "utf-8"
      ? 'name the encoding of the file, such as encoding = "windows-1252" or "latin-1"'
      : "name another encoding, or none where it is UTF-8 or UTF-16";
  const message = `expected text in ${label} in '${name}', got bytes that are none`;
  return fileError("bad_encoding", name, { message, hint }, cause);
}

function cutFault({ fault }: CutError, { file, rows }: CopyOrder): Error {
  const pointer = pointerOf(rows?.pointer ?? []);
  const place = pointer === "" ? "the document" : `'${pointer}'`;
  switch (fault.kind) {
    case "invalid":
      return fileError("bad_json", file.name, {
        message: `expected valid JSON in '${file.name}': ${fault.reason}, at byte ${fault.offsetBytes}`,
        hint: "correct the document; rows may also come one a line, as .jsonl",
      });
    case "no_place":
      return fileError("no_rows", file.name, {
        message: `expected something at ${place} in '${file.name}', got nothing there`,
        hint: "change the pointer; '' is the whole document",
      });
    case "no_items":
      return fileError("no_rows", file.name, {
        message: `expected a list or an object of rows at ${place} in '${file.name}', got one value`,
        hint: 'change the pointer, or take the value as a row with rows = "one"',
      });
    case "key_taken":
      return fileError("key_column_taken", file.name, {
        message:
          `expected rows without a member '${rows?.keyColumn ?? ""}' at ${place} in '${file.name}', ` +
          `but row ${fault.row} has one, which would be mixed up with the row's key`,
        hint: 'give the column of the keys another name: key_column = "name"',
      });
  }
}
