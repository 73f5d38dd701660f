/**
 * Names of the pipelines of a folder's project, for the shell's completion: fast, without any npm
 * package, and silent about whatever is wrong. Nothing is written.
 */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Most names that are offered. */
const namesMax = 1000;

/** The names, in their order; of those of files the file's own name stands for what it says. */
export function pipelineNames(cwd: string): readonly string[] {
  const project = projectOf(cwd);
  const names = new Set([...namesOfFiles(project), ...namesInCatalog(project)]);
  return [...names].toSorted().slice(0, namesMax);
}

/** As commands find it. */
function projectOf(cwd: string): string {
  for (let at = cwd; ; at = dirname(at)) {
    if (existsSync(join(at, ".hakiri")) || existsSync(join(at, "hakiri.toml"))) return at;
    if (dirname(at) === at) return cwd;
  }
}

function namesOfFiles(project: string): readonly string[] {
  try {
    const files = readdirSync(join(project, "pipelines"));
    return files.flatMap((file) => /^([^.].*)\.(?:toml|json)$/su.exec(file)?.[1] ?? []);
  } catch {
    return [];
  }
}

function namesInCatalog(project: string): readonly string[] {
  const path = join(project, ".hakiri/catalog.sqlite");
  if (!existsSync(path)) return [];
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 100 });
    try {
      const sql = "select name from pipelines where spec is not null order by name limit ?";
      return database
        .prepare(sql)
        .all(namesMax)
        .map(({ name }) => String(name));
    } finally {
      database.close();
    }
  } catch {
    return [];
  }
}
