/** From settings to a source: the one thing that a profile calls of this connector. */
import type { Clock, Random, Source } from "../../src/connector.ts";
import type { Surroundings } from "./connect/ambient.ts";
import { parsePostgresSettings, type PostgresSettings } from "./connect/config.ts";
import { connectionTarget } from "./connect/target.ts";
import { databaseSource, type DatabaseSettings } from "./source.ts";
import { connectPostgres } from "./wire/connect-postgres.ts";

/** What a source is made of. */
export interface PostgresSourceOptions extends Surroundings {
  /** `[source]` of the pipeline, see `postgresSettingsSchema`; the password in its place. */
  readonly settings: unknown;
  /** Absolute path of the folder that paths begin in. */
  readonly project: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** Makes a source of a database. Throws `usage.invalid_config` and `usage.unknown_key`. */
export function postgresSource(options: PostgresSourceOptions): Source {
  const settings = parsePostgresSettings(options.settings);
  let isPoolerChecked = false;
  return databaseSource(readingSettings(settings), async (signal) => {
    const target = await connectionTarget(settings, options);
    const connection = await connectPostgres({ ...target, isPoolerChecked }, signal);
    isPoolerChecked = true;
    return connection;
  });
}

function readingSettings(settings: PostgresSettings): DatabaseSettings {
  const { numeric, arrays, queries, ...rest } = settings;
  return {
    ...rest,
    types: { numeric, arrays },
    queries: Object.fromEntries(queries),
  };
}
