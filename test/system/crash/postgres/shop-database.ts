/** Databases of shops on a real server, and what their tables hold by the server's own word. */
import pg from "pg";
import type { Postgres } from "../../servers/postgres.ts";
import { shopTables, sumsSql, type ShopTable } from "./shop.ts";
import { shopSchema } from "./shop-schema.ts";

/** What a shop's tables hold: the sums of each, by its name. */
export type ShopSums = ReadonlyMap<string, string>;

const template = "shop";

/** Makes the database that all shops of the server begin as. */
export async function makeShopTemplate(server: Postgres): Promise<void> {
  await server.psql(`CREATE DATABASE ${template}`);
  await using shop = await connectShop(server, template);
  await shop.client.query(shopSchema);
}

/** Makes a shop at version 0. */
export async function makeShop(server: Postgres, database: string): Promise<ShopDatabase> {
  await server.psql(`CREATE DATABASE ${database} TEMPLATE ${template}`);
  return connectShop(server, database);
}

/** A database, with one connection to it. */
export interface ShopDatabase extends AsyncDisposable {
  readonly client: pg.Client;
  /** Brings it to a version, from the one before. */
  advance(version: number): Promise<void>;
  /** What the server noted at a version. */
  sumsAt(version: number): Promise<ShopSums>;
  /** What tables hold now, all of them where left out. */
  sums(tables?: readonly ShopTable[]): Promise<ShopSums>;
}

/** Connects to a shop past any proxy. */
export async function connectShop(
  { host, port }: Postgres,
  database: string,
): Promise<ShopDatabase> {
  const client = new pg.Client({ host, port, database, user: "postgres" });
  // A server that is restarted takes the connection with it.
  client.on("error", () => undefined);
  await client.connect();
  const sumsOf = async (sql: string, values: readonly unknown[] = []): Promise<ShopSums> => {
    const { rows } = await client.query<[string, string]>({
      text: sql,
      values: [...values],
      rowMode: "array",
    });
    return new Map(rows);
  };
  return {
    client,
    advance: async (version) => void (await client.query("SELECT advance($1)", [version])),
    sumsAt: (version) =>
      sumsOf("SELECT stream, sums FROM noted WHERE version = $1 ORDER BY 1", [version]),
    sums: (tables = shopTables) => sumsOf(`${sumsSql("postgres", tables)} ORDER BY 1`),
    [Symbol.asyncDispose]: () => client.end(),
  };
}
