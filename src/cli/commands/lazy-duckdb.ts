/** DuckDB in this process, for a command that may not need it: its library takes 40 MB. */
import { join } from "node:path";
import type { DuckDb } from "../../context/duckdb/open-duckdb.ts";
import type { RunLimits } from "../../runtime/protocol.ts";
import type { TemporaryFolder } from "./engine.ts";

/** Opened by the first who asks, and closed by whoever made it. */
export class LazyDuckDb {
  readonly #makeFolder: () => Promise<TemporaryFolder>;
  readonly #limits: Pick<RunLimits, "threads" | "memoryLimit">;
  #opening: Promise<Opened> | null = null;
  #open: Opened | null = null;

  /** It spills into the folder that is made when it opens. */
  constructor(
    makeFolder: () => Promise<TemporaryFolder>,
    limits: Pick<RunLimits, "threads" | "memoryLimit">,
  ) {
    this.#makeFolder = makeFolder;
    this.#limits = limits;
  }

  /** The instance. Throws what making its folder and opening it throw. */
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
    await opened.folder.remove();
  }

  async #start(): Promise<Opened> {
    const { openDuckDb } = await import("../../context/duckdb/open-duckdb.ts");
    const folder = await this.#makeFolder();
    try {
      const { threads, memoryLimit } = this.#limits;
      const temporaryFolder = join(folder.path, "spill");
      this.#open = { duckDb: await openDuckDb({ threads, memoryLimit, temporaryFolder }), folder };
      return this.#open;
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }
}

interface Opened {
  readonly duckDb: DuckDb;
  readonly folder: TemporaryFolder;
}
