/**
 * What the user's surroundings say of connections: PG* variables, service files, password files.
 *
 * Everything but a password is written into the settings when a URI is read, so that a later run
 * without these variables reaches the same database. A password is looked for at each run.
 */
import { join } from "node:path";
import { usageError } from "../../../src/connector.ts";
import type { Endpoint } from "../wire/connect-options.ts";
import type { Parameters } from "./parameters.ts";
import { passwordIn } from "./passfile.ts";
import { missingFile, readSmallFile } from "./read-small-file.ts";
import { serviceIn } from "./service-file.ts";

/** The surroundings. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute; null where nobody knows. */
  readonly home: string | null;
}

const variables: readonly (readonly [variable: string, parameter: string])[] = [
  ["PGHOST", "host"],
  ["PGPORT", "port"],
  ["PGDATABASE", "database"],
  ["PGUSER", "user"],
  ["PGPASSFILE", "passfile"],
  ["PGSSLMODE", "sslmode"],
  ["PGSSLROOTCERT", "sslrootcert"],
  ["PGSSLCERT", "sslcert"],
  ["PGSSLKEY", "sslkey"],
  ["PGCHANNELBINDING", "channel_binding"],
  ["PGREQUIREAUTH", "require_auth"],
  ["PGAPPNAME", "application_name"],
  ["PGCONNECT_TIMEOUT", "connect_timeout"],
];

/** Variables whose silent loss would connect elsewhere, or less safely. PGOPTIONS is ignored. */
const refusedVariables = ["PGHOSTADDR", "PGSSLCRL", "PGSSLCRLDIR", "PGREQUIREPEER"] as const;

/**
 * The given parameters with what the service and then the environment add, never a password. Throws
 * `usage.service` and `usage.unreadable_file`.
 */
export async function withAmbient(given: Parameters, around: Surroundings): Promise<Parameters> {
  const { environment } = around;
  const refused = refusedVariables.find((name) => (environment[name] ?? "") !== "");
  if (refused !== undefined) {
    throw usageError(
      "environment",
      `expected no variable ${refused}, which hakiri can't follow`,
      `unset it: unset ${refused}`,
    );
  }
  const all = new Map(given);
  addAbsent(all, "service", environment["PGSERVICE"]);
  if (all.has("service")) addAbsent(all, "servicefile", environment["PGSERVICEFILE"]);
  for (const [name, value] of await serviceParameters(all, around)) {
    if (name !== "password") addAbsent(all, name === "dbname" ? "database" : name, value);
  }
  for (const [variable, parameter] of variables) {
    addAbsent(all, parameter, environment[variable]);
  }
  return all;
}

function addAbsent(all: Map<string, string>, name: string, value: string | undefined): void {
  if (value !== undefined && value !== "" && !all.has(name)) all.set(name, value);
}

async function serviceParameters(given: Parameters, around: Surroundings): Promise<Parameters> {
  const service = given.get("service");
  if (service === undefined) return new Map();
  const named = given.get("servicefile");
  const { environment, home } = around;
  const folder = environment["PGSYSCONFDIR"];
  const files = [
    named ?? (home === null ? null : join(home, ".pg_service.conf")),
    folder === undefined || folder === "" ? null : join(folder, "pg_service.conf"),
  ].filter((path) => path !== null);
  for (const path of files) {
    const file = await readSmallFile(path, "services");
    if (file === null && path === named) throw missingFile(path, "services");
    const found = file === null ? null : serviceIn(file.text, service, path);
    if (found !== null) return found;
  }
  throw usageError(
    "service",
    `expected the service '${service}' in ${files.join(" or ") || "a service file"}, found none`,
    "add a section with its name in [] there, or set servicefile",
  );
}

/** A password that was found, or why one wasn't taken. */
export interface AmbientPassword {
  /** Null where there is none. */
  readonly password: string | null;
  /** A file that wasn't looked into, and why; null without one. */
  readonly notice: string | null;
}

/** What a password is looked for by; the settings have these, under the same names. */
export interface PasswordPlaces extends Endpoint {
  readonly passfile: string | null;
  readonly service: string | null;
  readonly servicefile: string | null;
}

/**
 * A password for settings without one, in libpq's order: the service's, PGPASSWORD, the passfile's.
 * Throws as `withAmbient`.
 */
export async function ambientPassword(
  places: PasswordPlaces,
  around: Surroundings,
): Promise<AmbientPassword> {
  const { service, servicefile, passfile } = places;
  const given = new Map(
    Object.entries({ service, servicefile }).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    ),
  );
  const ofService = (await serviceParameters(given, around)).get("password");
  if (ofService !== undefined) return { password: ofService, notice: null };
  const ofVariable = around.environment["PGPASSWORD"];
  if (ofVariable !== undefined && ofVariable !== "") return { password: ofVariable, notice: null };
  const path = passfile ?? (around.home === null ? null : join(around.home, ".pgpass"));
  return path === null ? { password: null, notice: null } : await passwordOfFile(path, places);
}

async function passwordOfFile(path: string, endpoint: Endpoint): Promise<AmbientPassword> {
  const file = await readSmallFile(path, "passwords");
  if (file === null) return { password: null, notice: null };
  if ((file.mode & 0o077) !== 0) {
    return {
      password: null,
      notice: `'${path}' was left alone, since others may read it: chmod 600 '${path}'`,
    };
  }
  return { password: passwordIn(file.text, endpoint), notice: null };
}
