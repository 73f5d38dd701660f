/**
 * The files that paths and patterns name, in the order of their names.
 *
 *   Owns:    walking folders, following links, and what is refused on the way.
 *   Doesn't: open a file.
 *   F1. A file is found once, whatever links lead to it: by its own path where that is matched,
 *       else by the first name. So a link inside of a pattern doubles no row.
 *   F2. A folder is entered once for each place in a pattern, so that links in a circle end.
 *   F3. What can't be looked into is an error: a file that isn't seen would count as gone.
 */
import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { boundaryFilesMax, usageError } from "../../../src/connector.ts";
import { fileError, systemCode, unreadable } from "../file-error.ts";
import { stateOf, type InputFile } from "../input-file.ts";
import { mapParallel } from "../map-parallel.ts";
import { matchesName, parsePattern, type PathPattern, type Segment } from "./pattern.ts";

/** Where to look. */
export interface FileSearch {
  /** Absolute. */
  readonly project: string;
  /** Taken literally; relative to the project or absolute. */
  readonly paths: readonly string[];
  readonly globs: readonly string[];
  /** Most files; `boundaryFilesMax` but for tests. */
  readonly filesMax?: number;
  readonly signal: AbortSignal;
}

/** What was found. */
export interface FoundFiles {
  /** In code unit order of their names, each name once. */
  readonly files: readonly InputFile[];
  /** Absolute paths that were named and aren't there; their folders are. */
  readonly missing: readonly string[];
}

/** A file with the path that it has without links. */
interface Candidate extends InputFile {
  readonly realPath: string;
}

/**
 * Finds files. Throws Permanent `file.unreadable` for what can't be looked into, `file.not_a_file`
 * for a folder that was named, and for what is neither file nor folder, `file.too_many`,
 * `usage.missing_folder` for a folder that should have the files, and `usage.invalid_pattern`.
 */
export async function findFiles(search: FileSearch): Promise<FoundFiles> {
  const walk = new Walk(search);
  const missing: string[] = [];
  for (const text of search.paths) {
    const path = resolve(search.project, text);
    if (!(await walk.addNamed(path))) missing.push(path);
  }
  for (const glob of search.globs) {
    for (const pattern of parsePattern(resolve(search.project, glob))) await walk.run(pattern);
  }
  return { files: walk.files(), missing };
}

/** A folder to look into for the segments from `at` on. */
interface Place {
  readonly path: string;
  readonly realPath: string;
  readonly at: number;
}

class Walk {
  readonly #search: FileSearch;
  readonly #found = new Map<string, Candidate>();

  constructor(search: FileSearch) {
    this.#search = search;
  }

