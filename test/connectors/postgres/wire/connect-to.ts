/** Connections of tests: options for a server, and what a failed one rejects with. */
import type {
  ConnectOptions,
  Endpoint,
  TlsOptions,
} from "../../../../connectors/postgres/wire/connect-options.ts";
import { connectPostgres } from "../../../../connectors/postgres/wire/connect-postgres.ts";
import type { PgConnection } from "../../../../connectors/postgres/wire/connection.ts";
import { HakiriError } from "../../../../src/core/error.ts";
import { systemClock } from "../../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../../src/platform/system-random.ts";

/** What tests change of the options. */
export interface Changes extends Partial<Omit<ConnectOptions, "endpoint" | "tls">> {
  readonly endpoint?: Partial<Endpoint>;
  readonly tls?: Partial<TlsOptions>;
}

/** Options that connect to a server as its superuser, without TLS. */
export function optionsFor(
  server: { readonly port: number; readonly password?: string },
  changes: Changes = {},
): ConnectOptions {
  const { port, password = "" } = server;
  return {
    password: password === "" ? null : password,
    passwordNotice: null,
    channelBinding: "prefer",
    requireAuth: null,
    applicationName: "hakiri-test",
    session: {},
    connectTimeoutMs: 20_000,
    readTimeoutMs: 0,
    keepaliveMs: 10_000,
    clock: systemClock,
    random: systemRandom,
    ...changes,
    endpoint: {
      host: "127.0.0.1",
      port,
      database: "postgres",
      user: "postgres",
      ...changes.endpoint,
    },
    tls: { mode: "disable", authorities: null, client: null, ...changes.tls },
  };
}

/** Connects for a while. */
export async function withConnection<T>(
  options: ConnectOptions,
  use: (connection: PgConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectPostgres(options, new AbortController().signal);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

/** The error that something rejects with. */
export async function refusalOf(work: Promise<unknown>): Promise<HakiriError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HakiriError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

/** The error of connecting. */
export function refusedBy(options: ConnectOptions): Promise<HakiriError> {
  return refusalOf(withConnection(options, () => Promise.resolve()));
}
