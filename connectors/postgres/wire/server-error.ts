/** What the server says by ErrorResponse, as one of hakiri's errors. */
import { HakiriError, type ErrorKind } from "../../../src/connector.ts";
import { placeOf, type Endpoint } from "./connect-options.ts";
import type { MessageBody } from "./message-body.ts";

/** Fields of an ErrorResponse, by their letters; what the server didn't say is absent. */
export type ServerReport = ReadonlyMap<string, string>;

const fieldsMax = 64;
const textCharsMax = 1000;

/** Reads the fields. Throws ProtocolFault. */
export function readReport(body: MessageBody): ServerReport {
  const fields = new Map<string, string>();
  while (fields.size < fieldsMax) {
    const letter = body.byte();
    if (letter === 0) break;
    fields.set(String.fromCodePoint(letter), body.zeroEnded());
  }
  return fields;
}

/** The error that a report is. */
export function serverError(endpoint: Endpoint, report: ServerReport): HakiriError {
  const state = report.get("C") ?? "XX000";
  const said = cut(report.get("M") ?? "an error without a message");
  const meaning = meaningOf(endpoint, state, said);
  const theirs = report.get("H");
  return new HakiriError({
    kind: meaning.kind,
    code: meaning.code,
    message: `${placeOf(endpoint)}: ${said} (SQLSTATE ${state})`,
    hint: theirs === undefined ? meaning.hint : `${meaning.hint}; the server says: ${cut(theirs)}`,
    evidence: evidenceOf(endpoint, state, report),
  });
}

/** What the server says of where; the values of rows may be in its detail, never a password. */
const told = { S: "severity", D: "detail", W: "context", s: "schema", t: "table", c: "column" };

function evidenceOf(endpoint: Endpoint, state: string, report: ServerReport) {
  const fields = Object.entries(told).flatMap(([letter, name]) => {
    const text = report.get(letter);
    return text === undefined ? [] : [[name, text.slice(0, textCharsMax / 4)] as const];
  });
  return { sqlstate: state, ...endpoint, ...Object.fromEntries(fields) };
}

interface Meaning {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string;
}

function meaningOf(endpoint: Endpoint, state: string, said: string): Meaning {
  const { user, database } = endpoint;
  switch (state) {
    case "28P01":
      return {
        kind: "AuthExpired",
        code: "auth.wrong_password",
        hint: `check the password of '${user}', and that it hasn't expired (VALID UNTIL)`,
      };
    case "3D000":
      return permanent("no_database", `check its name: psql -l lists the server's databases`);
    case "42P01":
      return permanent("no_table", "check its name and schema: 'hakiri discover' lists the tables");
    case "42703":
      return permanent("no_column", "check its name: 'hakiri discover' lists the columns");
    case "42501":
      return permanent(
        "not_allowed",
        `have its owner type: GRANT SELECT ON <table> TO "${user}" (and GRANT USAGE ON SCHEMA)`,
      );
    case "42601":
      return permanent(
        "bad_sql",
        "check the SQL of the query: it is one SELECT without a semicolon",
      );
    case "25006":
      return permanent("read_only", "hakiri only reads: leave out what writes");
    case "08P01":
      return permanent("refused_protocol", "is a pooler between? connect to the server itself");
    case "55P03":
      return transient("lock_timeout", "somebody holds a lock on the table; or raise lock_timeout");
    case "57014":
      return cancelled(said);
    case "25P03":
      return transient("session_ended", "idle_in_transaction_session_timeout ended the session");
    case "53300":
      return transient(
        "too_many_connections",
        `end some sessions of '${database}', or raise the server's max_connections`,
      );
    case "57P03":
      return transient("not_ready", "the server starts, stops or recovers: try again in a while");
    case "40001":
      return serialization(said);
    default:
      return byClass(endpoint, state);
  }
}

/** Of what only reads, a standby's: rows that it looks at are gone on the primary. */
function serialization(said: string): Meaning {
  return transient(
    said.includes("recovery") ? "recovery_conflict" : "serialization",
    "on a standby: set hot_standby_feedback = on, or raise max_standby_streaming_delay",
  );
}

/** The server's language is unknown: where it isn't English, a timeout passes for a cancel. */
function cancelled(said: string): Meaning {
  return said.includes("statement timeout")
    ? permanent("statement_timeout", "raise statement_timeout, or read less at once")
    : permanent("statement_cancelled", "somebody cancelled the statement; run it again");
}

function byClass(endpoint: Endpoint, state: string): Meaning {
  if (state.startsWith("28")) {
    return {
      kind: "AuthExpired",
      code: "auth.refused",
      hint:
        `does the role '${endpoint.user}' exist and may it log in, and has the server's ` +
        "pg_hba.conf a line for it, this host and this sslmode?",
    };
  }
  if (state.startsWith("08")) return transient("connection_lost", "check what lies between");
  if (state.startsWith("40")) return transient("rolled_back", "the server rolled it back");
  if (state.startsWith("53")) return transient("no_resources", "the server is short of something");
  if (state.startsWith("57P")) {
    return transient("server_stopped", "the server was stopped, or ended this session");
  }
  return permanent("server_error", "see the SQLSTATE in PostgreSQL's manual, appendix A");
}

function permanent(name: string, hint: string): Meaning {
  return { kind: "Permanent", code: `postgres.${name}`, hint };
}

function transient(name: string, hint: string): Meaning {
  return { kind: "Transient", code: `postgres.${name}`, hint };
}

function cut(text: string): string {
  return text.length <= textCharsMax ? text : `${text.slice(0, textCharsMax)} [cut]`;
}