  files(): readonly InputFile[] {
    const files = [...this.#found.values()].map(({ name, path, state }) => ({ name, path, state }));
    return files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Adds a file that was named; answers false where there is nothing of that name. */
  async addNamed(path: string): Promise<boolean> {
    if (await this.#addFile(path, null, "named")) return true;
    await this.#checkFolder(dirname(path));
    return false;
  }

  async run(pattern: PathPattern): Promise<void> {
    await this.#checkFolder(pattern.base);
    const segments = withoutRepeats(pattern.segments);
    const entered = new Set<string>();
    // F1: what links lead to comes after what has its own name.
    const linked: Place[] = [];
    const pending: Place[] = [
      { path: pattern.base, realPath: await this.#realPath(pattern.base), at: 0 },
    ];
    for (;;) {
      const place = pending.pop() ?? linked.shift();
      if (place === undefined) return;
      const key = `${place.at} ${place.realPath}`;
      if (entered.has(key)) continue;
      entered.add(key);
      await this.#enter(place, segments, { pending, linked });
    }
  }

  async #enter(
    place: Place,
    segments: readonly Segment[],
    queues: { readonly pending: Place[]; readonly linked: Place[] },
  ): Promise<void> {
    this.#search.signal.throwIfAborted();
    const segment = segments[place.at];
    if (segment === undefined) return;
    const isLast = place.at === segments.length - 1;
    if (segment.kind === "folders") queues.pending.push({ ...place, at: place.at + 1 });
    const next = segment.kind === "folders" ? place.at : place.at + 1;
    const entries = await this.#entries(place.path, segment);
    const matched = entries.filter(({ name }) => matchesName(segment, name));
    if (isLast && segment.kind !== "folders") {
      const files = matched.filter((entry) => !entry.isDirectory());
      await mapParallel(files, async (entry) => {
        const real = entry.isSymbolicLink() ? null : join(place.realPath, entry.name);
        await this.#addFile(join(place.path, entry.name), real, "matched");
      });
      return;
    }
    for (const entry of matched) {
      const path = join(place.path, entry.name);
      if (entry.isDirectory()) {
        queues.pending.push({ path, realPath: join(place.realPath, entry.name), at: next });
      } else if (entry.isSymbolicLink() && (await this.#isFolder(path))) {
        queues.linked.push({ path, realPath: await this.#realPath(path), at: next });
      }
    }
  }

  /** The entries of a folder that a segment may match. */
  async #entries(folder: string, segment: Segment): Promise<readonly Dirent[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      const ofName = segment.kind === "literal" ? segment.name : null;
      const some = ofName === null ? entries : entries.filter(({ name }) => name === ofName);
      return some.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      const code = systemCode(error);
      // Gone since its name was read, as everything in it is.
      if (code === "ENOENT" || code === "ENOTDIR") return [];
      throw unreadable(folder, error);
    }
  }

  async #isFolder(path: string): Promise<boolean> {
    try {
      return (await stat(path)).isDirectory();
    } catch (error) {
      const code = systemCode(error);
      // A link to nowhere, or to itself.
      if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return false;
      throw unreadable(path, error);
    }
  }

  /** Answers false where nothing is there. `real` is null where a link has to be followed. */
  async #addFile(path: string, real: string | null, how: "named" | "matched"): Promise<boolean> {
    const name = this.#nameOf(path);
    const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return null;
      throw unreadable(name, error);
    });
    if (stats === null) {
      if (!name.includes("\ufffd")) return false;
      throw fileError("bad_name", name, {
        message: `expected a file name in UTF-8, got bytes that aren't, as in '${name}'`,
        hint: "rename the file",
      });
    }
    if (!stats.isFile()) {
      if (stats.isDirectory() && how === "matched") return true;
      throw notAFile(name, stats.isDirectory());
    }
    this.#add({
      name,
      path,
      state: stateOf(stats),
      realPath: real ?? (await this.#realPath(path)),
    });
    return true;
  }

  /** F1. */
  #add(file: Candidate): void {
    const other = this.#found.get(file.realPath);
    const isBetter =
      other === undefined ||
      file.path === file.realPath ||
      (other.path !== other.realPath && file.name < other.name);
    if (isBetter) this.#found.set(file.realPath, file);
    const filesMax = this.#search.filesMax ?? boundaryFilesMax;
    if (this.#found.size <= filesMax) return;
    throw fileError("too_many", file.name, {
      message: `expected at most ${filesMax} files, found more, of which one is '${file.name}'`,
      hint: "name them by several patterns, each a pipeline of its own",
    });
  }

  #nameOf(path: string): string {
    return relative(this.#search.project, path);
  }

  async #realPath(path: string): Promise<string> {
    try {
      return await realpath(path);
    } catch (error) {
      throw unreadable(this.#nameOf(path), error);
    }
  }

  async #checkFolder(folder: string): Promise<void> {
    const stats = await stat(folder).catch((error: unknown) => {
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") return null;
      throw unreadable(folder, error);
    });
    if (stats?.isDirectory() === true) return;
    // A folder that isn't mounted must not make all of its files count as gone.
    throw usageError(
      "missing_folder",
      `expected a folder at '${folder}', got ${stats === null ? "nothing there" : "a file"}`,
      `check whether '${basename(folder)}' is spelled right, and mounted`,
    );
  }
}

/** `**` twice in a row is the same as once, and at the end it means every file below. */
function withoutRepeats(segments: readonly Segment[]): readonly Segment[] {
  const some = segments.filter(
    ({ kind }, index) => kind !== "folders" || segments[index + 1]?.kind !== "folders",
  );
  if (some.at(-1)?.kind !== "folders") return some;
  return [...some, { kind: "varying", tokens: [{ kind: "many" }] }];
}

function notAFile(name: string, isFolder: boolean): Error {
  return fileError("not_a_file", name, {
    message: `expected a file at '${name}', got ${isFolder ? "a folder" : "neither file nor folder"}`,
    hint: isFolder
      ? `name its files by a pattern: glob = "${name}/*.csv"`
      : "copy its content to a file first, or narrow the pattern so that it leaves it out",
  });
}
