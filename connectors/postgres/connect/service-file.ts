/** Service files, as libpq reads them: sections of connection parameters by a service's name. */
import { usageError } from "../../../src/connector.ts";

/** The parameters of a service; null where the text has no such section. Throws `usage.service`. */
export function serviceIn(
  text: string,
  service: string,
  path: string,
): ReadonlyMap<string, string> | null {
  let found: Map<string, string> | null = null;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (found !== null) return found;
      if (line === `[${service}]`) found = new Map();
      continue;
    }
    if (found === null) continue;
    const at = line.indexOf("=");
    const name = line.slice(0, at).trim();
    if (at < 1 || name === "service" || name === "servicefile") {
      throw faulty(path, index + 1, service);
    }
    // libpq takes the first of several.
    if (!found.has(name)) found.set(name, line.slice(at + 1).trim());
  }
  return found;
}

/** Says where, and never what: a line may have a password in it. */
function faulty(path: string, line: number, service: string): Error {
  return usageError(
    "service",
    `expected parameter=value on line ${line} of '${path}', in the service '${service}'`,
    "write each parameter on a line of its own; a service can't name another, or an LDAP server",
  );
}
