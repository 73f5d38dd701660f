/** Checks the WASM component tools: text to a component, and the component to JavaScript. */
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { transpileBytes } from "@bytecodealliance/jco-transpile";

const world = "package doctor:check; world check { export answer: func() -> u32; }";
const guest = '(module (func (export "answer") (result i32) i32.const 42))';

/** Makes a component of a few bytes, transpiles it and tells the sizes. */
export async function checkComponents(): Promise<string> {
  const embedded = await componentEmbed({
    binary: await parse(guest),
    witSource: world,
    stringEncoding: "utf8",
    metadata: [],
    world: "check",
  });
  const component = await componentNew(embedded, []);
  const { files } = await transpileBytes(component, {
    name: "check",
    instantiation: "sync",
    wasiShim: false,
    nodejsCompat: false,
  });
  return `a component of ${component.byteLength} bytes, ${Object.keys(files).length} files`;
}
