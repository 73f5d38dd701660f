/** The streams that settings make of files, by name. */
import { dirname, relative, resolve } from "node:path";
import { usageError } from "../../src/connector.ts";
import type { FileSettings } from "./config.ts";
import { parsePattern } from "./glob/pattern.ts";
import type { InputFile } from "./input-file.ts";

/** What names a stream. */
export interface NamedFiles {
  /** Absolute path of the file, or absolute pattern. */
  readonly path: string;
  readonly isPattern: boolean;
  /** JSON pointer into each file; empty for the whole. */
  readonly pointer: string;
}

/** The name that files get as a stream: letters, digits and `_`. */
export type StreamNameOf = (files: NamedFiles) => string;

/** What streams are found by. */
export interface StreamRules {
  readonly settings: FileSettings;
  /** Absolute. */
  readonly project: string;
  readonly streamName: StreamNameOf;
}

/**
 * The streams by name, each with its files in their order. Throws `usage.same_stream` where two
 * files would be one stream.
 */
export function streamsOf(
  files: readonly InputFile[],
  rules: StreamRules,
): ReadonlyMap<string, readonly InputFile[]> {
  const { settings } = rules;
  if (!settings.streamPerFile) return new Map([[oneStream(rules), files]]);
  const bases = basesOf(rules);
  const streams = new Map<string, InputFile[]>();
  for (const file of files) {
    const name = streamOfFile(file, bases, rules);
    const other = streams.get(name)?.[0];
    if (other !== undefined) throw sameStream(name, other, file);
    streams.set(name, [file]);
  }
  return streams;
}

function oneStream({ settings, project, streamName }: StreamRules): string {
  if (settings.stream !== null) return settings.stream;
  const [path] = settings.paths;
  const text = path ?? settings.globs[0] ?? "";
  return streamName({
    path: resolve(project, text),
    isPattern: path === undefined,
    pointer: settings.pointer,
  });
}

/** The folders before what varies in the patterns, the longest first. */
function basesOf({ settings, project }: StreamRules): readonly string[] {
  const patterns = settings.globs.flatMap((glob) => parsePattern(resolve(project, glob)));
  const bases = new Set(patterns.map(({ base }) => base));
  return [...bases].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/** By its folders too, so that another file that comes later changes no name. */
function streamOfFile(
  { path }: InputFile,
  bases: readonly string[],
  { streamName }: StreamRules,
): string {
  const base = bases.find((folder) => path.startsWith(folder === "/" ? "/" : `${folder}/`));
  const flat = relative(base ?? dirname(path), path).replaceAll("/", "_");
  return streamName({ path: `/${flat}`, isPattern: false, pointer: "" });
}

function sameStream(name: string, a: InputFile, b: InputFile): Error {
  return usageError(
    "same_stream",
    `expected a stream of its own for each file, but '${a.name}' and '${b.name}' ` +
      `would both be '${name}'`,
    "narrow the pattern, or make them one stream: stream_per_file = false",
  );
}
