/** Where and how to connect. */
import type { Clock, Random } from "../../../src/connector.ts";

/** How much TLS, in libpq's words and with its meaning; on Unix sockets there is none. */
export type SslMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

/** Ways in which a server may have a client prove who it is; `none` is not at all. */
export type AuthMethod = "none" | "password" | "md5" | "scram-sha-256";

/** What TLS is made of. */
export interface TlsOptions {
  readonly mode: SslMode;
  /** Certificates as PEM text that the server's is verified by; null where it isn't. */
  readonly authorities: readonly string[] | null;
  /** The client's own, as PEM text. */
  readonly client: { readonly certificate: string; readonly key: string } | null;
}

/** Whom to reach; what every error says. */
export interface Endpoint {
  /** A name, an address, or the absolute path of a Unix socket's folder. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** How a connection is to be. */
export interface ConnectOptions {
  readonly endpoint: Endpoint;
  /** Null where none is known: a server that asks for it is told no. */
  readonly password: string | null;
  /** Why a password that there may be wasn't taken; null without a reason. */
  readonly passwordNotice: string | null;
  readonly tls: TlsOptions;
  readonly channelBinding: "disable" | "prefer" | "require";
  /** The ways that are accepted; null for all but a plain password over an open network. */
  readonly requireAuth: ReadonlySet<AuthMethod> | null;
  /** At most 63 bytes count. */
  readonly applicationName: string;
  /** Parameters of the server that are set for the session, such as `statement_timeout`. */
  readonly session: Readonly<Record<string, string>>;
  /** How long connecting may take, authentication and session parameters included. */
  readonly connectTimeoutMs: number;
  /** How long a statement may leave us without a byte; 0 for ever. A paused copy doesn't count. */
  readonly readTimeoutMs: number;
  /** How long a silent connection is left alone before its peer is probed; 0 for ever. */
  readonly keepaliveMs: number;
  /** Whether an earlier connection of the same way met no pooler of transactions. */
  readonly isPoolerChecked?: boolean;
  readonly clock: Clock;
  readonly random: Random;
}

/** Whether the host is the folder of a Unix socket. */
export function isUnixSocket(endpoint: Endpoint): boolean {
  return endpoint.host.startsWith("/");
}

/** Whether nobody but this machine's users can listen in. */
export function isLocal(endpoint: Endpoint): boolean {
  const { host } = endpoint;
  return isUnixSocket(endpoint) || /^(?:localhost|127(?:\.\d+){3}|::1)$/u.test(host);
}

/** The endpoint as errors say it: `database 'shop' on db.example.com:5432 as user 'ada'`. */
export function placeOf(endpoint: Endpoint): string {
  return `database '${endpoint.database}' on ${serverOf(endpoint)} as user '${endpoint.user}'`;
}

/** The endpoint's server alone: `db.example.com:5432`, `[::1]:5432`, `/run/postgresql:5432`. */
export function serverOf({ host, port }: Endpoint): string {
  return host.includes(":") && !host.startsWith("/") ? `[${host}]:${port}` : `${host}:${port}`;
}
