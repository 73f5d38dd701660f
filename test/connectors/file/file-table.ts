/** A table in memory that takes what a source of files gives, as the context store would. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { fileSource, type FileSourceOptions } from "../../../connectors/file/source.ts";
import type {
  OpenRequest,
  ReadCursor,
  Reader,
  Scan,
  Source,
  StartCursor,
} from "../../../src/connector.ts";
import { boundaryOf } from "../../../src/context/side-file.ts";
import { PlainScanner } from "./plain-scanner.ts";

/** A row, with the file that it came from. */
export interface FileRow {
  readonly file: string;
  readonly text: string;
}

/** Options of a source in tests. */
export type TestOptions = Partial<FileSourceOptions> & { readonly project: string };

/** A source with the machine's clock, of all CSV files of the folder as the stream `t`. */
export function testSource(options: TestOptions): Source {
  return fileSource({
    settings: { glob: "*.csv", stream: "t" },
    rules: { onChange: "replace", onMissing: "keep" },
    streamName: ({ path }) => path.split("/").at(-1)?.replaceAll(/\W/gu, "_") ?? "",
    scratch: join(options.project, ".scratch"),
    nowMicros: () => BigInt(Date.now()) * 1000n,
    ...options,
  });
}

/** A request for all of a stream. */
export function requestOf(rest: Partial<OpenRequest> = {}): OpenRequest {
  return {
    stream: "t",
    partition: null,
    cursor: null,
    incremental: null,
    isKeyed: false,
    columns: null,
    range: null,
    limits: { batchRowsMax: 65_536, batchBytesMax: 8_388_608, rowsMax: null },
    sessionToken: null,
    signal: new AbortController().signal,
    scanner: new PlainScanner(),
    ...rest,
  };
}

/** The table, and the cursor that a run left. */
export class FileTable {
  rows: readonly FileRow[] = [];
  cursor: StartCursor | null = null;
  scans = 0;
  /** Names of the files that were read, in order. */
  read: string[] = [];
  notices: string[] = [];

  /**
   * Reads on from the cursor. `scansMax` stops after so many scans as a crash would: what was
   * journaled by then stays.
   */
  async run(source: Source, scansMax = Number.POSITIVE_INFINITY): Promise<void> {
    this.read = [];
    this.scans = 0;
    this.notices = [];
    const notice = (text: string): void => void this.notices.push(text);
    const reader = await source.open(requestOf({ cursor: this.cursor, notice }));
    try {
      for (;;) {
        if (this.scans === scansMax) return;
        const item = await reader.next();
        if (item.kind === "records") throw new Error("expected scans");
        if (item.kind === "end") {
          this.#supersede(item.supersedes);
          this.#goOn(item.cursor);
          return;
        }
        await this.#take(reader, item.scan, item.supersedes);
      }
    } finally {
      await reader.close();
    }
  }

  /** Texts of rows by file, for comparison. */
  content(): Readonly<Record<string, readonly string[]>> {
    const byFile = Map.groupBy(this.rows, ({ file }) => file);
    const lists = [...byFile].map(([file, rows]) => [file, rows.map(({ text }) => text)] as const);
    return Object.fromEntries(lists.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  async #take(reader: Reader, scan: Scan, supersedes: readonly string[]): Promise<void> {
    this.scans += 1;
    const rows = rowsOf(scan);
    const cursor = await reader.verifyScan?.(scan);
    this.#supersede(supersedes);
    this.rows = [...this.rows, ...rows];
    this.read.push(...scan.files.map(({ name }) => name));
    this.#goOn(cursor ?? null);
  }

  #supersede(names: readonly string[]): void {
    expect(names).toEqual([...new Set(names)].toSorted());
    this.rows = this.rows.filter(({ file }) => !names.includes(file));
  }

  #goOn(cursor: ReadCursor | null): void {
    if (cursor === null) throw new Error("expected a cursor");
    expect(cursor.resume).toBe("any");
    const { stored, boundaryLines } = cursor;
    if (boundaryLines === null) {
      if (stored.boundary !== null) expect(stored).toEqual(this.cursor?.stored);
    } else {
      // As the store makes it of the side file.
      expect(stored.boundary).toEqual(boundaryOf(boundaryLines));
    }
    const lines =
      stored.boundary === null ? [] : (boundaryLines ?? this.cursor?.boundaryLines ?? []);
    // Through text, as it is stored.
    this.cursor = {
      stored: JSON.parse(JSON.stringify(stored)) as StartCursor["stored"],
      boundaryLines: lines,
    };
  }
}

/** Lines below the header of a scan's files. */
function rowsOf(scan: Scan): readonly FileRow[] {
  return scan.files.flatMap(({ path, name }) =>
    readFileSync(path, "utf8")
      .split("\n")
      .slice(1)
      .filter((line) => line !== "")
      .map((text) => ({ file: name, text })),
  );
}
