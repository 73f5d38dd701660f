/** Files of settings: small, text, and said by name where they can't be read. */
import { open } from "node:fs/promises";
import { usageError } from "../../../src/connector.ts";

/** The most bytes of a certificate, a key, a password file or a service file. */
export const smallBytesMax = 4 * 1024 * 1024;

/** A file's text and mode; null where there is none, or no file. */
export interface SmallFile {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  /** Of its owner. */
  readonly uid: number;
}

/** Reads a file; null where it doesn't exist. Throws `usage.unreadable_file`. */
export async function readSmallFile(path: string, what: string): Promise<SmallFile | null> {
  try {
    await using handle = await open(path, "r");
    const { mode, size, uid } = await handle.stat();
    if (size > smallBytesMax) throw unreadable(path, what, `${size} bytes`);
    return { text: await handle.readFile("utf8"), mode: mode & 0o777, uid };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (typeof code !== "string" || code.startsWith("usage.")) throw error;
    throw unreadable(path, what, code);
  }
}

/** The error of a file that was named and isn't there. */
export function missingFile(path: string, what: string): Error {
  return unreadable(path, what, "no such file");
}

function unreadable(path: string, what: string, found: string): Error {
  return usageError(
    "unreadable_file",
    `expected to read ${what} from '${path}', got ${found}`,
    "check the path, its owner and its mode",
  );
}
