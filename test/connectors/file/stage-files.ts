/** A store that takes what a source of files gives, by the real description and scan. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ReadEnd, Scan, Scanner, Source } from "../../../src/connector.ts";
import { planEvolution } from "../../../src/core/evolution.ts";
import type { FieldTarget } from "../../../src/core/evolution/place-field.ts";
import { openContract } from "../../../src/core/contract.ts";
import { quoteIdentifier, quoteText } from "../../../src/core/identifier.ts";
import type { TableSchema } from "../../../src/core/schema.ts";
import type { TableFile } from "../../../src/core/snapshot.ts";
import {
  openDuckDb,
  type DuckDb,
  type DuckDbRow,
} from "../../../src/context/duckdb/open-duckdb.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import { describeScan } from "../../../src/context/scan/describe.ts";
import { encodePart } from "../../../src/context/stage/encode-part.ts";
import { stageScan } from "../../../src/context/stage/stage-scan.ts";
import { FileNumbers, type StagingRun } from "../../../src/context/stage/staging.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { quarantineTableId, runId, tableId } from "../../context/fixtures.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { requestOf } from "./file-table.ts";

/** What a whole read of a stream staged. */
export interface Staged {
  readonly schema: TableSchema | null;
  /** Rows in the order of the stream, `_hakiri_file` among their columns. */
  readonly rows: readonly DuckDbRow[];
  readonly quarantined: readonly DuckDbRow[];
  readonly scans: readonly Scan[];
  readonly end: ReadEnd;
  /** What the user was told of the read. */
  readonly notices: readonly string[];
}

/** A store below a folder, with DuckDB. */
export class StagingStore {
  readonly duckDb: DuckDb;
  readonly #run: StagingRun;
  readonly #folder: string;

  private constructor(duckDb: DuckDb, run: StagingRun, folder: string) {
    this.duckDb = duckDb;
    this.#run = run;
    this.#folder = folder;
  }

  /** Opens one in a folder that is there; close it. */
  static async open(folder: string): Promise<StagingStore> {
    await mkdir(folder, { recursive: true });
    const temporaryFolder = join(folder, "spill");
    const duckDb = await openDuckDb({ threads: 1, memoryLimit: "1GB", temporaryFolder });
    const run: StagingRun = {
      publisher: createPublisher(nodeFilesystem(folder), seededRandom(1)),
      runId,
      epoch: 7,
      loadedAtMicros: "0",
      rowMetadata: false,
      numbers: new FileNumbers(7),
      encode: encodePart,
    };
    return new StagingStore(duckDb, run, folder);
  }

  /** The scanner port over this store's DuckDB. */
  get scanner(): Scanner {
    return { describe: (question, signal) => describeScan(this.duckDb, question, signal) };
  }

  /** Reads a stream from its beginning. Throws what the source and the store throw. */
  async take(source: Source, stream: string, rowsMax: number | null = null): Promise<Staged> {
    const limits = { batchRowsMax: 1000, batchBytesMax: 1000, rowsMax };
    const notices: string[] = [];
    const notice = (text: string): void => void notices.push(text);
    const reader = await source.open(requestOf({ stream, scanner: this.scanner, limits, notice }));
    let schema: TableSchema | null = null;
    const rows: DuckDbRow[] = [];
    const quarantined: DuckDbRow[] = [];
    const scans: Scan[] = [];
    try {
      for (;;) {
        const item = await reader.next();
        if (item.kind === "records") throw new Error("expected scans");
        if (item.kind === "end") return { schema, rows, quarantined, scans, end: item, notices };
        let { scan } = item;
        for (;;) {
          const evolved = evolve(schema, scan);
          try {
            const staged = await this.#stage(scan, evolved);
            for (const file of staged.files) rows.push(...(await this.#rowsOf(file)));
            for (const file of staged.quarantineFiles) {
              quarantined.push(...(await this.#rowsOf(file)));
            }
            ({ schema } = evolved);
            break;
          } catch (error) {
            if (reader.recoverScan === undefined) throw error;
            ({ scan } = await reader.recoverScan(scan, error));
          }
        }
        scans.push(scan);
        await reader.verifyScan?.(scan);
      }
    } finally {
      await reader.close();
    }
  }

  close(): void {
    this.duckDb.close();
  }

  #stage(scan: Scan, { schema, targets }: Evolved): ReturnType<typeof stageScan> {
    return stageScan({
      run: this.#run,
      duckDb: this.duckDb,
      partition: "",
      table: { tableId, schema },
      quarantineTableId,
      scan,
      targets,
      isOrdered: true,
    });
  }

  #rowsOf({ path }: TableFile): Promise<readonly DuckDbRow[]> {
    const file = quoteText(join(this.#folder, path));
    return this.duckDb.rows(`SELECT * FROM read_parquet(${file})`);
  }

  /** Writes a Parquet file of a query. */
  writeParquet(query: string, path: string): Promise<void> {
    return this.duckDb.run(`COPY (${query}) TO ${quoteText(path)} (FORMAT parquet)`);
  }
}

interface Evolved {
  readonly schema: TableSchema;
  readonly targets: readonly FieldTarget[];
}

function evolve(table: TableSchema | null, { fields }: Scan): Evolved {
  const plan = planEvolution(
    table,
    { fields, primaryKey: [] },
    {
      contract: openContract,
      naming: "source",
      onConflict: "error",
      columnBounds: new Map(),
      incomingBounds: new Map(),
    },
  );
  if (plan.kind === "planned") return plan;
  throw new Error(`expected columns that fit: ${JSON.stringify(plan)}, ${quoteIdentifier("t")}`);
}
