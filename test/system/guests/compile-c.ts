/** Compiles a guest in C to a WASM component: clang makes the core module, wasm-tools wraps it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";

import { findProgram, programs, runProgram } from "../servers/program.ts";
import { makeTemporaryFolder } from "../servers/temporary-folder.ts";

/** A guest's binary, before and after it becomes a component. */
export interface CompiledGuest {
  /** The core module as the linker wrote it. */
  readonly core: Uint8Array;
  readonly component: Uint8Array;
}

/**
 * Compiles `<name>.c` of this folder for the only world of `<name>.wit`. The guest has no libc and
 * no WASI: it imports what its world imports and nothing else.
 * @throws Error with the compiler's message, or with the package when clang or lld is missing.
 */
export async function compileGuest(name: string): Promise<CompiledGuest> {
  findProgram(programs["wasm-ld"]);
  await using folder = await makeTemporaryFolder("guest");
  const output = join(folder.path, `${name}.wasm`);
  const flags = ["--target=wasm32", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"];
  const bare = ["-ffreestanding", "-nostdlib", "-Wl,--no-entry"];
  const linker = ["-Wl,--strip-all", "-Wl,--fatal-warnings"];
  const files = ["-o", output, sourcePath(`${name}.c`)];
  await runProgram(programs.clang, [...flags, ...bare, ...linker, ...files]);
  const core = await readFile(output);
  const witSource = await readFile(sourcePath(`${name}.wit`), "utf8");
  const embedded = await componentEmbed({ binary: core, witSource });
  return { core, component: await componentNew(embedded) };
}

function sourcePath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
