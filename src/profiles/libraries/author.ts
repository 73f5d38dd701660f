/** Checks what `connector build` needs: esbuild bundles, componentize-qjs wraps JavaScript. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stop, transform } from "esbuild";
import { componentize } from "componentize-qjs";

/** Builds a QuickJS component from one line of TypeScript and tells its size. */
export async function checkAuthor(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-doctor-"));
  try {
    const { code } = await transform("export const answer = (): number => 42;", { loader: "ts" });
    const witPath = join(folder, "check.wit");
    await writeFile(witPath, "package doctor:check; world check { export answer: func() -> u32; }");
    const { component } = await componentize({ witPath, jsSource: code, stubWasi: true });
    return `a QuickJS component of ${component.byteLength} bytes`;
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}
