/** Asks the server what a query gives, without running it. */
import { HakiriError } from "../../../src/connector.ts";
import type { PgConnection } from "../wire/connection.ts";
import type { QueryResult } from "../wire/query-result.ts";

/**
 * What a statement without rows answers. Throws `usage.bad_query` where the server doesn't take the
 * SQL, and what the connection throws.
 */
export async function describeQuery(
  connection: PgConnection,
  { stream, sql }: { readonly stream: string; readonly sql: string },
  signal: AbortSignal,
): Promise<QueryResult> {
  try {
    return await connection.query(sql, signal);
  } catch (error) {
    if (!(error instanceof HakiriError) || !isTheirs(error)) throw error;
    const { message, hint, evidence } = error.toRecord();
    throw new HakiriError(
      {
        kind: "Permanent",
        code: "usage.bad_query",
        message: `expected SQL that the server takes as the query of stream '${stream}'; ${message}`,
        hint,
        ...(evidence === undefined ? {} : { evidence }),
      },
      { cause: error },
    );
  }
}

/** Data that a cast or a division refuses, what isn't supported, and SQL but for rights to read. */
const classes: readonly string[] = ["0A", "21", "22", "2F", "42"];

function isTheirs({ evidence }: HakiriError): boolean {
  if (typeof evidence !== "object" || evidence === null) return false;
  const state: unknown = Object.entries(evidence).find(([key]) => key === "sqlstate")?.[1];
  return typeof state === "string" && state !== "42501" && classes.includes(state.slice(0, 2));
}
