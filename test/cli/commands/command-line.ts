/** The whole command line of profile core over projects in temporary folders. */
import { mkdtemp, mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommandLine } from "../../../src/cli/main.ts";
import type { Program } from "../../../src/cli/program.ts";
import type { Json } from "../../../src/core/json.ts";
import { pipelineNames } from "../../../src/profiles/pipeline-names.ts";
import { profilesOf } from "../../../src/profiles/profiles-of.ts";
import { doctorOver, storeCommands } from "../../../src/profiles/store-commands.ts";
import { scriptedTerminal, type Scene, type Typed } from "../scripted-terminal.ts";

/** A folder, and what is typed in it. */
export interface TestProject {
  /** Absolute, without links. */
  readonly folder: string;
  /** Writes a file, by its path in the folder. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Types a command line there. */
  type(...args: readonly string[]): Promise<Typed>;
  /** The same in another scene. */
  typeIn(scene: Scene, ...args: readonly string[]): Promise<Typed>;
  /** Types it with `--json`, and expects this exit code and one document. */
  document(exitCode: number, ...args: readonly string[]): Promise<Json>;
  remove(): Promise<void>;
}

/** Profile core, without the checks of its libraries. */
export const program: Program = {
  profile: "core",
  commands: async () => [...storeCommands, doctorOver([])],
  profilesOf,
  runtime: { node: process.versions.node, platform: "test" },
  pipelineNames: async (cwd) => pipelineNames(cwd),
};

/** A new folder with these files, and the program that is typed in it. */
export async function testProject(
  files: Readonly<Record<string, string>> = {},
  inUse: Program = program,
): Promise<TestProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "hakiri-commands-")));
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  const typeIn = async (scene: Scene, ...args: readonly string[]): Promise<Typed> => {
    const { terminal, stdout, stderr } = scriptedTerminal(scene);
    const exitCode = await runCommandLine(inUse, args, { ...terminal, cwd: folder });
    return { exitCode, out: stdout(), err: stderr() };
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  return {
    folder,
    write,
    typeIn,
    type: (...args) => typeIn({}, ...args),
    document: async (exitCode, ...args) => {
      const typed = await typeIn({}, ...args, "--json");
      if (typed.exitCode !== exitCode) {
        throw new Error(`expected exit code ${exitCode}, got ${typed.exitCode}: ${typed.out}`);
      }
      return JSON.parse(typed.out) as Json;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A pipeline file that reads files of a pattern or path. */
export function pipelineOf(source: string, more = ""): string {
  return `connector = "file"\n${more}\n[source]\n${source}\n`;
}
