/** Failures of reaching a server and of staying connected to it. */
import { HakiriError, type ErrorKind } from "../../../src/connector.ts";
import { isUnixSocket, placeOf, serverOf, type Endpoint } from "./connect-options.ts";

/** What a failure says, without its place. */
export interface Failure {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** A failure at an endpoint. */
export function endpointError(endpoint: Endpoint, failure: Failure, cause?: unknown): HakiriError {
  const record = { ...failure, evidence: { ...endpoint } };
  return new HakiriError(record, cause === undefined ? undefined : { cause });
}

/** Why no connection came to be. What isn't the network's or TLS's stays as it is. */
export function unreachable(endpoint: Endpoint, error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof HakiriError || code === null) return error;
  return endpointError(
    endpoint,
    tlsFailure(endpoint, code, error) ?? silence(endpoint, code),
    error,
  );
}

/** A connection that was there and is gone; null is an end without an error. */
export function connectionLost(endpoint: Endpoint, error: unknown): HakiriError {
  if (error instanceof HakiriError) return error;
  const code = codeOf(error);
  const tls = code === null ? null : tlsFailure(endpoint, code, error);
  const how = code === null ? "it was closed by the other side" : `got ${code}`;
  const lost = {
    kind: "Transient",
    code: "postgres.connection_lost",
    message: `expected to stay connected to ${placeOf(endpoint)}, but ${how}`,
    hint: "see the server's log for whether it restarted, crashed or ended this session",
  } as const;
  return endpointError(endpoint, tls ?? lost, error ?? undefined);
}

/** A peer that said nothing for longer than the settings allow. */
export function stalled(endpoint: Endpoint, seconds: number): HakiriError {
  return endpointError(endpoint, {
    kind: "Transient",
    code: "postgres.stalled",
    message: `expected an answer of ${placeOf(endpoint)}, but nothing came for ${seconds} s`,
    hint: "if a query may take longer before its first row, set a larger read_timeout",
  });
}

/** Bytes that are not PostgreSQL's protocol. */
export function brokenProtocol(endpoint: Endpoint, what: string, isNew: boolean): HakiriError {
  const hint = isNew
    ? "is it a PostgreSQL server that listens there? check host and port"
    : "check what lies between: a proxy, a pooler, a tunnel";
  return endpointError(endpoint, {
    kind: isNew ? "Permanent" : "Transient",
    code: isNew ? "postgres.not_postgres" : "postgres.protocol",
    message: `expected PostgreSQL's protocol from ${serverOf(endpoint)}, got ${what}`,
    hint,
  });
}

/** Nothing came of connecting in time. */
export function connectTimedOut(endpoint: Endpoint, seconds: number): HakiriError {
  return endpointError(endpoint, {
    kind: "Transient",
    code: "postgres.connect_timeout",
    message: `expected to connect to ${placeOf(endpoint)} within ${seconds} s`,
    hint: "check host, port and firewall, or set a larger connect_timeout",
  });
}

/** What was wrong with the words of a system's error; null where it has none. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

function silence(endpoint: Endpoint, code: string): Failure {
  return {
    kind: "Transient",
    code: "postgres.unreachable",
    message: `expected a server for ${placeOf(endpoint)}, got ${code}`,
    hint: isUnixSocket(endpoint) ? socketHint(endpoint, code) : networkHint(endpoint, code),
  };
}

function networkHint({ host, port }: Endpoint, code: string): string {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return `check the host's name, '${host}', and this machine's name server`;
  }
  if (code === "ECONNREFUSED") {
    return (
      `is the server running, does it listen on port ${port} (its setting port), ` +
      `and on that address (its setting listen_addresses)?`
    );
  }
  return "check the network: is there a route, a VPN, a firewall between?";
}

function socketHint({ host, port }: Endpoint, code: string): string {
  const name = `${host}/.s.PGSQL.${port}`;
  if (code === "EACCES") return `check the modes of ${name} and of the folders above it`;
  return `is the server running, and is its socket ${name} (its unix_socket_directories and port)?`;
}

const untrusted: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function tlsFailure(endpoint: Endpoint, code: string, error: unknown): Failure | null {
  const server = serverOf(endpoint);
  const said = error instanceof Error ? error.message : code;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      kind: "Permanent",
      code: "postgres.tls_wrong_host",
      message: `expected a certificate of ${server} for the host '${endpoint.host}': ${said}`,
      hint: "connect by a name that is in the certificate, or set sslmode = verify-ca",
    };
  }
  if (untrusted.has(code)) {
    return {
      kind: "Permanent",
      code: "postgres.tls_untrusted",
      message: `expected a trusted certificate of ${server}, got ${code}: ${said}`,
      hint: "set sslrootcert to the file with the certificate of the server's authority",
    };
  }
  if (!code.startsWith("ERR_SSL_") && !code.startsWith("ERR_TLS_") && code !== "EPROTO")
    return null;
  return {
    kind: "Permanent",
    code: "postgres.tls_failed",
    message: `expected TLS with ${server}, got ${code}: ${said}`,
    hint: "does the server want a client's certificate (sslcert, sslkey), or a newer TLS?",
  };
}
