/**
 * What DuckDB throws at a user's SQL, as errors of ours. The session says `errors_as_json`, so that
 * the error's class, its place and what it meant come as members instead of a text.
 */
import { HakiriError } from "../../core/error.ts";
import { duckDbFault } from "../duckdb/duckdb-fault.ts";
import { describePlace } from "./place-in-text.ts";

/** Most characters of DuckDB's own text that a message or a hint repeats. */
const textLengthMax = 2000;

/** What the user typed, and where it begins in what DuckDB was given. */
export interface TypedSql {
  readonly sql: string;
  /** Bytes before it. */
  readonly offset: number;
  /** Files of the store that it reads: an error that names one is not the statement's. */
  readonly paths: readonly string[];
}

interface DuckDbError {
  readonly exception_type: string;
  readonly exception_message: string;
  readonly position?: string;
  readonly candidates?: string;
}

/** The statement itself is wrong: nothing of it can have run. */
const sqlFaults: ReadonlySet<string> = new Set([
  "Parser",
  "Syntax",
  "Binder",
  "Catalog",
  "Expression",
  "Invalid type",
  "Mismatch Type",
  "Not implemented",
  "Parameter Not Allowed",
  "Parameter Not Resolved",
  "Planner",
]);

/** A value didn't fit what was asked of it. */
const valueFaults: ReadonlySet<string> = new Set([
  "Conversion",
  "Decimal",
  "Divide by Zero",
  "Invalid Input",
  "Invalid Unicode",
  "Out of Range",
]);

/** The error of ours for what DuckDB threw at a statement. */
export function sqlFault(error: unknown, typed: TypedSql): HakiriError {
  if (error instanceof HakiriError) return error;
  const found = parseError(error);
  if (found === null) return duckDbFault(error);
  const damagedPath = typed.paths.find((path) => found.exception_message.includes(path));
  if (damagedPath !== undefined) return damagedFile(damagedPath, found);
  const type = found.exception_type;
  const [message = "", ...more] = found.exception_message.slice(0, textLengthMax).split("\n");
  const advice = more.map((line) => line.trim()).filter((line) => line !== "");
  if (sqlFaults.has(type)) {
    return placed(found, typed, {
      code: "usage.sql",
      message: `${type} Error: ${message}`,
      hint: advice.length === 0 ? "check the SQL" : advice.join("\n"),
    });
  }
  if (type === "Permission") {
    return placed(found, typed, {
      code: "usage.sql_file",
      message: `expected SQL that reads tables of the store only: ${message}`,
      hint: "ingest the file first: hakiri ingest FILE, then query its table",
    });
  }
  if (valueFaults.has(type)) {
    return placed(found, typed, {
      code: "data.invalid",
      message: `${type} Error: ${[message, ...advice].join(" ")}`,
      hint: "leave such values out, or make them NULL by try_cast(...) or try(...)",
    });
  }
  if (found.exception_message.includes("max_temp_directory_size")) return spilledTooMuch(message);
  // The other lines advise settings, which nobody can change here.
  return duckDbFault(new Error(`${type} Error: ${message}`, { cause: error }));
}

function parseError(error: unknown): DuckDbError | null {
  const text = error instanceof Error ? error.message : String(error);
  // Some calls of the library put words of their own before it.
  const begin = text.indexOf('{"exception_type"');
  if (begin === -1) return null;
  try {
    // What DuckDB's errors_as_json makes.
    return JSON.parse(text.slice(begin)) as DuckDbError;
  } catch {
    return null;
  }
}

function spilledTooMuch(message: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "query.spill_limit",
    message: `expected the query to spill less to disk: ${message}`,
    hint: "narrow the query down",
  });
}

function damagedFile(path: string, found: DuckDbError): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "store.damaged_file",
    message:
      `expected a whole file of the store in ${path}, but: ` +
      found.exception_message.slice(0, textLengthMax),
    hint: "find what is damaged with: hakiri doctor",
    where: { file: path },
  });
}

function placed(
  found: DuckDbError,
  { sql, offset }: TypedSql,
  error: { readonly code: string; readonly message: string; readonly hint: string },
): HakiriError {
  const byte = found.position === undefined ? -1 : Number(found.position) - offset;
  const place = describePlace(sql, byte < 0 ? null : byte);
  return new HakiriError({
    kind: "Permanent",
    ...error,
    message: error.message + place.text,
    ...(place.evidence !== null && { evidence: place.evidence }),
  });
}
