/** A hot standby of a throwaway server: it follows by streaming, and answers what only reads. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectOptions } from "../../connectors/postgres/wire/connect-options.ts";
import { connectPostgres } from "../../connectors/postgres/wire/connect-postgres.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { systemRandom } from "../../src/platform/system-random.ts";
import { startPostgres, type EmbeddedPostgres, type PostgresOptions } from "./embedded-postgres.ts";

/** Starts a standby of a running server, which has to outlive it. */
export async function startStandby(
  primary: EmbeddedPostgres,
  settings: NonNullable<PostgresOptions["settings"]> = {},
): Promise<EmbeddedPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-pg-backup-"));
  try {
    const dataFolder = join(folder, "data");
    const label = await backUp(primary, dataFolder);
    const { host, port, user, password } = primary;
    const login = `host=${host} port=${port} user=${user} password='${password}'`;
    return await startPostgres({
      password,
      settings: { ...settings, primary_conninfo: login },
      backup: { dataFolder, files: { "standby.signal": "", backup_label: label } },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Copies a running server's data; the session that begins it has to end it. */
async function backUp(primary: EmbeddedPostgres, to: string): Promise<string> {
  const connection = await connectPostgres(optionsOf(primary), new AbortController().signal);
  try {
    await connection.query("SELECT pg_backup_start('standby', true)");
    await cp(primary.dataFolder, to, { recursive: true });
    const { rows } = await connection.query("SELECT labelfile FROM pg_backup_stop(false)");
    return rows[0]?.[0] ?? "";
  } finally {
    await connection.close();
  }
}

function optionsOf({ host, port, database, user, password }: EmbeddedPostgres): ConnectOptions {
  return {
    endpoint: { host, port, database, user },
    password: password === "" ? null : password,
    passwordNotice: null,
    tls: { mode: "disable", authorities: null, client: null },
    channelBinding: "disable",
    requireAuth: null,
    applicationName: "standby",
    session: {},
    connectTimeoutMs: 20_000,
    readTimeoutMs: 0,
    keepaliveMs: 0,
    clock: systemClock,
    random: systemRandom,
  };
}
