/** DuckDB in this process, for a command that may not need it: its library takes 40 MB. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDb } from "../../context/duckdb/open-duckdb.ts";
import type { RunLimits } from "../../runtime/protocol.ts";
import type { Engine } from "./engine.ts";

/** Opened by the first who asks, and closed by whoever made it. */
export class LazyDuckDb {
  readonly #engine: Pick<Engine, "makeTemporaryFolder">;
  readonly #limits: Pick<RunLimits, "threads" | "memoryLimit">;
  #opening: Promise<Opened> | null = null;
  #open: Opened | null = null;

  constructor(
    engine: Pick<Engine, "makeTemporaryFolder">,
    limits: Pick<RunLimits, "threads" | "memoryLimit">,
  ) {
    this.#engine = engine;
    this.#limits = limits;
  }

  /** The instance; what it spills goes to a folder of its own outside of the project. */
  async open(): Promise<DuckDb> {
    this.#opening ??= this.#start();
    return (await this.#opening).duckDb;
  }

  /** Ends what is under way in it, if it is open. */
  interrupt(): void {
    this.#open?.duckDb.interrupt();
  }

  /** Frees it and removes its folder. */
  async close(): Promise<void> {
    // One that couldn't be opened has told so to whoever asked.
    const opened = await this.#opening?.catch(() => null);
    if (opened === undefined || opened === null) return;
    opened.duckDb.close();
    await rm(opened.folder, { recursive: true, force: true });
  }

  async #start(): Promise<Opened> {
    const { openDuckDb } = await import("../../context/duckdb/open-duckdb.ts");
    const folder = await this.#engine.makeTemporaryFolder();
    const { threads, memoryLimit } = this.#limits;
    const temporaryFolder = join(folder, "duckdb");
    this.#open = { duckDb: await openDuckDb({ threads, memoryLimit, temporaryFolder }), folder };
    return this.#open;
  }
}

interface Opened {
  readonly duckDb: DuckDb;
  /** Absolute. */
  readonly folder: string;
}
