/**
 * Compacts tables of a store one after the other, each under the claim of the pipeline that owns
 * it, and brings `views.sql` up to what came out.
 */
import { usageError } from "../../core/error.ts";
import { nearest } from "../../core/near-miss.ts";
import type { Claim, Claims } from "../../core/ports/claim.ts";
import { formatTableName, tableKey, type TableName } from "../../core/table-name.ts";
import type { TableState } from "../../core/snapshot.ts";
import { deriveViews } from "../derive/derive-views.ts";
import type { CompactionContext } from "./base.ts";
import { compactTable, type CompactionOutcome } from "./compact-table.ts";
import type { CompactionRules } from "./rules.ts";

/** What compacting a store works with. */
export interface CompactStoreContext extends CompactionContext {
  /** Of `views.sql`; null where another process holds it. */
  readonly takeViewsLock: () => Claim | null;
}

/** Which tables, how, and by whose claim. */
export interface CompactStoreRequest {
  /** Null for all. */
  readonly tables: readonly TableName[] | null;
  readonly rules: CompactionRules;
  readonly claim:
    | { readonly kind: "take"; readonly claims: Claims }
    /** The caller holds this pipeline's claim; tables of others are passed over. */
    | { readonly kind: "held"; readonly pipelineId: string };
  readonly signal: AbortSignal;
}

/** What came of one table. */
export interface TableReport {
  readonly table: TableName;
  readonly outcome:
    | CompactionOutcome
    /** Another process holds the claim of its owner. */
    | { readonly kind: "claimed_elsewhere"; readonly pipelineId: string };
}

/**
 * Compacts and answers a line for each table, by namespace and name. Throws Permanent
 * `usage.unknown_table` before anything is done, and as `compactTable` does, with the tables before
 * it done.
 */
export async function compactStore(
  context: CompactStoreContext,
  request: CompactStoreRequest,
): Promise<readonly TableReport[]> {
  const reports: TableReport[] = [];
  for (const table of await chosenTables(context, request)) {
    request.signal.throwIfAborted();
    const { namespace, name } = table;
    const outcome = await compactOne(context, request, table);
    if (outcome !== null) reports.push({ table: { namespace, name }, outcome });
  }
  const isChanged = reports.some(({ outcome }) => outcome.kind === "compacted");
  if (isChanged) {
    const { catalog, takeViewsLock } = context;
    const { filesystem, random } = context.publisher;
    await deriveViews({ catalog, filesystem, random, takeLock: takeViewsLock });
  }
  return reports;
}

type Table = Omit<TableState, "files">;

async function chosenTables(
  { catalog }: CompactStoreContext,
  { tables: names }: CompactStoreRequest,
): Promise<readonly Table[]> {
  const { sequence } = await catalog.head();
  const all = await catalog.tables(sequence);
  if (names === null) return all;
  const known = new Map(all.map((table) => [tableKey(table), table]));
  const chosen = names.map((name) => known.get(tableKey(name)) ?? unknownTable(name, all));
  return all.filter((table) => chosen.includes(table));
}

function unknownTable(name: TableName, all: readonly Table[]): never {
  const text = formatTableName(name);
  const meant = nearest(text, all.map(formatTableName));
  throw usageError(
    "unknown_table",
    `expected a table of this store, got '${text}'`,
    meant === null
      ? "look at the tables with: hakiri query 'SHOW ALL TABLES'"
      : `did you mean '${meant}'?`,
  );
}

/** Null for a table that isn't the holder's. */
async function compactOne(
  context: CompactStoreContext,
  { rules, claim, signal }: CompactStoreRequest,
  { tableId, ownerPipelineId: pipelineId }: Table,
): Promise<TableReport["outcome"] | null> {
  const table = { tableId, rules, signal };
  if (claim.kind === "held") {
    return claim.pipelineId === pipelineId ? compactTable(context, table) : null;
  }
  const held = claim.claims.take(pipelineId);
  if (held === null) return { kind: "claimed_elsewhere", pipelineId };
  try {
    return await compactTable(context, table);
  } finally {
    held.release();
  }
}
