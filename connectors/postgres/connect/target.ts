/** From settings to where and how to connect: files of certificates, the password, the session. */
import { join, resolve } from "node:path";
import { getCACertificates } from "node:tls";
import { usageError, type Clock, type Random } from "../../../src/connector.ts";
import { isUnixSocket, type ConnectOptions, type TlsOptions } from "../wire/connect-options.ts";
import { ambientPassword, type Surroundings } from "./ambient.ts";
import type { PostgresSettings } from "./config.ts";
import { missingFile, readSmallFile } from "./read-small-file.ts";

/** What settings are resolved with. */
export interface TargetContext extends Surroundings {
  /** Absolute path of the folder that paths in settings begin in. */
  readonly project: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Where and how to connect. Reads the files that the settings name, those of `~/.postgresql` where
 * they name none, and the password where they have none. Throws usage errors.
 */
export async function connectionTarget(
  settings: PostgresSettings,
  context: TargetContext,
): Promise<ConnectOptions> {
  const { host, port, database, user } = settings;
  const endpoint = { host, port, database, user };
  const found =
    settings.password === null
      ? await ambientPassword(settings, context)
      : { password: settings.password, notice: null };
  return {
    endpoint,
    password: found.password,
    passwordNotice: found.notice,
    tls: isUnixSocket(endpoint) ? withoutTls : await tlsOf(settings, context),
    channelBinding: settings.channelBinding,
    requireAuth: settings.requireAuth,
    applicationName: settings.applicationName,
    session: sessionOf(settings),
    connectTimeoutMs: settings.connectTimeoutMs,
    readTimeoutMs: settings.readTimeoutMs,
    keepaliveMs: settings.keepaliveMs,
    clock: context.clock,
    random: context.random,
  };
}

const withoutTls: TlsOptions = { mode: "disable", authorities: null, client: null };

/**
 * Texts of values don't depend on the role's or the server's settings, nor does what a backslash in
 * SQL is, and nothing is written.
 */
function sessionOf(settings: PostgresSettings): Readonly<Record<string, string>> {
  return {
    DateStyle: "ISO, YMD",
    IntervalStyle: "postgres",
    TimeZone: "UTC",
    bytea_output: "hex",
    extra_float_digits: "3",
    standard_conforming_strings: "on",
    default_transaction_read_only: "on",
    idle_in_transaction_session_timeout: "0",
    lock_timeout: String(settings.lockTimeoutMs),
    statement_timeout: String(settings.statementTimeoutMs),
  };
}

async function tlsOf(settings: PostgresSettings, context: TargetContext): Promise<TlsOptions> {
  const { sslmode: mode } = settings;
  if (mode === "disable") return withoutTls;
  const authorities = mode === "prefer" ? null : await authoritiesOf(settings, context);
  return { mode, authorities, client: await clientOf(settings, context) };
}

/** Null where nothing is verified: `require` without a file of authorities, as in libpq. */
async function authoritiesOf(
  settings: PostgresSettings,
  context: TargetContext,
): Promise<readonly string[] | null> {
  const { sslrootcert, sslmode } = settings;
  if (sslrootcert === "system") return getCACertificates("system");
  const path = pathOf(sslrootcert, "root.crt", context);
  const file = path === null ? null : await readSmallFile(path, "trusted certificates");
  if (file !== null) return [file.text];
  if (sslrootcert !== null) throw missingFile(sslrootcert, "trusted certificates");
  if (sslmode === "require") return null;
  throw usageError(
    "no_root_certificate",
    `expected trusted certificates for sslmode = ${sslmode}, found no ${path ?? "home folder"}`,
    "set sslrootcert to a file of them, or to system",
  );
}

async function clientOf(
  settings: PostgresSettings,
  context: TargetContext,
): Promise<TlsOptions["client"]> {
  const { sslcert, sslkey } = settings;
  const [certificatePath, keyPath] = [
    pathOf(sslcert, "postgresql.crt", context),
    pathOf(sslkey, "postgresql.key", context),
  ];
  if (certificatePath === null || keyPath === null) return null;
  const certificate = await readSmallFile(certificatePath, "the client's certificate");
  if (certificate === null) {
    if (sslcert === null) return null;
    throw missingFile(certificatePath, "the client's certificate");
  }
  const key = await readSmallFile(keyPath, "the client's key");
  if (key === null) throw missingFile(keyPath, "the client's key");
  // As libpq has it: root may have given its group the right to read.
  if ((key.mode & (key.uid === 0 ? 0o037 : 0o077)) !== 0) {
    throw usageError(
      "open_key",
      `expected the client's key '${keyPath}' to be readable by its owner alone`,
      `type: chmod 600 '${keyPath}'`,
    );
  }
  return { certificate: certificate.text, key: key.text };
}

function pathOf(named: string | null, usual: string, context: TargetContext): string | null {
  if (named !== null) return resolve(context.project, named);
  return context.home === null ? null : join(context.home, ".postgresql", usual);
}
