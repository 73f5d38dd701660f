/** The settings of a PostgreSQL source: the schema of `[source]`, and what is meant by silence. */
import { z } from "zod";
import { durationPattern, parseDuration, settingsError } from "../../../src/connector.ts";
import type { NumericSetting } from "../types/type-settings.ts";
import type { AuthMethod, SslMode } from "../wire/connect-options.ts";
import { authMethodsOf, authWords } from "./require-auth.ts";

/** Most schemas, tables, exclusions and queries that settings name. */
export const namesMax = 10_000;
/** Most partitions of one table's full read. */
export const splitMax = 64;
const sqlCharsMax = 100_000;
const secondsMax = 86_400 * 7;

const text = z.string().min(1).max(4096);
const name = z.string().min(1).max(255);
const names = z.array(text).max(namesMax);

/** A duration such as "30s", or a whole number of the unit that PostgreSQL's own setting has. */
const duration = (unitMs: number) =>
  z
    .union([
      z.int().min(0),
      z.string().regex(durationPattern, 'a duration such as "30s", or a whole number'),
    ])
    .transform((value) =>
      typeof value === "number" ? value * unitMs : (parseDuration(value) ?? 0),
    )
    .refine((ms) => ms <= secondsMax * 1000, "a duration of at most 7d");

const decimalPattern = /^decimal\((?<precision>\d{1,2})\s*,\s*(?<scale>\d{1,2})\)$/u;

/** The schema of the settings. What it parses to keeps the file's keys. */
export const postgresSettingsSchema = z
  .strictObject({
    host: name
      .regex(/^[^,]*$/u, "one host: hakiri doesn't try several")
      .default("localhost")
      .describe("Name, address, or the absolute path of a Unix socket's folder."),
    port: z.int().min(1).max(65_535).default(5432).describe("Port, of a Unix socket, too."),
    database: name.optional().describe("Name of the database; as the user is called without."),
    user: name.describe("Role to log in as."),
    password: z
      .string()
      .max(4096)
      .optional()
      .describe("By reference; without one PGPASSWORD, the passfile and the service are asked."),
    passfile: text.optional().describe("File of passwords; ~/.pgpass without."),
    service: name.optional().describe("Entry of the service file that may have a password."),
    servicefile: text.optional().describe("Service file; ~/.pg_service.conf without."),
    sslmode: z
      .enum(["disable", "prefer", "require", "verify-ca", "verify-full"])
      .optional()
      .describe("How much TLS, as in libpq; `prefer` without, `verify-full` with system roots."),
    sslrootcert: text.optional().describe("File of trusted certificates (PEM), or `system`."),
    sslcert: text.optional().describe("File of the client's certificate (PEM)."),
    sslkey: text.optional().describe("File of the client's key (PEM), without a passphrase."),
    channel_binding: z
      .enum(["disable", "prefer", "require"])
      .default("prefer")
      .describe("Whether the password's proof is bound to the TLS connection."),
    require_auth: text
      .optional()
      .describe("Accepted ways to log in, as `scram-sha-256` or `!password`, with commas between."),
    application_name: name.default("hakiri").describe("What the server's statistics call us."),
    connect_timeout: duration(1000).default(10_000).describe("For connecting; a number: seconds."),
    read_timeout: duration(1000)
      .default(300_000)
      .describe("Without a byte of an answer, 0 for ever; a number: seconds."),
    statement_timeout: duration(1)
      .default(0)
      .describe("The server's, for one statement, 0 for ever; a number: milliseconds."),
    lock_timeout: duration(1)
      .default(30_000)
      .describe("The server's, for one lock, 0 for ever; a number: milliseconds."),
    keepalives: z.boolean().default(true).describe("Whether a silent connection is probed."),
    keepalives_idle: duration(1000).default(30_000).describe("After how long; a number: seconds."),
    schemas: names.default([]).describe("Schemas to read; all but the system's where empty."),
    tables: names
      .default([])
      .describe("Tables to read, `table` or `schema.table`, `*` stands for any letters."),
    exclude: names.default([]).describe("Tables to leave out, written like `tables`."),
    queries: z
      .record(name, z.string().min(1).max(sqlCharsMax))
      .refine((value) => Object.keys(value).length <= namesMax, `at most ${namesMax} queries`)
      .default({})
      .describe("Streams of one SELECT each, by the streams' names."),
    numeric: z
      .string()
      .refine(
        (value) => numericOf(value) !== null,
        "auto, text, double, or decimal(p,s) with p to 38",
      )
      .default("auto")
      .describe(
        "What numeric becomes: auto (a decimal where one is declared, else text), text, double, " +
          "or decimal(p,s) where none is declared.",
      ),
    arrays: z.enum(["list", "json"]).default("list").describe("What arrays become."),
    late_commits: z
      .enum(["lag", "hold_back"])
      .default("lag")
      .describe("Rows that are committed late: read `lag` again, or wait for those who write."),
    lag: z
      .union([z.string().min(1).max(40), z.number().min(0)])
      .transform(String)
      .refine((value) => durationPattern.test(value) || /^\d{1,18}(?:\.\d{1,18})?$/u.test(value), {
        message: 'a duration such as "10m", or a number',
      })
      .default("0")
      .describe("How far before the cursor's value an incremental read begins."),
    null_cursor: z
      .enum(["include", "exclude", "error"])
      .default("error")
      .describe(
        "Rows whose cursor column is NULL: an error, left out, or read with the first run.",
      ),
    split: z
      .union([z.literal("auto"), z.int().min(1).max(splitMax)])
      .default("auto")
      .describe("Partitions of one table's full read, each with a connection of its own."),
    snapshot: z.boolean().default(true).describe("Whether all streams are read as of one moment."),
  })
  .superRefine((value, context) => {
    for (const [key, message] of faultsOf(value)) {
      context.addIssue({ code: "custom", path: [key], message, input: null });
    }
  })
  .meta({ title: "hakiri source: PostgreSQL" });

