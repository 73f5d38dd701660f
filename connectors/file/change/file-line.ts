/**
 * The lines of the boundary of a stream of files: one for each file that was read, as canonical
 * JSON `{inode, mtime, name, sha256, size}`. `mtime` (nanoseconds) and `inode` are text, and absent
 * where the file had changed so shortly before that they prove nothing.
 */
import { createHash } from "node:crypto";
import { canonicalJson, HakiriError, type Boundary } from "../../../src/connector.ts";
import { fileError } from "../file-error.ts";
import type { FileState } from "../input-file.ts";

/** A file as it was when it was read. */
export interface FileLine {
  readonly name: string;
  readonly sizeBytes: number;
  /** Of the file's bytes as they are on disk, lower-case hexadecimal. */
  readonly sha256: string;
  /** What tells without reading that it is still the same; null where nothing does. */
  readonly proof: Pick<FileState, "modifiedNs" | "inode"> | null;
}

/** Most bytes of a line. */
export const lineBytesMax = 16 * 1024;

/** The text of a line. Throws Permanent `file.bad_name` for a name that no line has room for. */
export function writeLine(line: FileLine): string {
  const text = canonicalJson({
    inode: line.proof?.inode.toString(),
    mtime: line.proof?.modifiedNs.toString(),
    name: line.name,
    sha256: line.sha256,
    size: line.sizeBytes,
  });
  if (Buffer.byteLength(text) <= lineBytesMax) return text;
  throw fileError("bad_name", line.name, {
    message: `expected a file name that takes at most ${lineBytesMax} bytes in the list of files`,
    hint: "rename the file, or a folder above it",
  });
}

/** The line of a text. Throws Permanent `cursor.damaged` for what is none. */
export function readLine(text: string): FileLine {
  const value = parsed(text);
  const { name, size, sha256, mtime, inode } = value;
  if (typeof name !== "string" || typeof sha256 !== "string") throw damaged(text);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw damaged(text);
  if (!/^[0-9a-f]{64}$/u.test(sha256)) throw damaged(text);
  if (mtime === undefined && inode === undefined) {
    return { name, sizeBytes: size, sha256, proof: null };
  }
  if (typeof mtime !== "string" || typeof inode !== "string") throw damaged(text);
  if (!/^-?\d{1,20}$/u.test(mtime) || !/^\d{1,20}$/u.test(inode)) throw damaged(text);
  const proof = { modifiedNs: BigInt(mtime), inode: BigInt(inode) };
  return { name, sizeBytes: size, sha256, proof };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    // Any object has members, each still unknown.
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw damaged(text);
}

const shownMax = 100;

function damaged(text: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "cursor.damaged",
    message: `expected a line of a list of files, got ${JSON.stringify(text.slice(0, shownMax))}`,
    hint: "run 'hakiri doctor', or 'hakiri state rewind' to read all files anew",
  });
}

/** Texts joined to pieces of about this size before they are hashed. */
const pieceCharacters = 64 * 1024;

/** Count and digest of sorted lines, as of the side file that holds them; null for none. */
export function boundaryOf(lines: readonly string[]): Boundary | null {
  if (lines.length === 0) return null;
  const hash = createHash("sha256");
  let piece = "";
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < pieceCharacters) continue;
    hash.update(piece);
    piece = "";
  }
  hash.update(piece);
  return { count: lines.length, sha256: hash.digest("hex") };
}
