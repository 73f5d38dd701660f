/** The error of files that there is nothing to be found out about. */
import { HakiriError } from "../../core/error.ts";
import type { ScanFile } from "../../core/scan.ts";

/** Permanent `file.empty`, naming the first of the files. */
export function emptyFile(files: readonly ScanFile[]): HakiriError {
  const name = files[0]?.name ?? "";
  return new HakiriError({
    kind: "Permanent",
    code: "file.empty",
    message: `expected at least one row or a header in '${name}', got none`,
    hint: "wait until the file has rows, or leave it out",
    where: { file: name },
  });
}
