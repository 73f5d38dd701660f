/**
 * Side files: sorted lines that are too many for a cursor or a journal line
 * (docs/format/cursor.md). Immutable, and known by the digest of their bytes.
 */
import { boundaryFilesMax, type Boundary } from "../core/cursor.ts";
import { HakiriError } from "../core/error.ts";
import type { SideFile } from "../core/journal.ts";
import type { Filesystem } from "../core/ports/filesystem.ts";
import { sha256, sha256Of } from "./digest.ts";
import type { Publisher } from "./publish.ts";

/** Most bytes of one line, its end not counted. */
export const sideLineBytesMax = 16 * 1024;

/** Most bytes of a side file. */
const sideFileBytesMax = 256 * 1024 * 1024;

/** Lines are joined to pieces of about this size before they are hashed or written. */
const pieceCharacters = 256 * 1024;

/**
 * The digest and count of lines as their side file will have them. Throws a plain Error for lines
 * that aren't sorted by code unit or that repeat, and Permanent `cursor.boundary_too_large` or
 * `cursor.line_invalid` for what no side file holds.
 */
export function boundaryOf(lines: readonly string[]): Boundary {
  const digest = sha256();
  for (const piece of piecesOf(lines)) digest.update(piece);
  return { count: lines.length, sha256: digest.hex() };
}

/** Publishes lines as a side file. Throws as `boundaryOf` and `Publisher.publish` do. */
export async function writeSideFile(
  publisher: Publisher,
  path: string,
  lines: readonly string[],
): Promise<SideFile> {
  const published = await publisher.publish(path, piecesOf(lines));
  return { path, count: lines.length, sha256: published.sha256 };
}

/**
 * The lines of a side file. Throws Permanent `store.damaged_file`, naming the path, where its bytes
 * aren't the ones that the digest names, and what the filesystem throws.
 */
export async function readSideFile(
  filesystem: Filesystem,
  file: SideFile,
): Promise<readonly string[]> {
  if (file.count > boundaryFilesMax) throw damaged(file, `${file.count} lines`);
  const bytes = await filesystem.read(file.path, sideFileBytesMax);
  const found = sha256Of(bytes);
  if (found !== file.sha256) throw damaged(file, `the digest ${found}`);
  // A line may begin with U+FEFF, which is no mark of an encoding here.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const lines = decoder.decode(bytes).split("\n");
  // What follows the last line's end is no line.
  lines.pop();
  if (lines.length !== file.count) throw damaged(file, `${lines.length} lines`);
  return lines;
}

function* piecesOf(lines: readonly string[]): Generator<Uint8Array> {
  if (lines.length > boundaryFilesMax) {
    throw refused("boundary_too_large", `${lines.length} lines`);
  }
  let text = "";
  let last: string | undefined;
  let sizeBytes = 0;
  const encode = (): Uint8Array => {
    const piece = new TextEncoder().encode(text);
    text = "";
    sizeBytes += piece.byteLength;
    if (sizeBytes > sideFileBytesMax) throw refused("boundary_too_large", `${sizeBytes} bytes`);
    return piece;
  };
  for (const line of lines) {
    if (last !== undefined && last >= line) {
      throw new Error(`expected sorted lines without repeats, got ${last} before ${line}`);
    }
    checkLine(line);
    last = line;
    text += `${line}\n`;
    if (text.length >= pieceCharacters) yield encode();
  }
  if (text !== "") yield encode();
}

function checkLine(line: string): void {
  if (line.includes("\n")) throw refused("line_invalid", "a line end within a line");
  if (!line.isWellFormed()) throw refused("line_invalid", "half of a surrogate pair");
  // UTF-8 takes at most three bytes for one unit of UTF-16.
  if (line.length * 3 <= sideLineBytesMax) return;
  const sizeBytes = new TextEncoder().encode(line).byteLength;
  if (sizeBytes > sideLineBytesMax) throw refused("line_invalid", `a line of ${sizeBytes} bytes`);
}

function refused(code: string, found: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: `cursor.${code}`,
    message:
      `expected at most ${boundaryFilesMax} lines of at most ${sideLineBytesMax} bytes ` +
      `in a side file, got ${found}`,
    hint: "split the stream, or leave out the files with such names",
  });
}

function damaged(file: SideFile, found: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "store.damaged_file",
    message: `expected ${file.count} lines with the digest ${file.sha256} in '${file.path}', got ${found}`,
    hint: "restore the file from a copy, or run 'hakiri state rewind' to start the stream anew",
  });
}
