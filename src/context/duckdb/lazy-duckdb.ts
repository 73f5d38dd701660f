/** DuckDB that is loaded and opened by the first statement: many runs have none. */
import type { DuckDb, DuckDbOptions } from "./open-duckdb.ts";

/** As `openDuckDb`; what that throws is thrown by the first statement. */
export function lazyDuckDb(options: DuckDbOptions): DuckDb {
  let opening: Promise<DuckDb> | null = null;
  let isClosed = false;
  const opened = (): Promise<DuckDb> => {
    if (isClosed) throw new Error("DuckDB is closed");
    opening ??= import("./open-duckdb.ts").then(({ openDuckDb }) => openDuckDb(options));
    return opening;
  };
  /**
   * Does it to an instance that is there, or is on its way; an instance that failed has nothing.
   */
  const toInstance = (deed: (duckDb: DuckDb) => void): void => {
    void opening?.then(deed, () => undefined);
  };
  return {
    run: async (sql) => (await opened()).run(sql),
    rows: async (sql) => (await opened()).rows(sql),
    columns: async (query) => (await opened()).columns(query),
    interrupt: () => toInstance((duckDb) => duckDb.interrupt()),
    close: () => {
      isClosed = true;
      toInstance((duckDb) => duckDb.close());
    },
  };
}
