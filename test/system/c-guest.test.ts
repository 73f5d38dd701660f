/** A guest in C goes the whole way: clang, component, JavaScript, call. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { transpileBytes } from "@bytecodealliance/jco-transpile";
import { componentWit } from "@bytecodealliance/jco-transpile/wasm-tools";
import { beforeAll, expect, test } from "vitest";

import { compileGuest, type CompiledGuest } from "./guests/compile-c.ts";
import { makeTemporaryFolder } from "./servers/temporary-folder.ts";

let guest: CompiledGuest;

beforeAll(async () => {
  guest = await compileGuest("add");
});

test("the core module imports nothing and exports the function and its memory", async () => {
  const core = await WebAssembly.compile(toArrayBuffer(guest.core));
  expect(WebAssembly.Module.imports(core)).toEqual([]);
  expect(WebAssembly.Module.exports(core).map(({ name }) => name)).toEqual(["memory", "add"]);
});

test("the component's world is the one of its WIT file", async () => {
  expect(await componentWit(guest.component)).toContain("export add: func(a: s32, b: s32) -> s32;");
});

test("the component is small", () => {
  expect(guest.component.length).toBeLessThan(4_096);
});

test("transpiled and instantiated it adds", async () => {
  const { add } = await instantiate(guest.component);
  expect(add(2, 3)).toBe(5);
  expect(add(2 ** 31 - 1, 1)).toBe(-(2 ** 31));
});

test("transpiling the same bytes twice gives the same files", async () => {
  const options = { name: "adder", instantiation: "async" } as const;
  const [first, second] = [
    await transpileBytes(guest.component, options),
    await transpileBytes(guest.component, options),
  ];
  expect(first.files).toEqual(second.files);
});

interface Adder {
  add(a: number, b: number): number;
}

/** What jco's output exports when it's asked for `instantiation: "async"`. */
interface Transpiled {
  instantiate(
    getCoreModule: (path: string) => Promise<WebAssembly.Module>,
    imports: Record<string, never>,
  ): Promise<Adder>;
}

async function instantiate(component: Uint8Array): Promise<Adder> {
  await using folder = await makeTemporaryFolder("transpiled");
  const { files, imports } = await transpileBytes(component, {
    name: "adder",
    instantiation: "async",
    wasiShim: false,
    nodejsCompat: false,
  });
  expect(imports).toEqual([]);
  const entry = join(folder.path, "adder.mjs");
  await writeFile(entry, files["adder.js"] ?? "");
  // The shape of jco's output can't be told to the compiler: the file was made just now.
  const module = (await import(/* @vite-ignore */ pathToFileURL(entry).href)) as Transpiled;
  const core = (path: string) => WebAssembly.compile(toArrayBuffer(files[path]));
  return await module.instantiate(core, {});
}

/** WebAssembly takes bytes over an ArrayBuffer; a copy gives them one. */
function toArrayBuffer(bytes: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes ?? []);
}
