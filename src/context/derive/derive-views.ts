/**
 * Keeps `views.sql` at the head of the catalog.
 *
 *   Owns:    the file `views.sql`, and who writes it.
 *   Doesn't: decide what is visible. The catalog does; this file only tells plain DuckDB.
 *   D1. Only the holder of the lock writes, and the file is replaced whole, so a reader sees one
 *       snapshot.
 *   D2. The holder goes on until the head it wrote is still the head, so that whoever finds the
 *       lock taken may leave the work to its holder.
 *   D3. A file that is behind, missing or damaged is written anew by the next who looks.
 */
import { HakiriError } from "../../core/error.ts";
import type { Catalog } from "../../core/ports/catalog.ts";
import type { Claim } from "../../core/ports/claim.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { Random } from "../../core/ports/random.ts";
import type { TableState } from "../../core/snapshot.ts";
import { storeFolder, temporaryPath, viewsPath } from "../layout.ts";
import { allFiles } from "../snapshot/table-files.ts";
import {
  formatViews,
  parseViews,
  viewStatements,
  type ViewBlock,
  type ViewsFile,
} from "../views/views-sql.ts";

/** What deriving takes. */
export interface ViewsContext {
  readonly catalog: Catalog;
  /** Rooted at `.hakiri/`. */
  readonly filesystem: Filesystem;
  readonly random: Random;
  /** The lock of D1; null where another process holds it. Never waits. */
  readonly takeLock: () => Claim | null;
}

/** Most bytes of the file: some 3 million paths. */
const viewsBytesMax = 512 * 1024 * 1024;

/** Most rounds of D2; beyond, the next commit goes on. */
const roundsMax = 100;

/**
 * Brings `views.sql` up to the head. Does nothing where it is there, or where another writes it.
 */
export async function deriveViews(context: ViewsContext): Promise<void> {
  let written: ViewsFile | null = null;
  for (let round = 0; round < roundsMax; round += 1) {
    const { sequence } = await context.catalog.head();
    if (sequence === 0 || written?.sequence === sequence) return;
    const found = parseViews(await readText(context.filesystem));
    if (found?.sequence === sequence) return;
    const lock = context.takeLock();
    if (lock === null) return;
    try {
      written = await write(context, found?.blocks ?? []);
    } finally {
      lock.release();
    }
  }
}

async function readText(filesystem: Filesystem): Promise<string> {
  if ((await filesystem.stat(viewsPath)) === null) return "";
  try {
    return new TextDecoder().decode(await filesystem.read(viewsPath, viewsBytesMax));
  } catch (error) {
    // D3. Between the two calls it may have been removed; and nobody wrote one that large.
    const codes = ["disk.missing", "disk.too_large"];
    if (error instanceof HakiriError && codes.includes(error.code)) return "";
    throw error;
  }
}

/**
 * Writes the file of the head, with what is unchanged of `known`. That may be of an older file than
 * the one that is there by now: a block is right for as long as its table has its sequence.
 */
async function write(
  { catalog, filesystem, random }: ViewsContext,
  known: readonly ViewBlock[],
): Promise<ViewsFile> {
  const { sequence } = await catalog.head();
  const knownOf = new Map(known.map((block) => [block.tableId, block]));
  const blocks: ViewBlock[] = [];
  for (const table of await catalog.tables(sequence)) {
    blocks.push(await blockOf(catalog, table, { sequence, known: knownOf.get(table.tableId) }));
  }
  const views = { sequence, blocks };
  const temporary = temporaryPath(viewsPath, random);
  const file = await filesystem.create(temporary);
  try {
    await file.write(new TextEncoder().encode(formatViews(views)));
    await file.sync();
  } finally {
    await file.close();
  }
  await filesystem.rename(temporary, viewsPath);
  await filesystem.syncFolder("");
  return views;
}

async function blockOf(
  catalog: Catalog,
  table: Omit<TableState, "files">,
  as: { readonly sequence: number; readonly known: ViewBlock | undefined },
): Promise<ViewBlock> {
  const changed = await catalog.tableSequence(table.tableId);
  if (as.known?.sequence === changed) return as.known;
  const files = await allFiles(catalog, table.tableId, as.sequence);
  const schemas = await catalog.schemas(table.tableId);
  const viewed = { table: { ...table, files }, schemas };
  const statements = viewStatements(viewed, `${storeFolder}/`);
  // A commit after `sequence` may be the one that `changed` tells of: then the block is only kept
  // until the next look.
  return { tableId: table.tableId, sequence: Math.min(changed, as.sequence), statements };
}
