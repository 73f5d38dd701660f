/** A pipeline file to core's pipeline. */
import type { PipelineSpec } from "../core/pipeline.ts";
import { parseDocument, type ConfigText } from "./document.ts";
import { parseConfig } from "./parse-config.ts";
import { pipelineNamePattern, pipelineSchema, toPipelineSpec } from "./pipeline-schema.ts";
import { secretProblems } from "./secret-field.ts";
import type { ConfigProblem } from "./config-problem.ts";

/**
 * Reads a pipeline. Its name is the file's, without folders and ending, where it says none. Throws
 * a usage error that names file, line, key, what was expected and what came; the codes are
 * `usage.unknown_key`, `usage.inline_secret`, `usage.invalid_config`, and those of a text that
 * can't be read at all, see `parseDocument`.
 */
export function parsePipeline(input: ConfigText): PipelineSpec {
  const document = parseDocument(input);
  const stem = fileStem(input.file);
  const { name = stem, source = null } = document.data;
  const pipeline = typeof name === "string" ? name : stem;
  const problems: ConfigProblem[] = [...secretProblems(source, pipeline, ["source"])];
  if (document.data["name"] === undefined && !pipelineNamePattern.test(stem)) {
    problems.push({
      code: "invalid_config",
      path: ["name"],
      message: `expected a name, since the file's own ('${stem}') can't be one`,
      hint: `add a name of 1 to 63 of a-z, 0-9, _ and -, or rename the file`,
    });
  }
  return toPipelineSpec(parseConfig(document, pipelineSchema, problems), stem);
}

/** A file's name without folders and its last ending. */
export function fileStem(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? name : name.slice(0, dot);
}
