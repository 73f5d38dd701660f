/** The failures of reading files, each naming its file as the user knows it. */
import { HakiriError } from "../../src/connector.ts";

/** A failure that only somebody's hands can end. */
export function fileError(
  code: string,
  file: string,
  words: { readonly message: string; readonly hint: string },
  cause?: unknown,
): HakiriError {
  const record = { kind: "Permanent", code: `file.${code}`, ...words, where: { file } } as const;
  return new HakiriError(record, cause === undefined ? undefined : { cause });
}

/** What happened to a file under a read. */
export type FileChange = "grew" | "shrank" | "vanished" | "was written to" | "was replaced";

/** A file that isn't what it was when its read began; the next attempt reads what it is then. */
export function changedWhileRead(file: string, change: FileChange): HakiriError {
  return new HakiriError({
    kind: "Transient",
    code: "file.changed_while_read",
    message: `expected '${file}' to stay as it is while it is read, but it ${change}`,
    hint: "write files under another name and rename them when they are complete",
    where: { file },
  });
}

/** The code of a failure of the operating system; null for anything else. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** A file or folder that can't be looked into; what isn't the operating system's stays as it is. */
export function unreadable(file: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === null || error instanceof HakiriError) return error;
  if (code === "EMFILE" || code === "ENFILE") {
    return new HakiriError(
      {
        kind: "Transient",
        code: "file.too_many_open",
        message: `expected to open '${file}', got ${code}`,
        hint: "raise the limit of open files (ulimit -n)",
        where: { file },
      },
      { cause: error },
    );
  }
  const words = {
    message: `expected to read '${file}', got ${code}`,
    hint: "check the owner and mode of that path and of the folders above it",
  };
  return fileError("unreadable", file, words, error);
}
