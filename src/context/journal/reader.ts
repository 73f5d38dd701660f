/**
 * Reads a journal back: its valid prefix, and a word where it is damaged.
 *
 * A crash tears the last line only (J2). So lines that don't hold at the very end are cut, while
 * one that is followed by a line that holds was changed after it was fsynced: nothing of such a
 * journal is trusted.
 */
import { HakiriError } from "../../core/error.ts";
import { journalLineBytesMax, type JournalLine } from "../../core/journal.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { decodeLine, journalVersion, type DecodedLine } from "./line.ts";
import type { BodyEntry } from "./ordering-gate.ts";
import type { JournalHeader } from "./writer.ts";

/** Most lines of one journal: as many as its run may have files, and as many again. */
const journalLinesMax = 2 ** 21;

/** The valid prefix of a journal. */
export interface JournalContent {
  readonly header: JournalHeader;
  /** The lines after the header, in order. */
  readonly entries: readonly BodyEntry[];
  /** Bytes at the end that are no line: what a crash left of the last one. */
  readonly tornBytes: number;
}

/**
 * Reads the journal of that path. Throws Permanent `journal.damaged` naming file and line,
 * `journal.newer_format` for one of a newer hakiri, and what the filesystem throws, `disk.missing`
 * included.
 */
export async function readJournal(filesystem: Filesystem, path: string): Promise<JournalContent> {
  const lines: JournalLine[] = [];
  let tornBytes = 0;
  let firstBroken: number | null = null;
  let number = 0;
  for await (const bytes of splitLines(filesystem.readPieces(path))) {
    number += 1;
    const decoded: DecodedLine = bytes.isWhole ? decodeLine(bytes.line) : { kind: "broken" };
    if (decoded.kind === "broken") {
      firstBroken ??= number;
      tornBytes += bytes.sizeBytes;
      continue;
    }
    if (decoded.kind === "newer") throw newerFormat(path, decoded.version);
    if (decoded.kind === "misfit") throw damaged(path, number, decoded.reason);
    if (firstBroken !== null) throw damaged(path, firstBroken, "a checksum that doesn't hold");
    if (decoded.line.seq !== lines.length) {
      throw damaged(path, number, `the number ${decoded.line.seq}, not ${lines.length}`);
    }
    if (lines.length >= journalLinesMax) throw damaged(path, number, "one line too many");
    lines.push(decoded.line);
  }
  return { ...headerAndBody(path, lines), tornBytes };
}

function headerAndBody(
  path: string,
  lines: readonly JournalLine[],
): Omit<JournalContent, "tornBytes"> {
  const header = lines[0]?.entry;
  // J1: the file came with its header, so one without was cut by something else.
  if (header?.kind !== "header") throw damaged(path, 1, "no header");
  const entries: BodyEntry[] = [];
  for (const { seq, entry } of lines.slice(1)) {
    if (entry.kind === "header") throw damaged(path, seq + 1, "a second header");
    entries.push(entry);
  }
  return { header, entries };
}

interface RawLine {
  /** Without its end; empty for one that isn't whole. */
  readonly line: Uint8Array;
  readonly sizeBytes: number;
  /** Whether it had an end, and no more bytes than a line may have. */
  readonly isWhole: boolean;
}

const lineEnd = 0x0a;

/** Cuts pieces into lines; keeps at most one line's bytes. */
async function* splitLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<RawLine> {
  const line = new GrowingLine();
  for await (const piece of pieces) {
    let from = 0;
    for (;;) {
      const end = piece.indexOf(lineEnd, from);
      if (end === -1) break;
      line.add(piece.subarray(from, end));
      yield line.take(true);
      from = end + 1;
    }
    line.add(piece.subarray(from));
  }
  if (line.sizeBytes > 0) yield line.take(false);
}

/** The bytes of a line so far. Past the most that a line may have only their count is kept. */
class GrowingLine {
  #bytes = new Uint8Array(64 * 1024);
  sizeBytes = 0;

  add(bytes: Uint8Array): void {
    const start = this.sizeBytes;
    this.sizeBytes += bytes.byteLength;
    if (this.sizeBytes >= journalLineBytesMax) return;
    if (this.sizeBytes > this.#bytes.byteLength) {
      const grown = Math.min(journalLineBytesMax, Math.max(2 * start, this.sizeBytes));
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(grown));
    }
    this.#bytes.set(bytes, start);
  }

  take(hasEnd: boolean): RawLine {
    const sizeBytes = this.sizeBytes + (hasEnd ? 1 : 0);
    const isWhole = hasEnd && sizeBytes <= journalLineBytesMax;
    const line = isWhole ? this.#bytes.slice(0, this.sizeBytes) : new Uint8Array();
    this.sizeBytes = 0;
    return { line, sizeBytes, isWhole };
  }
}

function damaged(path: string, line: number, found: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "journal.damaged",
    message: `expected a whole journal in '${path}', got ${found} in line ${line}`,
    hint: "check the disk, and run 'hakiri doctor'; what the run staged is not used",
  });
}

function newerFormat(path: string, version: number): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "journal.newer_format",
    message: `expected a journal of version ${journalVersion} at most in '${path}', got ${version}`,
    hint: "a newer hakiri wrote it: install that one, or a later one",
  });
}
