/** The list of the files that were read, as it grows, and the cursor that it makes. */
import {
  boundaryFilesMax,
  HakiriError,
  type ReadCursor,
  type StartCursor,
  type StoredCursor,
} from "../../../src/connector.ts";
import { fileError } from "../file-error.ts";
import { boundaryOf, readLine, writeLine, type FileLine } from "./file-line.ts";
import type { KnownFiles } from "./plan-files.ts";

/** What `type` of a stored cursor says. */
const cursorType = "files";

/** A list under way. Memory: the text of each line. */
export class FileList {
  readonly #stream: string;
  readonly #start: StartCursor | null;
  readonly #linesMax: number;
  /** Texts of lines by name. */
  readonly #lines = new Map<string, string>();

  /**
   * Begins with what a cursor says, or with nothing. Throws Permanent `cursor.damaged` for a cursor
   * of something else.
   */
  constructor(stream: string, start: StartCursor | null, linesMax: number = boundaryFilesMax) {
    this.#stream = stream;
    this.#start = start;
    this.#linesMax = linesMax;
    if (start === null) return;
    const { connector, type, boundary } = start.stored;
    const lines = start.boundaryLines;
    if (connector !== "file" || type !== cursorType || (boundary?.count ?? 0) !== lines.length) {
      throw new HakiriError({
        kind: "Permanent",
        code: "cursor.damaged",
        message: `expected a cursor of files, got one of '${connector}' with ${lines.length} lines`,
        hint: "run 'hakiri doctor', or 'hakiri state rewind' to read all files anew",
      });
    }
    for (const text of lines) this.#lines.set(readLine(text).name, text);
  }

  /** Every line, by name. */
  known(): KnownFiles {
    return new Map([...this.#lines].map(([name, text]) => [name, readLine(text)]));
  }

  names(): readonly string[] {
    return [...this.#lines.keys()];
  }

  get size(): number {
    return this.#lines.size;
  }

  /** Adds a line, or replaces its name's. Throws `file.too_many` and `file.bad_name`. */
  set(line: FileLine): void {
    this.#lines.set(line.name, writeLine(line));
    if (this.#lines.size <= this.#linesMax) return;
    throw fileError("too_many", line.name, {
      message: `expected a list of at most ${this.#linesMax} files, got one more, '${line.name}'`,
      hint: 'files that are gone count too; on_missing = "delete" forgets them with their rows',
    });
  }

  remove(name: string): void {
    this.#lines.delete(name);
  }

  /** The cursor of what the list has now. Its lines are null where they are as at the start. */
  cursor(): ReadCursor {
    const lines = [...this.#lines.values()].toSorted();
    const boundary = boundaryOf(lines);
    if (this.#start !== null && boundary?.sha256 === this.#start.stored.boundary?.sha256) {
      return { resume: "any", stored: this.#start.stored, boundaryLines: null };
    }
    const stored: StoredCursor = { ...this.#blank(), boundary };
    return { resume: "any", stored, boundaryLines: boundary === null ? null : lines };
  }

  /** The cursor of a read that stops early: nothing goes on from it. */
  standstill(): ReadCursor {
    const stored = this.#start?.stored ?? this.#blank();
    return { resume: "none", stored, boundaryLines: null };
  }

  #blank(): StoredCursor {
    return {
      version: 1,
      connector: "file",
      stream: this.#stream,
      column: null,
      type: cursorType,
      value: null,
      boundary: null,
    };
  }
}
