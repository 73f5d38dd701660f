/** A store of its own, with one pipeline, for each test of a file; and one DuckDB for all. */
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { DuckDb } from "../../src/context/duckdb/open-duckdb.ts";
import { addPipeline, openHistoryStore, openTestDuckDb, type HistoryStore } from "./history.ts";

/** What a test begins with. */
export interface StoreOfTest {
  readonly store: HistoryStore;
  /** Of the pipeline `shop`, which has committed nothing. */
  readonly pipelineId: string;
  readonly duckDb: DuckDb;
}

/** Registers what makes a store before each test, tells `begin` of it, and removes it after. */
export function withStoreForEach(begin: (made: StoreOfTest) => void | Promise<void>): void {
  let duckDb: DuckDb;
  let made: HistoryStore | null = null;
  beforeAll(async () => {
    duckDb = await openTestDuckDb();
  });
  afterAll(() => duckDb.close());
  beforeEach(async () => {
    made = await openHistoryStore({ duckDb });
    await begin({ store: made, pipelineId: await addPipeline(made, "shop"), duckDb });
  });
  afterEach(async () => {
    await made?.close();
    made = null;
  });
}
