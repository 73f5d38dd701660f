/** `hakiri init`: a folder with the files that a project begins with. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { HakiriError, usageError } from "../../core/error.ts";
import type { Answer, CommandContext } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { visibleText } from "../text/visible-text.ts";
import { projectFiles } from "./init-files.ts";

const ignoreFile = ".gitignore";
const ignoredStore = ".hakiri/";

/** Makes the project. Throws `usage.file_exists`, having written nothing, where a file is there. */
export async function init(folder: string, { cwd }: Pick<CommandContext, "cwd">): Promise<Answer> {
  if (folder.trim() === "") {
    throw usageError(
      "invalid_value",
      "expected a folder, got an empty text",
      "type . for this one",
    );
  }
  const target = resolve(cwd, folder);
  for (const { path } of projectFiles) {
    if ((await textOf(join(target, path))) !== null) throw exists(join(folder, path));
  }
  const ignored = await textOf(join(target, ignoreFile));
  const created: string[] = [];
  for (const { path, text } of projectFiles) {
    await onDisk(target, () => makeFolder(dirname(join(target, path))));
    await write(join(target, path), text, "wx");
    created.push(path);
  }
  if (ignored === null || !ignored.split(/\r?\n/u).includes(ignoredStore)) {
    const before = ignored === null || ignored === "" || ignored.endsWith("\n") ? "" : "\n";
    await write(join(target, ignoreFile), `${before}${ignoredStore}\n`, "a");
    created.push(ignoreFile);
  }
  const into = relative(cwd, target);
  const steps = [
    ...(into === "" ? [] : [`cd ${quoted(into)}`]),
    "hakiri run example",
    "hakiri query 'from example'",
  ];
  const lines = [
    `made ${created.join(", ")} in ${visibleText(target)}`,
    "next:",
    ...steps.map((step) => `  ${visibleText(step)}`),
  ];
  return {
    text: `${lines.join("\n")}\n`,
    document: { folder: target, created, next: steps },
    exitCode: exitDone,
  };
}

function exists(path: string): HakiriError {
  return usageError(
    "file_exists",
    `expected no file at '${path}', but there is one, and it stays as it is`,
    "choose another folder; a folder with a project needs no init",
  );
}

/** Null where nothing is there. */
async function textOf(path: string): Promise<string | null> {
  return onDisk(path, async () => {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return null;
      throw error;
    }
  });
}

/**
 * Makes a folder and those above it. Not by Node's `recursive`, which never ends where a filesystem
 * answers ENOENT in a folder that exists, as /proc does.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    const above = dirname(path);
    if (codeOf(error) !== "ENOENT" || above === path) throw error;
    await makeFolder(above);
    await mkdir(path);
  }
}

async function write(path: string, text: string, flag: "wx" | "a"): Promise<void> {
  await onDisk(path, () => writeFile(path, text, { flag }));
}

async function onDisk<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const code = codeOf(error);
    if (code === null) throw error;
    throw new HakiriError(
      {
        kind: "Permanent",
        code: "disk.failed",
        message: `expected to make files at '${path}', got ${code}`,
        hint: "check the owner and mode of that path and of the folders above it",
      },
      { cause: error },
    );
  }
}

function codeOf(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? code : null;
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
