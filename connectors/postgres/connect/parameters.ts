/** Connection parameters, as URIs, service files and PG* variables say them, as settings. */
import { nearest, usageError, type HakiriError, type Json } from "../../../src/connector.ts";

/** Named parameters, as texts. */
export type Parameters = ReadonlyMap<string, string>;

const kinds = {
  host: "text",
  port: "number",
  database: "text",
  user: "text",
  password: "text",
  passfile: "path",
  service: "text",
  servicefile: "path",
  sslmode: "text",
  sslrootcert: "path",
  sslcert: "path",
  sslkey: "path",
  channel_binding: "text",
  require_auth: "text",
  application_name: "text",
  connect_timeout: "number",
  read_timeout: "number",
  statement_timeout: "number",
  lock_timeout: "number",
  keepalives: "boolean",
  keepalives_idle: "number",
  exclude: "list",
  numeric: "text",
  arrays: "text",
  late_commits: "text",
  lag: "text",
  null_cursor: "text",
  split: "number",
  snapshot: "boolean",
} as const;

const parameterNames: readonly string[] = Object.keys(kinds);

/** Parameters of libpq's under another name. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["dbname", "database"],
  ["fallback_application_name", "application_name"],
]);

/** Parameters of libpq's that change nothing of a read, or that hakiri does in one way only. */
const ignored: ReadonlySet<string> = new Set(["client_encoding", "gssencmode", "sslsni"]);

/** Parameters of libpq's whose silent loss would connect elsewhere, or less safely. */
const refused: ReadonlyMap<string, string> = new Map([
  ["hostaddr", "write the address as the host"],
  ["options", "set the parameters for the role: ALTER ROLE .. SET .."],
  ["target_session_attrs", "name the one server to read from"],
  ["load_balance_hosts", "name the one server to read from"],
  ["sslcrl", "hakiri reads no revocation lists"],
  ["sslcrldir", "hakiri reads no revocation lists"],
  ["sslpassword", "store the key without a passphrase, readable by you alone"],
  ["sslnegotiation", "leave it out: hakiri asks for TLS as sslnegotiation=postgres does"],
  ["requirepeer", "hakiri can't ask who owns a Unix socket"],
  ["krbsrvname", "hakiri has no Kerberos: use scram-sha-256"],
  ["ssl_min_protocol_version", "leave it out: it is TLSv1.2"],
]);

/**
 * The setting that a parameter is, and its value; null for one without meaning here. `base` is
 * called for paths. `others` are names that the caller knows, for "did you mean". Throws
 * `usage.unknown_parameter`, which never says a name that nobody knows: it may be a password's
 * second half.
 */
export function toSetting(
  name: string,
  value: string,
  words: { readonly base: (path: string) => string; readonly others: readonly string[] },
): readonly [setting: string, value: Json] | null {
  if (ignored.has(name)) return null;
  if (name === "ssl" && value === "true") return ["sslmode", "require"];
  const setting = aliases.get(name) ?? name;
  const kind = Object.hasOwn(kinds, setting) ? kinds[setting as keyof typeof kinds] : null;
  switch (kind) {
    case "text":
      return [setting, value];
    case "path":
      return [setting, setting === "sslrootcert" && value === "system" ? value : words.base(value)];
    case "number":
      return [setting, /^\d{1,15}$/u.test(value) ? Number(value) : value];
    case "boolean":
      return [setting, booleanOf(value) ?? value];
    case "list":
      return [setting, value.split(",")];
    case null:
      throw unknownParameter(name, words.others);
  }
}

function booleanOf(value: string): boolean | null {
  if (/^(?:1|true|on|yes)$/iu.test(value)) return true;
  return /^(?:0|false|off|no)$/iu.test(value) ? false : null;
}

function unknownParameter(name: string, others: readonly string[]): HakiriError {
  const instead = refused.get(name);
  if (instead !== undefined) {
    return usageError("unknown_parameter", `expected no parameter ${name}`, instead);
  }
  const known = [...others, ...parameterNames, "dbname"];
  const near = nearest(name, known);
  return usageError(
    "unknown_parameter",
    `expected known parameters of a connection to PostgreSQL, got one that isn't`,
    near === null
      ? `known are ${known.join(", ")}; in values, write & as %26`
      : `did you mean '${near}'? in values, write & as %26`,
  );
}
