/** The source of files: CSV, JSON, JSON Lines and Parquet, by paths and patterns. */
import { resolve } from "node:path";
import {
  type HakiriError,
  nearest,
  usageError,
  type OpenRequest,
  type Reader,
  type Source,
  type SourceContext,
  type StreamDescription,
} from "../../src/connector.ts";
import { FileList } from "./change/file-list.ts";
import type { ChangeRules } from "./change/plan-files.ts";
import { parseFileSettings, type FileSettings } from "./config.ts";
import { discoverStream } from "./discover-stream.ts";
import { FileReader } from "./file-reader.ts";
import { findFiles, type FoundFiles } from "./glob/find-files.ts";
import { missingFile, noMatch } from "./glob/no-match.ts";
import type { ScanBounds } from "./scan-bounds.ts";
import { streamsOf, type StreamNameOf } from "./streams.ts";

/** What a source of files is made of. */
export interface FileSourceOptions {
  /** `[source]` of the pipeline, see `fileSettingsSchema`. */
  readonly settings: unknown;
  /** Absolute path of the folder that paths begin in. */
  readonly project: string;
  readonly rules: ChangeRules;
  readonly streamName: StreamNameOf;
  /** Absolute path of a folder for copies of files that DuckDB can't read; made when needed. */
  readonly scratch: string;
  /** Unix time in microseconds. */
  readonly nowMicros: () => bigint;
  /** Bounds of a scan, for tests; null for those that follow from the files. */
  readonly bounds?: ScanBounds;
}

/** Makes a source of files. Throws `usage.invalid_config` and `usage.unknown_key`. */
export function fileSource(options: FileSourceOptions): Source {
  return new FileSource(options, parseFileSettings(options.settings));
}

class FileSource implements Source {
  readonly #options: FileSourceOptions;
  readonly #settings: FileSettings;

  constructor(options: FileSourceOptions, settings: FileSettings) {
    this.#options = options;
    this.#settings = settings;
  }

  async discover(context: SourceContext): Promise<readonly StreamDescription[]> {
    const { scanner, signal, wasRead = false, readStreams = [] } = context;
    const found = await this.#find(signal);
    if (!wasRead) await this.#checkFound(found, []);
    const streams: StreamDescription[] = [];
    const known = streamsOf(found.files, this.#streamRules());
    // A stream whose one file is gone still has rows to lose.
    const gone = this.#mayLoseStreams ? readStreams.filter((name) => !known.has(name)) : [];
    const all = new Map([...known, ...gone.map((name) => [name, []] as const)]);
    for (const [stream, files] of all) {
      const description = await discoverStream(stream, files, {
        settings: this.#settings,
        scanner,
        signal,
        scratch: this.#options.scratch,
        nowNs: this.#nowNs,
      });
      streams.push(description);
    }
    return streams;
  }

  async open(request: OpenRequest): Promise<Reader> {
    if (request.incremental !== null || request.range !== null) {
      throw usageError(
        "no_cursor_column",
        `expected no incremental column and no range for files, in stream '${request.stream}'`,
        "leave them out: files are read when they are new or changed",
      );
    }
    const foundAtNs = this.#nowNs();
    const found = await this.#find(request.signal);
    const list = new FileList(request.stream, request.cursor);
    await this.#checkFound(found, list.names());
    const streams = streamsOf(found.files, this.#streamRules());
    const files = streams.get(request.stream);
    // A stream of one file is known by its cursor when the file is gone, which a read that replaces
    // has none of.
    const isKnown = files !== undefined || list.size > 0 || this.#mayLoseStreams;
    if (!isKnown) throw unknownStream(request.stream, streams);
    return new FileReader({
      settings: this.#settings,
      rules: this.#options.rules,
      files: files ?? [],
      foundAtNs,
      list,
      request,
      scratch: this.#options.scratch,
      nowNs: this.#nowNs,
      bounds: this.#options.bounds ?? null,
    });
  }

  async close(): Promise<void> {
    // Each reader closes what it opened.
  }

  readonly #nowNs = (): bigint => this.#options.nowMicros() * 1000n;

  /** Whether a stream goes with its file, rows and all. */
  get #mayLoseStreams(): boolean {
    return this.#settings.streamPerFile && this.#options.rules.onMissing === "delete";
  }

  #find(signal: AbortSignal): Promise<FoundFiles> {
    const { paths, globs } = this.#settings;
    return findFiles({ project: this.#options.project, paths, globs, signal });
  }

  #streamRules(): Parameters<typeof streamsOf>[1] {
    const { project, streamName } = this.#options;
    return { settings: this.#settings, project, streamName };
  }

  /** A file that isn't there is a mistake, unless it was read before: then it is gone. */
  async #checkFound(found: FoundFiles, readNames: readonly string[]): Promise<void> {
    const { project } = this.#options;
    const read = new Set(readNames.map((name) => resolve(project, name)));
    const missing = found.missing.find((path) => !read.has(path));
    if (missing !== undefined) throw await missingFile(missing);
    if (found.files.length > 0 || read.size > 0) return;
    throw await noMatch(project, this.#settings.globs);
  }
}

function unknownStream(stream: string, streams: ReadonlyMap<string, unknown>): HakiriError {
  const known = [...streams.keys()];
  const near = nearest(stream, known);
  return usageError(
    "unknown_stream",
    `expected a stream of these files, got '${stream}'`,
    near === null ? `one of: ${known.slice(0, 20).join(", ")}` : `did you mean '${near}'?`,
  );
}
