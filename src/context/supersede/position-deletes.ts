/**
 * Computes a run's position deletes against the store as of a base sequence, and publishes them as
 * one file a table. Done anew, under the next number, where another commit came in between.
 */
import { HakiriError } from "../../core/error.ts";
import { quoteText } from "../../core/identifier.ts";
import { nullKeyCode } from "../../core/schema-violation.ts";
import type { TableFile } from "../../core/snapshot.ts";
import type { DuckDb, DuckDbRow } from "../duckdb/open-duckdb.ts";
import { deletesPath, temporaryPath } from "../layout.ts";
import type { Publisher } from "../publish.ts";
import { fileDeletesQuery, type FileDeletesInput } from "./file-deletes.ts";
import { mergeQueries, type MergeInput } from "./merge-deletes.ts";

/** Where the deletes of a table go. */
export interface DeletesTarget {
  readonly publisher: Publisher;
  readonly duckDb: DuckDb;
  readonly runId: string;
  readonly epoch: number;
  /** From 1 within the attempt. */
  readonly attempt: number;
  /** The id that the file gets. */
  readonly fileId: number;
}

/** What a run does to the rows of a table that were there. */
export interface Superseded {
  /** Null where no row is masked. */
  readonly file: TableFile | null;
  /** Keys of the base that came again with a row. */
  readonly updated: number;
  /**
   * Rows of the base that are masked beyond one for each updated key: a tombstone, or a changed or
   * removed input file, took them away. A table has `inserted - deleted` rows more than before.
   */
  readonly deleted: number;
}

/**
 * The deletes of a merge. Throws SchemaIncompatible `schema.null_key` for a staged NULL key, and
 * Permanent `store.damaged_file` naming a file of the table that DuckDB can't read.
 */
export function mergeDeletes(
  target: DeletesTarget,
  input: Omit<MergeInput, "root">,
): Promise<Superseded> {
  return namingDamage(input, async () => {
    const queries = mergeQueries({ ...input, root: rootOf(target) });
    const nulls = countOf(await target.duckDb.rows(queries.nullKeys), "nulls");
    if (nulls > 0) throw nullKeys(input, nulls);
    const file = await publishDeletes(target, input, queries.deletes);
    const updated = countOf(await target.duckDb.rows(queries.counts), "updated");
    return { file, updated, deleted: maskedOf(input.base, file) - updated };
  });
}

/** The deletes of changed and removed input files. Throws `store.damaged_file` as a merge does. */
export async function fileDeletes(
  target: DeletesTarget,
  input: Omit<FileDeletesInput, "root">,
): Promise<Superseded> {
  if (input.gone.length === 0) return { file: null, updated: 0, deleted: 0 };
  const query = fileDeletesQuery({ ...input, root: rootOf(target) });
  const file = await namingDamage(input, () => publishDeletes(target, input, query));
  return { file, updated: 0, deleted: maskedOf(input.base, file) };
}

/** How many rows of the table's files are masked, those of the run's own left out. */
function maskedOf({ files }: MergeInput["base"], deletes: TableFile | null): number {
  const known = new Set(files.map(({ fileId }) => fileId));
  const masks = deletes?.masks ?? [];
  return masks.reduce((sum, { fileId, rows }) => sum + (known.has(fileId) ? rows : 0), 0);
}

/** What DuckDB says of a file that it can't read. */
const readFaults: ReadonlySet<string> = new Set([
  "data.invalid",
  "file.unreadable",
  "duckdb.failed",
]);

/** The store's files are no input of the user's: one that can't be read is damaged. */
async function namingDamage<T>(
  { base, staged }: Pick<MergeInput, "base" | "staged">,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HakiriError) || !readFaults.has(error.code)) throw error;
    const file = [...base.files, ...staged].find(({ path }) => error.message.includes(path));
    throw file === undefined ? error : damagedFile(file.path, error);
  }
}

function damagedFile(path: string, cause: HakiriError): HakiriError {
  return new HakiriError(
    {
      kind: "Permanent",
      code: "store.damaged_file",
      message: `expected a whole file of the store in '${path}', but ${cause.message}`,
      hint: "see what is damaged with: hakiri doctor",
      where: { file: path },
    },
    { cause },
  );
}

function rootOf({ publisher }: DeletesTarget): string {
  return `${publisher.filesystem.absolute("")}/`;
}

async function publishDeletes(
  target: DeletesTarget,
  { base }: Pick<MergeInput, "base">,
  query: string,
): Promise<TableFile | null> {
  const { publisher, duckDb, runId, epoch, attempt } = target;
  const path = deletesPath(runId, base.tableId, { epoch, attempt });
  const folder = path.slice(0, path.lastIndexOf("/"));
  await publisher.makeFolder(folder);
  const temporary = temporaryPath(path, publisher.random);
  const absolute = quoteText(publisher.filesystem.absolute(temporary));
  await duckDb.run(`COPY (${query}) TO ${absolute} (FORMAT parquet, COMPRESSION zstd)`);
  const masks = await masksOf(duckDb, absolute);
  if (masks.length === 0) {
    await publisher.filesystem.unlink(temporary);
    return null;
  }
  const published = await publisher.publishExisting(temporary, path);
  return {
    ...published,
    fileId: target.fileId,
    kind: "deletes",
    rows: masks.reduce((sum, mask) => sum + mask.rows, 0),
    schemaVersion: base.schema.version,
    masks,
  };
}

async function masksOf(duckDb: DuckDb, file: string): Promise<TableFile["masks"]> {
  const rows = await duckDb.rows(
    `SELECT file_id, count(*)::BIGINT AS rows FROM read_parquet(${file}) GROUP BY 1 ORDER BY 1`,
  );
  return rows.map((row) => ({ fileId: numberOf(row["file_id"]), rows: numberOf(row["rows"]) }));
}

function countOf(rows: readonly DuckDbRow[], column: string): number {
  return numberOf(rows[0]?.[column]);
}

function numberOf(value: unknown): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new Error(`expected an integer of DuckDB's, got ${String(value)}`);
}

function nullKeys({ base, key }: Pick<MergeInput, "base" | "key">, nulls: number): HakiriError {
  const names = key.map((id) => base.schema.columns.find((column) => column.id === id)?.name ?? "");
  return new HakiriError({
    kind: "SchemaIncompatible",
    code: nullKeyCode,
    message:
      `expected a value in each primary key (${names.join(", ")}) of '${base.name}', ` +
      `got ${nulls} rows with a NULL in it`,
    hint: "choose another --primary-key, or filter such rows at the source",
  });
}
