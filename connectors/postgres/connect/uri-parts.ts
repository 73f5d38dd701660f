/**
 * The syntax of `postgres://user:password@host:port/database?name=value&..`, as libpq has it: each
 * part is percent-decoded, a host may be an address in brackets or a Unix socket's folder, and
 * there is no fragment.
 *
 * P1: no error says a part of the URI: where it is cut in the wrong place, any may be the password.
 */
import { usageError, type HakiriError } from "../../../src/connector.ts";

/** A URI's parts; what it doesn't say is null. */
export interface PostgresUriParts {
  readonly user: string | null;
  readonly password: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly database: string | null;
  /** In order. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

const form = "postgres://user@host:5432/database?table=orders";

/** Cuts a URI. Throws `usage.invalid_uri`. */
export function splitPostgresUri(uri: string): PostgresUriParts {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/isu.exec(uri) ?? [];
  if (rest === undefined) throw invalid("'//' after the scheme's colon", `it is ${form}`);
  const [before = "", query = ""] = cutAt(rest, "?");
  const [authority = "", path] = cutAt(before, "/");
  const at = authority.lastIndexOf("@");
  if (at < 0 && path?.includes("@") === true) {
    throw invalid("an '@' before the first '/'", "in a password, write / as %2F and @ as %40");
  }
  const [user = "", password] = at < 0 ? [] : cutAt(authority.slice(0, at), ":");
  return {
    user: textOf(user),
    password: textOf(password),
    ...placeOf(authority.slice(at + 1)),
    database: textOf(path),
    parameters: query === "" ? [] : query.split("&").map(parameterOf),
  };
}

function cutAt(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

function placeOf(text: string): { readonly host: string | null; readonly port: number | null } {
  if (text.includes(",")) {
    throw invalid("one host", "name the one server to read from; in a password, write , as %2C");
  }
  const cut = /^(?:\[(?<address>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>[^:]*))?$/su.exec(
    text,
  )?.groups;
  if (cut === undefined) {
    throw invalid(
      "host:port",
      "an IPv6 address stands in brackets: postgres://[::1]:5432/database",
    );
  }
  const { address, name, port } = cut;
  return { host: textOf(address ?? name), port: portOf(port) };
}

function portOf(text: string | undefined): number | null {
  if (text === undefined || text === "") return null;
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw invalid(
    "a port of 1 to 65535 after the host's colon",
    "in a password, write / as %2F, ? as %3F, : as %3A and @ as %40",
  );
}

function parameterOf(text: string): readonly [name: string, value: string] {
  const [name = "", value] = cutAt(text, "=");
  if (value === undefined || name === "") {
    throw invalid("name=value after '?' and each '&'", "in values, write & as %26");
  }
  return [decoded(name), decoded(value)];
}

function textOf(part: string | undefined): string | null {
  return part === undefined || part === "" ? null : decoded(part);
}

function decoded(part: string): string {
  try {
    const text = decodeURIComponent(part);
    if (!text.includes("\0") && text.isWellFormed()) return text;
  } catch {
    // told below, without the part
  }
  throw invalid("two hexadecimal digits after each '%', as UTF-8", "write % itself as %25");
}

function invalid(expected: string, hint: string): HakiriError {
  return usageError("invalid_uri", `expected ${expected} in a URI of PostgreSQL`, hint);
}
