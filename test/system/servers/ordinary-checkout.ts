/**
 * A copy of this checkout that belongs to an ordinary user: what CI or a contributor has after
 * `git clone` and `npm ci`, minus everything that only this machine has. Its path contains spaces.
 *
 * C1 The copy holds the files that git tracks or would track, and is a repository of its own.
 * C2 Its node_modules is the user's own folder, as after `npm ci`, and the packages are bound into
 *    it, in a mount namespace that lives as long as the command: symbolic links would need every
 *    folder above the original to be open to the user, and change what a package resolves to.
 * C3 A command gets nothing of the caller's environment.
 */
import { chmod, cp, lchown, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { programs, runProgram } from "./program.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { expectRoot, findUser, type User } from "./user.ts";

const checkout = fileURLToPath(new URL("../../..", import.meta.url));
const systemPath = "/usr/bin:/bin";

/** A copy of the checkout and how to run something in it as its owner. */
export interface OrdinaryCheckout extends AsyncDisposable {
  /** Absolute, with spaces. */
  readonly path: string;
  /** An empty folder outside the checkout that the user may write to. */
  readonly elsewhere: string;
  /** How many files were copied. */
  readonly fileCount: number;
  /**
   * Runs a command as the user `nobody` and returns its standard output.
   * @throws Error with the end of its output, when it fails or passes its deadline.
   */
  run(command: readonly [string, ...string[]], options?: CommandOptions): Promise<string>;
}

/** How to run a command in a checkout. */
export interface CommandOptions {
  /** Absent: the checkout. */
  readonly cwd?: string;
  /** Absent: as npm sets it for a script, the checkout's programs before the system's. */
  readonly path?: string;
  /** Default 60,000. */
  readonly deadlineMs?: number;
}

/**
 * Copies the checkout for the user `nobody`.
 * @throws Error when not run as root, or a program is missing.
 */
export async function makeOrdinaryCheckout(): Promise<OrdinaryCheckout> {
  expectRoot("checkouts of another user");
  const user = await findUser("nobody", "base-passwd");
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await makeTemporaryFolder("checkout", user));
  const [path, home, temporary, elsewhere] = ["a check out", "home", "tmp", "elsewhere"].map(
    (name) => join(folder.path, name),
  ) as [string, string, string, string];
  for (const name of [path, home, temporary, elsewhere]) await mkdir(name);
  const fileCount = await copyTrackedFiles(path);
  await preparePackages(join(path, "node_modules"));
  await giveAway(folder.path, user);

  const run: OrdinaryCheckout["run"] = async (command, options = {}) => {
    const npmPath = `${join(path, "node_modules", ".bin")}:${systemPath}`;
    const env = {
      HOME: home,
      TMPDIR: temporary,
      USER: "nobody",
      NO_COLOR: "1",
      PATH: options.path ?? npmPath,
    };
    const output = await runProgram(programs.unshare, asUser(user, { path, env, command }), {
      cwd: options.cwd ?? path,
      env: { PATH: systemPath },
      ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
    });
    return output.toString();
  };
  await run(["git", "init", "--quiet"]);
  await run(["git", "add", "--all"]);

  const owned = undo.move();
  return { path, elsewhere, fileCount, run, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface UserCommand {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

const bindPackages = `
  for package in "$2"/* "$2"/.bin; do
    mount --bind "$1/\${package##*/}" "$package" || exit
  done
  shift 2
  exec "$@"
`;

/** Arguments of unshare: bind the packages (C2), become the user, clear the environment (C3). */
function asUser(user: User, { path, env, command }: UserCommand): string[] {
  const mounts = [join(checkout, "node_modules"), join(path, "node_modules")];
  const ids = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  const become = ["setpriv", ...ids, "--no-new-privs", "--pdeathsig=KILL", "--"];
  const clear = ["env", "--ignore-environment"];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const launch = [
    "--mount",
    "--propagation=private",
    "--",
    "sh",
    "-c",
    bindPackages,
    "sh",
    ...mounts,
  ];
  return [...launch, ...become, ...clear, ...variables, ...command];
}

/** Makes an empty folder or file for each package, to bind it to; no cache of the original's. */
async function preparePackages(target: string): Promise<void> {
  await mkdir(target);
  for (const name of await readdir(join(checkout, "node_modules"))) {
    if (name.startsWith(".") && name !== ".bin") continue;
    const isFolder = (await stat(join(checkout, "node_modules", name))).isDirectory();
    if (isFolder) await mkdir(join(target, name));
    else await writeFile(join(target, name), "");
  }
}

async function copyTrackedFiles(target: string): Promise<number> {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const gone = await gitFiles(["ls-files", "-z", "--deleted"]);
  const files = (await gitFiles(list)).filter((file) => !gone.includes(file));
  for (const file of files) {
    const copy = join(target, file);
    await mkdir(dirname(copy), { recursive: true });
    await cp(join(checkout, file), copy, { verbatimSymlinks: true });
  }
  return files.length;
}

async function gitFiles(args: readonly string[]): Promise<string[]> {
  const output = await runProgram(programs.git, args, { cwd: checkout });
  return output.toString().split("\0").filter(Boolean);
}

/** Makes everything below a folder the user's. */
async function giveAway(folder: string, user: User): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await lchown(path, user.uid, user.gid);
    if (entry.isDirectory()) await chmod(path, 0o755);
  }
}
