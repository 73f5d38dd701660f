/** `hakiri validate`: everything that is wrong with a project's files, and nothing run. */
import { basename, join, resolve } from "node:path";
import { loadPipelines, loadProject } from "../../../config/project-folder.ts";
import { kindOfPath } from "../../../config/path-facts.ts";
import { parsePipeline } from "../../../config/parse-pipeline.ts";
import { parseProject } from "../../../config/parse-project.ts";
import { keyOfSpec } from "../../../config/source-uri.ts";
import { HakiriError, usageError } from "../../../core/error.ts";
import type { Json } from "../../../core/json.ts";
import type { PipelineSpec } from "../../../core/pipeline.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { errorDocument } from "../../error-document.ts";
import { exitCodeOf, exitDone } from "../../exit-code.ts";
import { visibleLines, visibleText } from "../../text/visible-text.ts";
import { checkSettings } from "../check-settings.ts";
import type { Engine } from "../engine.ts";
import { projectFolder } from "../project.ts";
import { readConfigFile } from "./config-file.ts";

const projectFile = "hakiri.toml";

/** A file, and what is wrong with it. */
interface Checked {
  /** As it was typed, or relative to the project. */
  readonly file: string;
  readonly kind: "project" | "pipeline";
  /** Null for a project's file, and for a pipeline's that can't be read. */
  readonly spec: PipelineSpec | null;
  /** Null where it can be used. */
  readonly error: HakiriError | null;
  /** What isn't wrong, but would end a run today. */
  readonly note: string | null;
}

/** Checks files; exits with 2 where one can't be used. */
export async function validate(
  engine: Engine,
  files: readonly string[],
  context: CommandContext,
): Promise<Answer> {
  const folder = await projectFolder(context);
  const parsed =
    files.length === 0 ? await projectFiles(folder) : await namedFiles(files, context.cwd);
  if (parsed.length === 0) {
    throw usageError(
      "nothing_to_check",
      `expected ${projectFile} or files in pipelines/ in ${folder}, got neither`,
      "begin a project: hakiri init DIR",
    );
  }
  const checked: Checked[] = [];
  for (const each of parsed) checked.push(await withSource({ engine, folder }, each));
  return answerOf(checked);
}

async function projectFiles(folder: string): Promise<readonly Checked[]> {
  const project =
    (await kindOfPath(join(folder, projectFile))) === null
      ? []
      : [await check(projectFile, "project", async () => void (await loadProject(folder)))];
  const pipelines = (await loadPipelines(folder)).map((file): Checked => {
    const isValid = file.kind === "valid";
    const error = isValid ? null : file.error;
    const spec = isValid ? file.spec : null;
    return { file: file.file, kind: "pipeline", spec, error, note: null };
  });
  return [...project, ...pipelines];
}

async function namedFiles(files: readonly string[], cwd: string): Promise<readonly Checked[]> {
  const found: Checked[] = [];
  for (const file of files) {
    const path = resolve(cwd, file);
    const kind = basename(path) === projectFile ? "project" : "pipeline";
    const parse = async (): Promise<PipelineSpec | void> => {
      const text = await readConfigFile(path, file);
      if (kind === "pipeline") return parsePipeline(text);
      parseProject(text);
    };
    found.push(await check(file, kind, parse));
  }
  return found;
}

async function check(
  file: string,
  kind: Checked["kind"],
  parse: () => Promise<PipelineSpec | void>,
): Promise<Checked> {
  try {
    return { file, kind, spec: (await parse()) ?? null, error: null, note: null };
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    return { file, kind, spec: null, error, note: null };
  }
}

interface Connecting {
  readonly engine: Engine;
  readonly folder: string;
}

/** Asks the connector about its settings, too. */
async function withSource(at: Connecting, each: Checked): Promise<Checked> {
  const { spec } = each;
  if (spec === null || each.error !== null) return each;
  try {
    await checkSettings(at.engine, at.folder, spec);
    const place = { project: at.folder, cwd: at.folder, home: at.engine.home };
    await keyOfSpec(spec, { connectors: at.engine.connectors, place });
    return each;
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    // The file is right, even while its source isn't there.
    const isAbsent = error.code === "usage.missing_file" || error.code === "usage.not_a_file";
    if (isAbsent) return { ...each, note: error.message };
    return { ...each, error: error.within({ pipeline: spec.name }) };
  }
}

function answerOf(all: readonly Checked[]): Answer {
  const failed = all.filter(({ error }) => error !== null);
  const first = failed[0]?.error ?? null;
  const lines = all.flatMap(({ file, error, note }) => [
    `${error === null ? "ok     " : "invalid"} ${visibleText(file)}`,
    ...(error === null ? [] : indented(error)),
    ...(note === null ? [] : [`  note: ${visibleText(note)}`]),
  ]);
  const verdict =
    failed.length === 0
      ? `${all.length} of ${all.length} files can be used`
      : `${failed.length} of ${all.length} files can't be used`;
  return {
    text: `${[...lines, verdict].join("\n")}\n`,
    document: { ok: first === null, files: all.map(checkedDocument) },
    exitCode: first === null ? exitDone : exitCodeOf(first),
  };
}

function indented({ message, hint }: HakiriError): readonly string[] {
  const lines = visibleLines(message).split("\n");
  return [...lines, ...(hint === "" ? [] : [visibleText(hint)])].map((line) => `  ${line}`);
}

function checkedDocument({ file, kind, spec, error, note }: Checked): Json {
  return {
    file,
    kind,
    ok: error === null,
    ...(spec === null ? {} : { pipeline: spec.name }),
    ...(error === null ? {} : { error: errorDocument(error) }),
    ...(note === null ? {} : { note }),
  };
}
