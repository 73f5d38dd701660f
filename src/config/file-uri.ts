/**
 * The URIs of files: paths, patterns, `file:` URLs, each maybe with a JSON pointer after `#`.
 *
 * Settings: `path` (one file) or `glob` (a pattern with `*`, `?`, `[..]`, `{..}`, `**`), relative
 * to the project with `/`, links resolved; `pointer`; `stream`, the name of their one stream. A
 * text that an existing file has as its name is that file, whatever characters are in it.
 */
import { basename, join, relative, resolve } from "node:path";
import { usageError, type HakiriError } from "../core/error.ts";
import type { ConnectorUri, Place, SourceSettings, UriParts } from "./connector-uri.ts";
import { fileStreamName } from "./file-stream-name.ts";
import { kindOfPath, namesIn, nearPath, realPathOf } from "./path-facts.ts";
import { maskUri } from "./redact.ts";
import { textOfFileUrl } from "./file-url.ts";

/** The connector of files; what has no scheme is for it. */
export const fileUri: ConnectorUri = {
  connector: "file",
  schemes: ["file"],
  parse: parseFileUri,
  identify: identifyFiles,
};

/** What a text means: files, and what to read in each. */
interface Target {
  /** Absolute. */
  readonly path: string;
  readonly isPattern: boolean;
  readonly pointer: string;
}

async function parseFileUri(uri: string, place: Place): Promise<UriParts> {
  const typed = /^file:/iu.test(uri)
    ? textOfFileUrl(uri)
    : { text: withHome(uri, place), pointer: null };
  const target = await findTarget(typed, place);
  const path = target.isPattern ? await realPattern(target.path) : await realPathOf(target.path);
  const stream = fileStreamName({ ...target, path });
  const settings = {
    [target.isPattern ? "glob" : "path"]: await inProject(path, place),
    ...(target.pointer === "" ? {} : { pointer: target.pointer }),
    stream,
  };
  return { settings, secrets: {}, name: stream };
}

function withHome(text: string, place: Place): string {
  if (text !== "~" && !text.startsWith("~/")) return text;
  if (place.home !== null) return join(place.home, text.slice(1));
  throw usageError(
    "invalid_uri",
    "expected a home folder for '~', got none",
    "type the whole path",
  );
}

/** A text as typed, and the pointer where it was told apart already. */
interface Typed {
  readonly text: string;
  readonly pointer: string | null;
}

async function findTarget({ text, pointer }: Typed, place: Place): Promise<Target> {
  const readings = pointer === null ? pointerReadings(text) : [{ text, pointer }];
  for (const reading of readings) {
    const path = resolve(place.cwd, reading.text);
    if ((await kindOfPath(path)) !== "file") continue;
    return { path, isPattern: false, pointer: checkedPointer(reading.pointer) };
  }
  // No file has that name: what stands before the first pointer is a pattern, or a mistake.
  const chosen = readings.at(-1) ?? { text, pointer: "" };
  const path = resolve(place.cwd, chosen.text);
  if ((await kindOfPath(path)) === null && isPattern(path) && maskUri(text) === text) {
    return { path, isPattern: true, pointer: checkedPointer(chosen.pointer) };
  }
  // What looks like a URI with credentials in it was one, and stays out of every setting.
  throw await notAFile(path, resolve(place.cwd, maskUri(chosen.text)));
}

/** The whole text as a path, then each way to cut a pointer from its end, the shortest first. */
function pointerReadings(text: string): readonly { text: string; pointer: string }[] {
  const cuts = [...text.matchAll(/#(?=\/|$)/gu)].map(({ index }) => ({
    text: text.slice(0, index),
    pointer: text.slice(index + 1),
  }));
  return [{ text, pointer: "" }, ...cuts.toReversed()];
}

function checkedPointer(pointer: string): string {
  if (/^(?:\/(?:[^~]|~[01])*)?$/su.test(pointer)) return pointer;
  throw usageError(
    "invalid_uri",
    `expected a JSON pointer after '#', got ${JSON.stringify(pointer)}`,
    "a pointer starts with / and has ~0 for ~ and ~1 for / in a key: data.json#/items",
  );
}

function isPattern(path: string): boolean {
  return /[*?[{]/u.test(path);
}

/** The pattern with the folder before its first varying segment resolved. */
async function realPattern(path: string): Promise<string> {
  const segments = path.split("/");
  const firstVarying = segments.findIndex(isPattern);
  const typed = segments.slice(0, firstVarying).join("/") || "/";
  const base = await realPathOf(typed);
  if ((await kindOfPath(base)) !== "folder") throw await notAFile(base, maskUri(typed));
  if (!isPattern(base)) return join(base, ...segments.slice(firstVarying));
  throw usageError(
    "invalid_uri",
    `expected a folder without any of *?[{ in its name, got '${base}'`,
    "rename that folder, or name its files one by one",
  );
}

async function notAFile(path: string, shown: string): Promise<HakiriError> {
  const kind = await kindOfPath(path);
  if (kind === null) {
    const near = await nearPath(path);
    const hint = near === null ? "check the path" : `did you mean '${near}'?`;
    return usageError("missing_file", `expected a file at '${shown}', got nothing there`, hint);
  }
  const got = kind === "folder" ? "a folder" : "neither file nor folder";
  const hint = kind === "folder" ? await patternHint(path) : "copy its content to a file first";
  return usageError("not_a_file", `expected a file at '${shown}', got ${got}`, hint);
}

/** Proposes the ending that most files of the folder have. */
async function patternHint(folder: string): Promise<string> {
  const endings = (await namesIn(folder)).flatMap(
    (name) => /\.(?:csv|tsv|jsonl?|ndjson|parquet)(?:\.(?:gz|zst))?$/iu.exec(name) ?? [],
  );
  const counts = [...Map.groupBy(endings, (ending) => ending)];
  const [ending = ".csv"] = counts.toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [];
  return `name files by a pattern: '${join(basename(folder), `*${ending}`)}', in quotes`;
}

async function inProject(path: string, place: Place): Promise<string> {
  return relative(await realPathOf(place.project), path);
}

/** `file:` or `glob:`, the path with `%` and `#` escaped, and the pointer after `#`. */
async function identifyFiles(settings: SourceSettings, place: Place): Promise<string> {
  const { path, glob, pointer = "" } = settings;
  const text = path ?? glob;
  const isOne = (path === undefined) !== (glob === undefined);
  if (!isOne || typeof text !== "string" || text === "" || typeof pointer !== "string") {
    throw usageError(
      "invalid_config",
      "source: expected path (one file) or glob (a pattern) as text, and at most a pointer as text",
      'write path = "orders.csv", or glob = "orders-*.csv"',
    );
  }
  const absolute = resolve(place.project, text);
  const real = glob === undefined ? await realPathOf(absolute) : await realPattern(absolute);
  const escaped = (await inProject(real, place)).replaceAll(/[%#]/gu, encodeURIComponent);
  const ending = pointer === "" ? "" : `#${checkedPointer(pointer)}`;
  return `${glob === undefined ? "file" : "glob"}:${escaped}${ending}`;
}
