/** Has DuckDB write what a query yields as Parquet, and publishes it as parts. */
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import type { TableFile } from "../../core/snapshot.ts";
import type { DuckDb } from "../duckdb/open-duckdb.ts";
import { folderOf, partPath, temporaryPath } from "../layout.ts";
import type { FileNumbers, StagingRun } from "./staging.ts";

/** Who writes. */
export interface CopyFrame {
  readonly run: StagingRun;
  readonly duckDb: DuckDb;
  readonly partition: string;
}

/** What is written. */
export interface CopyPlan {
  readonly tableId: string;
  readonly schemaVersion: number;
  readonly query: string;
  /** The query's columns, in any order, with their permanent ids. */
  readonly columns: readonly { readonly id: number; readonly name: string }[];
  /** Into several parts near the target's size, which gives up the order of rows. */
  readonly split: boolean;
  /** The numbers of the first part, if they were taken before; null takes them when it is there. */
  readonly first: ReturnType<FileNumbers["take"]> | null;
  /** Told of all rows before any part is published; what it throws is thrown. */
  readonly check: (rows: number) => void;
}

/** Parts are split near this size. */
const partBytesTarget = "128MB";

/** The parts that a query yields; none where it yields no row. */
export async function copyParts(frame: CopyFrame, plan: CopyPlan): Promise<readonly TableFile[]> {
  const { publisher, runId, epoch } = frame.run;
  const { filesystem, random } = publisher;
  const { tableId } = plan;
  const name = { runId, tableId, epoch, partition: frame.partition, seq: plan.first?.seq ?? 0 };
  const path = partPath(name);
  await publisher.makeFolder(folderOf(path));
  const temporary = temporaryPath(path, random);
  try {
    const written = await copy(frame.duckDb, plan, filesystem.absolute(temporary));
    plan.check(written.reduce((sum, part) => sum + part.rows, 0));
    return await publishParts(frame, plan, { temporary, written });
  } finally {
    await clear(frame, temporary, plan.split);
  }
}

interface WrittenPart {
  /** Of the file alone. */
  readonly name: string;
  readonly rows: number;
}

async function copy(
  duckDb: DuckDb,
  { query, columns, split }: CopyPlan,
  target: string,
): Promise<readonly WrittenPart[]> {
  const ids = columns.map(({ id, name }) => `${quoteIdentifier(name)}: ${id}`);
  const options = [
    "FORMAT parquet",
    "COMPRESSION zstd",
    "COMPRESSION_LEVEL 1",
    "PARQUET_VERSION v2",
    `FIELD_IDS {${ids.join(", ")}}`,
    "RETURN_STATS",
    // A name of DuckDB's own would be a leftover that nothing tells from a user's file.
    split ? `FILE_SIZE_BYTES '${partBytesTarget}', FILENAME_PATTERN '{i}'` : "USE_TMP_FILE false",
  ];
  const rows = await duckDb.rows(`COPY (${query}) TO ${quoteText(target)} (${options.join(", ")})`);
  return rows.map((row) => {
    const path = typeof row["filename"] === "string" ? row["filename"] : "";
    return { name: path.slice(path.lastIndexOf("/") + 1), rows: Number(row["count"]) };
  });
}

async function publishParts(
  { run, partition }: CopyFrame,
  plan: CopyPlan,
  { temporary, written }: { readonly temporary: string; readonly written: readonly WrittenPart[] },
): Promise<readonly TableFile[]> {
  const { publisher, runId, epoch } = run;
  const { tableId, schemaVersion } = plan;
  const files: TableFile[] = [];
  for (const { name, rows } of written) {
    if (rows === 0) continue;
    const { seq, fileId } = (files.length === 0 ? plan.first : null) ?? run.numbers.take();
    const published = await publisher.publishExisting(
      plan.split ? `${temporary}/${name}` : temporary,
      partPath({ runId, tableId, epoch, partition, seq }),
    );
    files.push({ ...published, fileId, kind: "data", rows, schemaVersion, masks: [] });
  }
  return files;
}

/** What can't be removed now is gc's; the failure that led here is the one to tell. */
async function clear({ run }: CopyFrame, temporary: string, split: boolean): Promise<void> {
  const { filesystem } = run.publisher;
  const names = split ? await filesystem.list(temporary).catch(() => []) : [];
  const paths = split ? names.map((name) => `${temporary}/${name}`) : [temporary];
  await Promise.allSettled(paths.map((path) => filesystem.unlink(path)));
  if (split) await Promise.allSettled([filesystem.removeFolder(temporary)]);
}
