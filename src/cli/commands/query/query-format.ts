/** How a query is answered, by what was typed. */
import { basename, extname } from "node:path";
import { usageError } from "../../../core/error.ts";
import type { ResultFormat } from "../../../context/query/protocol.ts";
import type { CommandContext } from "../../command.ts";

/** The values of `--format`. */
export type QueryFormat = "table" | "csv" | "json" | "jsonl" | "parquet";

/** What was typed of a format. */
export interface FormatInput {
  readonly format: QueryFormat | undefined;
  readonly numbers: "text" | "native" | undefined;
  readonly output: string | undefined;
}

/** Rows of a table; who wants all takes another format. */
const tableRowsMax = 100;

/**
 * The format: `--json` means JSON, an output's ending what it says, and a table else, which is for
 * eyes alone and so never goes to a file. Throws `usage.format`, `usage.output_format`,
 * `usage.numbers_format`, and `usage.binary_on_terminal`.
 */
export function resultFormat(
  input: FormatInput,
  { asJson, terminal }: Pick<CommandContext, "asJson" | "terminal">,
): ResultFormat {
  const format = formatOf(input, asJson);
  if (input.numbers !== undefined && format !== "json" && format !== "jsonl") {
    throw usageError(
      "numbers_format",
      `expected --numbers with --format json or jsonl, got it with ${format}`,
      "leave --numbers out: other formats write numbers as they are",
    );
  }
  switch (format) {
    case "json":
    case "jsonl":
      return { kind: format, numbers: input.numbers ?? "text" };
    case "csv":
      return { kind: "csv", delimiter: endingOf(input.output ?? "") === ".tsv" ? "\t" : "," };
    case "parquet":
      if (terminal.isTty && input.output === undefined) throw binaryOnTerminal();
      return { kind: "parquet" };
    case "table":
      return { kind: "rows", rowsMax: tableRowsMax };
  }
}

function formatOf({ format, output }: FormatInput, asJson: boolean): QueryFormat {
  if (output !== undefined) return fileFormat(format, output);
  if (!asJson) return format ?? "table";
  if (format === undefined || format === "json") return "json";
  throw usageError(
    "format",
    `expected one JSON document for --json, got --format ${format}`,
    "leave one of them out",
  );
}

/** What the endings of files say. */
const formatsByEnding: ReadonlyMap<string, QueryFormat> = new Map([
  [".csv", "csv"],
  [".tsv", "csv"],
  [".json", "json"],
  [".jsonl", "jsonl"],
  [".ndjson", "jsonl"],
  [".parquet", "parquet"],
]);

function fileFormat(format: QueryFormat | undefined, output: string): QueryFormat {
  if (format === "table") {
    throw usageError(
      "output_format",
      "expected a format that holds every row for --output, got --format table",
      "choose --format csv, json, jsonl or parquet",
    );
  }
  const ending = endingOf(output);
  const found = format ?? formatsByEnding.get(ending);
  if (found !== undefined) return found;
  const known = [...formatsByEnding.keys()].join(", ");
  const isPacked = /^\.(?:gz|zst|zip|bz2|xz)$/u.test(ending);
  throw usageError(
    "output_format",
    `expected --output with an ending of ${known}, got ${JSON.stringify(basename(output))}`,
    isPacked
      ? "write it without that ending and compress it after, or write .parquet, which is compressed"
      : "give the file one of these endings, or say --format csv, json, jsonl or parquet",
  );
}

/** With its dot, in lower case; empty where there is none. */
function endingOf(output: string): string {
  return extname(output).toLowerCase();
}

function binaryOnTerminal(): Error {
  return usageError(
    "binary_on_terminal",
    "expected a file for --format parquet, got a terminal",
    "write it to a file: --output result.parquet",
  );
}
