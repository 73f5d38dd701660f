/** Files of passwords, as libpq reads them: `host:port:database:user:password`, `*` for any. */
import { isUnixSocket, type Endpoint } from "../wire/connect-options.ts";

/** The password of the first line that an endpoint matches; null where none does. */
export function passwordIn(text: string, endpoint: Endpoint): string | null {
  for (const line of text.split("\n")) {
    const password = line.startsWith("#") ? null : passwordOf(line.replace(/\r$/u, ""), endpoint);
    if (password !== null) return password;
  }
  return null;
}

function passwordOf(line: string, endpoint: Endpoint): string | null {
  const fields = fieldsOf(line);
  if (fields === null) return null;
  const { host, port, database, user, password } = fields;
  // A local socket is the machine itself, by whatever folder.
  const isHost = matches(host, endpoint.host) || (isUnixSocket(endpoint) && host === "localhost");
  const isHere =
    isHost &&
    matches(port, String(endpoint.port)) &&
    matches(database, endpoint.database) &&
    matches(user, endpoint.user);
  return isHere && password !== "" ? password : null;
}

function matches(field: string, value: string): boolean {
  return field === "*" || unescape(field) === value;
}

/** The fields, the first four still escaped: `\*` is a star, and `*` is any. */
function fieldsOf(
  line: string,
): (Omit<Endpoint, "port"> & Record<"port" | "password", string>) | null {
  const cut = /^(?<fields>(?:(?:\\.|[^:\\])*:){4})(?<password>.*)$/u.exec(line)?.groups;
  if (cut === undefined) return null;
  const found = [...(cut["fields"] ?? "").matchAll(/((?:\\.|[^:\\])*):/gu)];
  const [host = "", port = "", database = "", user = ""] = found.map(([, field = ""]) => field);
  return { host, port, database, user, password: unescape(cut["password"] ?? "") };
}

/** A backslash makes the character behind it an ordinary one. */
function unescape(field: string): string {
  return field.replaceAll(/\\(?<next>.)/gu, "$<next>");
}
