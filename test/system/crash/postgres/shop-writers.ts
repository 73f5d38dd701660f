/** Those who write to a shop while it is read: transactions side by side, and vacuums. */
import type { SeededRandom } from "../../../platform/seeded-random.ts";
import { waitUntil } from "../../servers/deadline.ts";
import type { Postgres } from "../../servers/postgres.ts";
import { connectShop, type ShopDatabase } from "./shop-database.ts";

/** Writers that were started. */
export interface ShopWriters {
  /** Transactions and vacuums that were done so far. */
  readonly done: number;
  /** Ends them after what they are at; throws what one of them met that no restart explains. */
  stop(): Promise<void>;
}

/** How long a transaction is open at least, at most; milliseconds. */
const pauseMsMax = 120;

/** Of so many vacuums one is full. */
const fullEvery = 40;

const vacuumed = ["accounts", "mirror", "orders", "stamp"] as const;

/** Starts two writers and one who vacuums. A server that is restarted they connect to again. */
export function startWriters(
  server: Postgres,
  database: string,
  random: SeededRandom,
): ShopWriters {
  let done = 0;
  let isStopped = false;
  const keepOn = async (write: (shop: ShopDatabase) => Promise<void>): Promise<void> => {
    while (!isStopped) {
      await using shop = await connectAgain(server, database);
      try {
        while (!isStopped) {
          await write(shop);
          done += 1;
        }
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
    }
  };
  let seed = 0;
  const churn = async ({ client }: ShopDatabase): Promise<void> => {
    seed += 1;
    await client.query("SELECT churn($1, $2)", [seed, random.below(pauseMsMax) / 1000]);
  };
  const vacuum = async ({ client }: ShopDatabase): Promise<void> => {
    // FULL moves rows that older snapshots see, too.
    const how = random.below(fullEvery) === 0 ? "VACUUM FULL" : "VACUUM";
    await client.query(`${how} ${vacuumed[random.below(vacuumed.length)] ?? ""}`);
    await client.query("SELECT pg_sleep($1)", [random.below(pauseMsMax) / 1000]);
  };
  const all = [keepOn(churn), keepOn(churn), keepOn(vacuum)];
  // Thrown by `stop`.
  for (const one of all) one.catch(() => undefined);
  return {
    get done() {
      return done;
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(all);
    },
  };
}

async function connectAgain(server: Postgres, database: string): Promise<ShopDatabase> {
  let shop: ShopDatabase | null = null;
  await waitUntil("the server to be there for its writers", async () => {
    shop = await connectShop(server, database);
    return true;
  });
  // The wait ends with one.
  return shop as unknown as ShopDatabase;
}

/** A lost connection has no code of the server's, or one of a shutdown; and deadlocks happen. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return !/^[0-9A-Z]{5}$/u.test(code) || code.startsWith("57P0") || code === "40P01";
}
