/** A configuration file that was named on the command line. */
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { configTextMax, type ConfigText } from "../../../config/document.ts";
import { HakiriError, usageError } from "../../../core/error.ts";

/**
 * Reads a file of TOML or JSON at an absolute path; `shown` is how it was typed. Throws usage
 * errors for what is no such file, and Permanent `file.unreadable`.
 */
export async function readConfigFile(path: string, shown: string): Promise<ConfigText> {
  const format = path.endsWith(".json") ? "json" : "toml";
  if (!/\.(?:toml|json)$/u.test(path)) {
    throw usageError(
      "not_a_config",
      `${shown}: expected a file that ends in .toml or .json, got '${basename(path)}'`,
      "name hakiri.toml, or a file of pipelines/",
    );
  }
  const bytes = await bytesOf(path, shown);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { file: shown, format, text };
  } catch {
    throw usageError("not_utf8", `${shown}: expected UTF-8, got other bytes`, "save it as UTF-8");
  }
}

async function bytesOf(path: string, shown: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (!found.isFile()) {
      throw usageError("not_a_file", `${shown}: expected a file, got something else`, "");
    }
    if (found.size <= configTextMax) return await readFile(path);
    throw usageError(
      "too_large",
      `${shown}: expected a file of at most ${configTextMax} bytes, got ${found.size}`,
      "split the file: one pipeline a file",
    );
  } catch (error) {
    if (error instanceof HakiriError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw usageError(
        "missing_file",
        `${shown}: expected a file, got nothing there`,
        "check the path",
      );
    }
    if (typeof code !== "string") throw error;
    throw new HakiriError(
      {
        kind: "Permanent",
        code: "file.unreadable",
        message: `${shown}: expected to read it, got ${code}`,
        hint: "check the owner and mode of the file and of the folders above it",
      },
      { cause: error },
    );
  }
}
