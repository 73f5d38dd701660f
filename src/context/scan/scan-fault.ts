/** What goes wrong in a scan, told by the names of the user: file, line, column. */
import { HakiriError } from "../../core/error.ts";
import type { Scan, ScanFile } from "../../core/scan.ts";
import type { BadValue } from "./bad-rows.ts";
import { rowBytesMax } from "./csv-reader.ts";
import { badValueMark } from "./scan-relation.ts";

/** Whether a scan failed at a value that its type doesn't hold exactly. */
export function isBadValue(error: unknown): boolean {
  return error instanceof HakiriError && error.message.includes(badValueMark);
}

/** The error of a bad value. */
export function badValueError(bad: BadValue, cause: unknown): HakiriError {
  const { file, line, column, detail } = bad;
  return badRow(
    { file, line, detail: `${detail} in column '${column}'`, evidence: { column, detail } },
    cause,
  );
}

/**
 * The error of a scan. A row that has not as many columns as its file, a quote without its end, or
 * bytes that are no text become Permanent `file.bad_row` with the file, the record's number and the
 * row; what is no JSON becomes `file.unreadable`. All else stays as it is.
 */
export function scanFault(error: unknown, scan: Pick<Scan, "files">): unknown {
  if (!(error instanceof HakiriError)) return error;
  // What the parallel reader says of a row that is longer than its buffers.
  if (error.message.includes("Parallel CSV Reader")) return longLine(error, scan);
  if (error.code !== "data.invalid") return error;
  const text = wholeText(error);
  const line = /CSV Error on Line: (?<line>\d+)/u.exec(text)?.groups?.["line"];
  if (line === undefined) return jsonFault(error, scan);
  const path = /^\s*file = (?<path>.*)$/mu.exec(text)?.groups?.["path"]?.trim();
  const file = fileAt(scan, path);
  const evidence = /^Original Line: (?<row>.*)$/mu.exec(text)?.groups?.["row"] ?? "";
  return badRow({ file, line: Number(line), detail: reasonOf(text), evidence }, error);
}

/** The message repeats only the beginning, and a long row comes before what says where it is. */
function wholeText(error: HakiriError): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function fileAt(scan: Pick<Scan, "files">, path: string | undefined): ScanFile | null {
  return scan.files.find((file) => file.path === path) ?? scan.files[0] ?? null;
}

interface BadRow {
  readonly file: ScanFile | null;
  readonly line: number;
  readonly detail: string;
  readonly evidence: HakiriError["evidence"];
}

function badRow({ file, line, detail, evidence }: BadRow, cause: unknown): HakiriError {
  const name = file?.name ?? "a file";
  return new HakiriError(
    {
      kind: "Permanent",
      code: "file.bad_row",
      message: `expected rows of the stream's columns in '${name}', record ${line}: ${detail}`,
      hint: 'correct the row, or put such rows aside with on_bad_row = "quarantine"',
      where: { file: name, line },
      ...(evidence !== undefined && { evidence }),
    },
    { cause },
  );
}

/** The line that says what is wrong; DuckDB surrounds it by its settings and by possible fixes. */
function reasonOf(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const reason = lines.find((line) =>
    /^(?:Error when|Expected Number|Value with|Invalid unicode|Maximum line|Could not)/u.test(line),
  );
  return reason ?? lines[0] ?? "";
}

function longLine(cause: HakiriError, scan: Pick<Scan, "files">): HakiriError {
  const name = fileAt(scan, undefined)?.name ?? "a file";
  const others = scan.files.length > 1 ? " or one that is read with it" : "";
  return new HakiriError(
    {
      kind: "Permanent",
      code: "file.long_line",
      message: `expected rows of up to ${rowBytesMax} bytes in '${name}'${others}, got longer ones`,
      hint: "check the file's format, quote and encoding",
      where: { file: name },
    },
    { cause },
  );
}

const jsonPlace = new RegExp(
  '(?<malformed>Malformed JSON)? in file "(?<path>[^"\\n]*)"(?:, at byte \\d+)?,? ' +
    "in (?:line|record/value|object) (?<line>\\d+)[:.]?\\s*(?<reason>[^\\n]*)",
  "u",
);

function jsonFault(error: HakiriError, scan: Pick<Scan, "files">): HakiriError {
  const text = wholeText(error);
  const found = jsonPlace.exec(text)?.groups;
  const file = fileAt(scan, found?.["path"]);
  const name = file?.name ?? "a file";
  // Of malformed rows DuckDB tells the number of the next one (1.5.5).
  const past = found?.["malformed"] === undefined ? 0 : 1;
  const line = found?.["line"] === undefined ? null : Number(found["line"]) - past;
  const [whole = ""] = text.split("\n");
  const reason = found?.["reason"]?.trim() ?? whole;
  return new HakiriError(
    {
      kind: "Permanent",
      code: "file.unreadable",
      message: `expected '${name}' to be read${line === null ? "" : `, record ${line}`}: ${reason}`,
      hint: "correct the file, or name its format",
      where: { file: name, ...(line !== null && { line }) },
    },
    { cause: error },
  );
}
