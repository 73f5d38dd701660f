/** The files of a project that a person writes: `hakiri.toml` and those in `pipelines/`. */
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HakiriError, usageError } from "../core/error.ts";
import { nearest } from "../core/near-miss.ts";
import type { PipelineSpec } from "../core/pipeline.ts";
import { configTextMax, type ConfigText } from "./document.ts";
import { fileStem, parsePipeline } from "./parse-pipeline.ts";
import { defaultProject, parseProject, type ProjectSpec } from "./parse-project.ts";
import { kindOfPath, orNull } from "./path-facts.ts";

/** Most files in `pipelines/`. */
export const pipelineFilesMax = 1000;

const projectFile = "hakiri.toml";
const storeFolder = ".hakiri";
const pipelinesFolder = "pipelines";

/**
 * The project's folder for a command that was started in `folder`: the nearest from there upwards
 * that has a store or a project file, else this one.
 */
export async function findProjectFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if ((await kindOfPath(join(at, storeFolder))) === "folder") return at;
    if ((await kindOfPath(join(at, projectFile))) === "file") return at;
    if (dirname(at) === at) return folder;
  }
}

/** The project of a folder; that of a folder without a project file has every default. */
export async function loadProject(folder: string): Promise<ProjectSpec> {
  const text = await readText(folder, projectFile);
  return text === null
    ? defaultProject()
    : parseProject({ file: projectFile, format: "toml", text });
}

/** A file in `pipelines/`: what it means, or why it means nothing. */
export type PipelineFile =
  | { readonly kind: "valid"; readonly file: string; readonly spec: PipelineSpec }
  | {
      readonly kind: "invalid";
      readonly file: string;
      /** As the file says, as far as it can be read; else the file's without its ending. */
      readonly name: string;
      readonly error: HakiriError;
    };

/**
 * Every `pipelines/*.toml` and `*.json`, in the order of their names. A file that can't be used is
 * answered as such, so that it doesn't hold up the others; two of one pipeline name both are.
 * Throws `usage.too_many_pipelines` beyond the bound.
 */
export async function loadPipelines(folder: string): Promise<readonly PipelineFile[]> {
  const names = (await namesOfPipelines(join(folder, pipelinesFolder))).toSorted();
  if (names.length > pipelineFilesMax) {
    throw usageError(
      "too_many_pipelines",
      `expected at most ${pipelineFilesMax} files in ${pipelinesFolder}/, got ${names.length}`,
      "split the project",
    );
  }
  const files: PipelineFile[] = [];
  // One after the other: a thousand files at once would be a thousand open ones.
  for (const name of names) files.push(await loadPipeline(folder, `${pipelinesFolder}/${name}`));
  return withoutTwins(files);
}

async function namesOfPipelines(folder: string): Promise<readonly string[]> {
  if ((await kindOfPath(folder)) !== "folder") return [];
  const names = (await orNull(folder, () => readdir(folder))) ?? [];
  return names.filter((name) => /^[^.].*\.(?:toml|json)$/su.test(name));
}

async function loadPipeline(folder: string, file: string): Promise<PipelineFile> {
  let text: string | null = null;
  try {
    text = await readText(folder, file);
    if (text === null) throw usageError("not_a_file", `${file}: expected a file, got none`, "");
    const format: ConfigText["format"] = file.endsWith(".toml") ? "toml" : "json";
    return { kind: "valid", file, spec: parsePipeline({ file, format, text }) };
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    return { kind: "invalid", file, name: saidName(text ?? "") ?? fileStem(file), error };
  }
}

/** The name in a file that may be broken: who asks for it must not get something else instead. */
function saidName(text: string): string | undefined {
  return /^[\s{]*"?name"?\s*[=:]\s*["'](?<name>[^"'\n]*)["']/mu.exec(text)?.groups?.["name"];
}

function withoutTwins(files: readonly PipelineFile[]): readonly PipelineFile[] {
  const valid = files.filter((file) => file.kind === "valid");
  const byName = Map.groupBy(valid, ({ spec }) => spec.name);
  return files.map((file) => {
    const twins = file.kind === "valid" ? (byName.get(file.spec.name) ?? []) : [];
    if (file.kind === "invalid" || twins.length < 2) return file;
    const error = usageError(
      "duplicate_pipeline",
      `expected one pipeline named '${file.spec.name}', got ${twins.map((twin) => twin.file).join(", ")}`,
      "write another name into one of them",
    );
    return { kind: "invalid", file: file.file, name: file.spec.name, error };
  });
}

/**
 * The pipeline of that name among the files; null where none has it. Throws the error of a file
 * that can't be used and is, or may be, of that name.
 */
export function pipelineNamed(files: readonly PipelineFile[], name: string): PipelineSpec | null {
  for (const file of files) {
    if (file.kind === "valid" && file.spec.name === name) return file.spec;
    if (file.kind === "invalid" && file.name === name) throw file.error;
  }
  return null;
}

/** The usage error for a name that no pipeline has, with the nearest of those that there are. */
export function unknownPipeline(name: string, known: readonly string[]): HakiriError {
  const near = nearest(name, known);
  const hint = known.length === 0 ? "make one: hakiri ingest FILE" : "hakiri pipeline list";
  return usageError(
    "unknown_pipeline",
    `expected the name of a pipeline, got '${name}'`,
    near === null ? hint : `did you mean '${near}'?`,
  );
}

/** A file's text, at most the bound, without a byte order mark; null where there is no file. */
async function readText(folder: string, file: string): Promise<string | null> {
  const path = join(folder, file);
  if ((await kindOfPath(path)) !== "file") return null;
  const bytes = await orNull(path, () => readAtMost(path, configTextMax + 1));
  if (bytes === null) return null;
  if (bytes.length > configTextMax) {
    throw usageError(
      "too_large",
      `${file}: expected a file of at most ${configTextMax} bytes, got a larger one`,
      "split the file: one pipeline a file",
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw usageError("not_utf8", `${file}: expected UTF-8, got other bytes`, "save it as UTF-8");
  }
}

async function readAtMost(path: string, bytesMax: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  // Without an encoding a stream's pieces are bytes; its type leaves that open.
  const stream = createReadStream(path, { end: bytesMax - 1 }) as AsyncIterable<Uint8Array>;
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