type Parsed = z.output<typeof postgresSettingsSchema>;

/** Settings as they are meant; names as in the schema. Durations are in milliseconds. */
export interface PostgresSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Null where the settings have none. */
  readonly password: string | null;
  readonly passfile: string | null;
  readonly service: string | null;
  readonly servicefile: string | null;
  readonly sslmode: SslMode;
  readonly sslrootcert: string | null;
  readonly sslcert: string | null;
  readonly sslkey: string | null;
  readonly channelBinding: "disable" | "prefer" | "require";
  readonly requireAuth: ReadonlySet<AuthMethod> | null;
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** 0 where nothing is probed. */
  readonly keepaliveMs: number;
  readonly schemas: readonly string[];
  readonly tables: readonly string[];
  readonly exclude: readonly string[];
  readonly queries: ReadonlyMap<string, string>;
  readonly numeric: NumericSetting;
  readonly arrays: "list" | "json";
  readonly lateCommits: "lag" | "hold_back";
  /** A duration's text, or a number's. */
  readonly lag: string;
  readonly nullCursor: "include" | "exclude" | "error";
  readonly split: "auto" | number;
  readonly snapshot: boolean;
}

/** Reads settings. Throws `usage.invalid_config` or `usage.unknown_key`, which say every fault. */
export function parsePostgresSettings(settings: unknown): PostgresSettings {
  const parsed = postgresSettingsSchema.safeParse(settings);
  if (!parsed.success)
    throw settingsError(parsed.error.issues, {
      of: "PostgreSQL",
      known: Object.keys(postgresSettingsSchema.shape),
      least:
        'the least is user = "me"; most have host, database and password = { env = "NAME" }, too',
    });
  const { data } = parsed;
  return {
    host: data.host,
    port: data.port,
    database: data.database ?? data.user,
    user: data.user,
    password: data.password ?? null,
    passfile: data.passfile ?? null,
    service: data.service ?? null,
    servicefile: data.servicefile ?? null,
    sslmode: data.sslmode ?? (data.sslrootcert === "system" ? "verify-full" : "prefer"),
    sslrootcert: data.sslrootcert ?? null,
    sslcert: data.sslcert ?? null,
    sslkey: data.sslkey ?? null,
    channelBinding: data.channel_binding,
    requireAuth: data.require_auth === undefined ? null : authMethodsOf(data.require_auth),
    applicationName: data.application_name,
    connectTimeoutMs: data.connect_timeout,
    readTimeoutMs: data.read_timeout,
    statementTimeoutMs: data.statement_timeout,
    lockTimeoutMs: data.lock_timeout,
    keepaliveMs: data.keepalives ? data.keepalives_idle : 0,
    schemas: data.schemas,
    tables: data.tables,
    exclude: data.exclude,
    queries: new Map(Object.entries(data.queries)),
    numeric: numericOf(data.numeric) ?? "auto",
    arrays: data.arrays,
    lateCommits: data.late_commits,
    lag: data.lag,
    nullCursor: data.null_cursor,
    split: data.split,
    snapshot: data.snapshot,
  };
}

function numericOf(value: string): NumericSetting | null {
  if (value === "auto" || value === "text" || value === "double") return value;
  const groups = decimalPattern.exec(value)?.groups;
  if (groups === undefined) return null;
  const [precision, scale] = [Number(groups["precision"]), Number(groups["scale"])];
  return precision >= 1 && precision <= 38 && scale <= precision ? { precision, scale } : null;
}

function faultsOf(value: Parsed): readonly (readonly [key: string, message: string])[] {
  const faults: (readonly [string, string])[] = [];
  const { sslmode, sslrootcert, connect_timeout: connectTimeout } = value;
  if (sslrootcert === "system" && sslmode !== undefined && sslmode !== "verify-full") {
    faults.push(["sslmode", "verify-full beside sslrootcert = system, which anybody could be of"]);
  }
  if ((value.sslcert === undefined) !== (value.sslkey === undefined)) {
    faults.push(["sslkey", "both of sslcert and sslkey, or neither"]);
  }
  if (connectTimeout === 0) faults.push(["connect_timeout", "a duration above 0"]);
  if (value.require_auth !== undefined && authMethodsOf(value.require_auth) === null) {
    faults.push(["require_auth", `some of ${authWords}, with commas between, all or none with !`]);
  }
  return faults;
}
