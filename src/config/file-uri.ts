/**
 * The URIs of files: paths, patterns, `file:` URLs, each maybe with a JSON pointer after `#`.
 *
 * Settings that a URI becomes: `path` (one file) or `glob` (a pattern with `*`, `?`, `[..]`,
 * `{..}`, `**`), relative to the project with `/`, links resolved; `pointer`; `stream`, the name of
 * their one stream. A text that an existing file has as its name is that file, whatever characters
 * are in it. Settings that were written by hand may name several of both.
 */
import { basename, join, relative, resolve } from "node:path";
import { usageError, type HakiriError } from "../core/error.ts";
import type { Json } from "../core/json.ts";
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

/**
 * `file:` or `glob:` and the path with `%` and `#` escaped, for each file and pattern in code unit
 * order, with `%` between them, and the pointer after `#`.
 */
async function identifyFiles(settings: SourceSettings, place: Place): Promise<string> {
  const paths = textsOf(settings["path"]);
  const globs = textsOf(settings["glob"]);
  const { pointer = "" } = settings;
  if (paths === null || globs === null || typeof pointer !== "string") throw notNamed();
  const places = [
    ...paths.map(async (path) => `file:${await identifyPlace(path, place, realPathOf)}`),
    ...globs.map(async (glob) => `glob:${await identifyPlace(glob, place, realPattern)}`),
  ];
  if (places.length === 0) throw notNamed();
  const ending = pointer === "" ? "" : `#${checkedPointer(pointer)}`;
  const identities = new Set(await Promise.all(places));
  return `${[...identities].toSorted().join("%")}${ending}`;
}

/** One text or a list of them, each not empty and without NUL; null where it is something else. */
function textsOf(value: Json | undefined): readonly string[] | null {
  if (value === undefined) return [];
  const list = Array.isArray(value) ? value : [value];
  const isText = (each: Json): each is string =>
    typeof each === "string" && each !== "" && !each.includes("\0");
  return list.length > 0 && list.every(isText) ? list : null;
}

function notNamed(): HakiriError {
  return usageError(
    "invalid_config",
    "source: expected path (a file) or glob (a pattern) as text without NUL, or a list of such, " +
      "and at most a pointer as text",
    'write path = "orders.csv", or glob = "orders-*.csv"',
  );
}

async function identifyPlace(
  text: string,
  place: Place,
  real: (absolute: string) => Promise<string>,
): Promise<string> {
  const path = await real(resolve(place.project, text));
  return (await inProject(path, place)).replaceAll(/[%#]/gu, encodeURIComponent);
}
