/**
 * `postgres://` URIs: what they, and the user's surroundings, mean as settings, and what makes two
 * sources one. It has the shape of `ConnectorUri`, which a connector can't import.
 */
import { join, resolve } from "node:path";
import { usageError, type HakiriError, type Json } from "../../../src/connector.ts";
import { withAmbient, type Surroundings } from "./ambient.ts";
import { parsePostgresSettings } from "./config.ts";
import { toSetting, type Parameters } from "./parameters.ts";
import { splitPostgresUri, type PostgresUriParts } from "./uri-parts.ts";

/** Settings as they are stored. */
type Settings = Readonly<Record<string, Json>>;

/** Where paths begin. */
interface Place {
  readonly cwd: string;
  readonly home: string | null;
}

/** What a URI says. */
export interface PostgresUri {
  /** Without a password; host, port, database and user are always there. */
  readonly settings: Settings;
  /** `password` where the URI has one. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The database's. */
  readonly name: string;
  /** The streams that it asks for by `?table=` or `?query=`; empty for all. */
  readonly streams: readonly string[];
}

/** The URIs of PostgreSQL. */
export interface PostgresUris {
  readonly connector: "postgres";
  readonly schemes: readonly string[];
  /** Throws a usage error that says neither user info nor values of parameters. */
  readonly parse: (uri: string, place: Place) => Promise<PostgresUri>;
  /**
   * `postgres://host:port/database`, with the choice of schemas and tables where there is one:
   * without user, password and what only tunes the reading.
   */
  readonly identify: (settings: Settings) => Promise<string>;
}

/** Parameters of a URI that say what is read. */
const own = ["table", "schema", "query", "stream"] as const;

/** The URIs of PostgreSQL, read in an environment. */
export function postgresUri(options: Pick<Surroundings, "environment">): PostgresUris {
  return {
    connector: "postgres",
    schemes: ["postgres", "postgresql"],
    parse: (uri, place) => parse(uri, place, options.environment),
    // Its fellows in other connectors look at files.
    identify: (settings) => Promise.resolve().then(() => identify(settings)),
  };
}

function identify(settings: Settings): string {
  const { password: _, ...open } = settings;
  const { host, port, database, schemas, tables, exclude } = parsePostgresSettings(open);
  const isAddress = host.includes(":") && !host.startsWith("/");
  const name = host.startsWith("/") ? encodeURIComponent(host) : host.toLowerCase();
  const place = `${isAddress ? `[${name}]` : name}:${port}/${encodeURIComponent(database)}`;
  const chosen = Object.entries({ schema: schemas, table: tables, exclude }).flatMap(
    ([key, names]) =>
      // All tables are what is meant by none.
      names
        .filter((each) => key === "exclude" || each !== "*")
        .toSorted()
        .map((each) => {
          return `${key}=${encodeURIComponent(each)}`;
        }),
  );
  return `postgres://${place}${chosen.length === 0 ? "" : `?${chosen.join("&")}`}`;
}

async function parse(
  uri: string,
  place: Place,
  environment: Surroundings["environment"],
): Promise<PostgresUri> {
  const parts = splitPostgresUri(uri);
  const wanted = wantedOf(parts);
  const given = connectionParameters(parts);
  const password = given.get("password");
  const all = await withAmbient(given, { environment, home: place.home });
  const settings = { ...toSettings(all, place, environment), ...wanted.settings };
  const { database } = parsePostgresSettings(settings);
  return {
    settings: { ...settings, database },
    secrets: password === undefined ? {} : { password },
    name: database,
    streams: wanted.streams,
  };
}

/** What the URI says itself; a parameter goes before the same in the part before it. */
function connectionParameters(parts: PostgresUriParts): Parameters {
  const { user, password, host, port, database, parameters } = parts;
  const before = { user, password, host, port: port === null ? null : String(port), database };
  const given = new Map<string, string>();
  for (const [name, value] of Object.entries(before)) if (value !== null) given.set(name, value);
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (own.some((known) => known === name)) continue;
    if (seen.has(name)) throw twice();
    seen.add(name);
    given.set(name === "dbname" ? "database" : name, value);
  }
  return given;
}

function toSettings(
  all: Parameters,
  { cwd, home }: Place,
  environment: Surroundings["environment"],
): Settings {
  const base = (path: string): string =>
    home !== null && path.startsWith("~/") ? join(home, path.slice(2)) : resolve(cwd, path);
  const found = [...all].flatMap(([name, value]) => {
    if (name === "password") return [];
    const setting = toSetting(name, value, { base, others: own });
    return setting === null ? [] : [setting];
  });
  const settings = Object.fromEntries(found);
  const user = settings["user"] ?? environment["USER"] ?? environment["LOGNAME"] ?? "";
  if (user === "") {
    throw usageError(
      "invalid_uri",
      "expected a user in a URI of PostgreSQL, or in PGUSER",
      "type postgres://user@host:5432/database",
    );
  }
  return { host: "localhost", port: 5432, ...settings, user };
}

interface Wanted {
  readonly settings: Settings;
  readonly streams: readonly string[];
}

function wantedOf({ parameters }: PostgresUriParts): Wanted {
  const of = (wanted: (typeof own)[number]): readonly string[] =>
    parameters.filter(([name]) => name === wanted).map(([, value]) => value);
  const [tables, schemas, queries, streams] = [
    of("table"),
    of("schema"),
    of("query"),
    of("stream"),
  ];
  if ([...tables, ...schemas, ...queries, ...streams].includes("")) {
    throw wrong("expected a value for table, schema, query and stream", "leave out what is empty");
  }
  if (queries.length > 1 || streams.length > 1) throw twice();
  const [sql] = queries;
  if (sql !== undefined) {
    if (tables.length > 0 || schemas.length > 0) {
      throw wrong("expected a query, or tables of a schema, got both", "leave one of them out");
    }
    const [stream = "query"] = streams;
    return { settings: { queries: { [stream]: sql } }, streams: [stream] };
  }
  if (streams.length > 0) {
    throw wrong("expected a query beside a stream's name", "type ?table= for a table");
  }
  if (tables.length === 0) {
    return { settings: schemas.length === 0 ? {} : { schemas }, streams: [] };
  }
  if (schemas.length > 1) throw wrong("expected one schema beside tables", "type schema.table");
  const [schema = "public"] = schemas;
  const named = tables.map((table) =>
    schemas.length === 0 || schema === "public" ? table : `${schema}.${table}`,
  );
  // `public.orders` is the stream `orders`.
  return { settings: {}, streams: named.map((table) => table.replace(/^public\./u, "")) };
}

function twice(): HakiriError {
  return wrong("expected each parameter once", "in values, write & as %26");
}

function wrong(message: string, hint: string): HakiriError {
  return usageError("invalid_uri", `${message}, in a URI of PostgreSQL`, hint);
}
