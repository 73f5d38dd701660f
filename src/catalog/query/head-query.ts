/** The store's head as the port answers it. */
import type { Head } from "../../core/ports/catalog.ts";
import { microsText } from "../apply/micros.ts";
import type { SqlDatabase } from "../apply/sql-database.ts";
import { readStore } from "../apply/store-row.ts";

/** The one item that a commit flips. */
export function queryHead(database: SqlDatabase): Head {
  const store = readStore(database);
  if (store === undefined) throw new Error("expected the store's row");
  return {
    storeId: store.storeId,
    incarnation: store.incarnation,
    sequence: store.headSequence,
    manifestSha256: store.headSha256,
    at: microsText(store.headAt),
  };
}
