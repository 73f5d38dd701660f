/**
 * What DuckDB throws, as errors of ours. Its texts begin with the name of the error's class, and
 * are kept as evidence: they name files, lines and values that nobody else knows.
 */
import { HakiriError, type ErrorRecord } from "../../core/error.ts";

/** Most characters of DuckDB's own text that a message repeats. */
const textLengthMax = 2000;

type Fault = Pick<ErrorRecord, "kind" | "code" | "hint"> & { readonly pattern: RegExp };

const faults: readonly Fault[] = [
  {
    pattern: /^INTERRUPT/u,
    kind: "Permanent",
    code: "duckdb.interrupted",
    hint: "",
  },
  {
    pattern: /No space left on device|max_temp_directory_size/u,
    kind: "Permanent",
    code: "disk.full",
    hint: "free some space, or move the project to a larger disk; nothing is lost",
  },
  {
    pattern: /^Out of Memory/u,
    kind: "Permanent",
    code: "duckdb.out_of_memory",
    hint: "raise memory_limit in hakiri.toml",
  },
  {
    pattern: /Permission denied/u,
    kind: "Permanent",
    code: "disk.permission",
    hint: "check who may read and write the file",
  },
  {
    pattern: /^IO Error|No files found/u,
    kind: "Permanent",
    code: "file.unreadable",
    hint: "check that the file exists and is whole",
  },
  {
    pattern: /^(?:Conversion|Invalid Input|Invalid unicode|Out of Range)/u,
    kind: "Permanent",
    code: "data.invalid",
    hint: 'look at the line that the message names, or set on_bad_row = "quarantine"',
  },
  {
    pattern: /^(?:Parser|Binder|Catalog|Syntax|Permission) Error/u,
    kind: "Permanent",
    code: "usage.sql",
    hint: "check the SQL",
  },
];

/** The error of ours for what DuckDB threw; what isn't known becomes Permanent `duckdb.failed`. */
export function duckDbFault(error: unknown): HakiriError {
  if (error instanceof HakiriError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const fault = faults.find(({ pattern }) => pattern.test(text));
  const message = `DuckDB: ${text.slice(0, textLengthMax)}`;
  const { kind, code, hint } = fault ?? unknown;
  return new HakiriError({ kind, code, message, hint }, { cause: error });
}

const unknown = {
  kind: "Permanent",
  code: "duckdb.failed",
  hint: "ask for less at once, or leave out what the message names",
} as const;
