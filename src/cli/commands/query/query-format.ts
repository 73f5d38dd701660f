/** How a query is answered, by what was typed. */
import { usageError } from "../../../core/error.ts";
import type { ResultFormat } from "../../../context/query/protocol.ts";
import type { CommandContext } from "../../command.ts";

/** The values of `--format`. */
export const queryFormats = ["table", "csv", "json", "jsonl", "parquet"] as const;

/** One of them. */
export type QueryFormat = (typeof queryFormats)[number];

/** What was typed of a format. */
export interface FormatInput {
  readonly format: QueryFormat | undefined;
  readonly numbers: "text" | "native" | undefined;
  readonly output: string | undefined;
}

/** Rows of a table; who wants all takes another format. */
const tableRowsMax = 100;

/**
 * The format: `--json` means JSON, an output's ending what it says, and a table else. Throws
 * `usage.format`, `usage.numbers_format`, and `usage.binary_on_terminal`.
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
      return { kind: "csv" };
    case "parquet":
      if (terminal.isTty && input.output === undefined) throw binaryOnTerminal();
      return { kind: "parquet" };
    case "table":
      return { kind: "rows", rowsMax: tableRowsMax };
  }
}

function formatOf({ format, output }: FormatInput, asJson: boolean): QueryFormat {
  if (asJson && output === undefined) {
    if (format === undefined || format === "json") return "json";
    throw usageError(
      "format",
      `expected one JSON document for --json, got --format ${format}`,
      "leave one of them out",
    );
  }
  const ending = /\.(?<ending>[a-z]+)$/iu.exec(output ?? "")?.groups?.["ending"]?.toLowerCase();
  return format ?? queryFormats.find((known) => known === ending) ?? "table";
}

function binaryOnTerminal(): Error {
  return usageError(
    "binary_on_terminal",
    "expected a file for --format parquet, got a terminal",
    "write it to a file: --output result.parquet",
  );
}
