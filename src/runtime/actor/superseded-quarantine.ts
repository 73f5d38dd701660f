/**
 * What a run takes the place of in a quarantine table. A file that is read again puts its bad rows
 * aside again, so those of its earlier reading go, as do those of a file whose rows go.
 */
import type { GoneFile } from "../../context/supersede/file-deletes.ts";
import {
  fileDeletes,
  type DeletesTarget,
  type Superseded,
} from "../../context/supersede/position-deletes.ts";
import {
  quarantineFileColumn,
  quarantineName,
  quarantineSchema,
} from "../../context/stage/quarantine.ts";
import { tableRelation } from "../../context/views/table-relation.ts";
import { quoteIdentifier } from "../../core/identifier.ts";
import { fileColumn } from "../../core/reserved-column.ts";
import type { TableFile, TableState } from "../../core/snapshot.ts";
import { asLive, basedTable, rootOf, wantedTable, type BasedTable } from "./base-files.ts";
import type { RunFrame } from "./run-frame.ts";
import type { TableKeeper } from "./table-keeper.ts";

/** What the run staged for a table that has a quarantine table, and what it supersedes. */
export interface StagedRows {
  /** Parts of the table. */
  readonly files: readonly TableFile[];
  /** Parts of its quarantine table, in stream order. */
  readonly quarantineFiles: readonly TableFile[];
  /** Input files whose rows go, counted by the parts of the quarantine table. */
  readonly gone: readonly GoneFile[];
}

/**
 * The deletes of a quarantine table. With `on_change = append`, which takes no row away, they are
 * those of removed files alone.
 */
export async function supersedeQuarantine(
  frame: RunFrame,
  keeper: TableKeeper,
  sequence: number,
  { staged, target }: { readonly staged: StagedRows; readonly target: () => DeletesTarget },
): Promise<Superseded["file"]> {
  const { plan, quarantine } = keeper;
  if (!plan.description.hasFiles) return null;
  const isReplaced = plan.disposition === "replace" || quarantine.base === null;
  if (isReplaced && (staged.gone.length === 0 || staged.quarantineFiles.length === 0)) return null;
  const aside = await quarantineTable(frame, keeper, isReplaced ? null : sequence);
  const gone = new Map(staged.gone.map((file) => [file.name, file]));
  if (aside.table.files.length > 0 && mayRepeat(frame)) {
    for (const name of await filesRead(frame, keeper, { staged, aside })) {
      if (!gone.has(name)) gone.set(name, { name, stagedBefore: 0 });
    }
  }
  if (gone.size === 0) return null;
  const { file } = await fileDeletes(target(), {
    base: aside.table,
    schemas: aside.schemas,
    staged: staged.quarantineFiles,
    gone: [...gone.values()],
    fileColumn: quarantineFileColumn,
  });
  return file;
}

/** Whether a file that is read stands for itself as it was read before. */
function mayRepeat({ order }: RunFrame): boolean {
  return order.spec.onChange !== "append" && order.parameters.limit === null;
}

/** The quarantine table as of a sequence; null for one without the rows it had. */
async function quarantineTable(
  frame: RunFrame,
  { plan, quarantine }: TableKeeper,
  sequence: number | null,
): Promise<BasedTable> {
  const { namespace, name } = plan.table;
  const wanted = {
    tableId: quarantine.tableId,
    base: sequence === null ? null : quarantine.base,
    table: { namespace, name: quarantineName(name) },
    schema: quarantineSchema,
  };
  return basedTable(frame, wanted, sequence ?? 0);
}

/** Names of input files that a row is from which the run staged, in either table. */
async function filesRead(
  frame: RunFrame,
  keeper: TableKeeper,
  { staged, aside }: { readonly staged: StagedRows; readonly aside: BasedTable },
): Promise<readonly string[]> {
  const names: string[] = [];
  const namesIn = async (based: BasedTable, column: typeof fileColumn): Promise<void> => {
    if (based.table.files.length === 0) return;
    const { table, schemas } = based;
    const relation = tableRelation({ table, schemas, root: rootOf(frame), columns: [column.id] });
    const name = quoteIdentifier(column.name);
    const rows = await frame.duckDb.rows(`SELECT DISTINCT ${name} AS name FROM (${relation})`);
    names.push(...rows.flatMap((row) => (typeof row["name"] === "string" ? [row["name"]] : [])));
  };
  const of = (based: BasedTable, files: readonly TableFile[]): BasedTable => {
    const table: TableState = { ...based.table, files: asLive(files) };
    return { ...based, table };
  };
  if (keeper.schema !== null && staged.files.length > 0) {
    const own = await basedTable(frame, { ...wantedTable(keeper), base: null }, 0);
    await namesIn(of(own, staged.files), fileColumn);
  }
  await namesIn(of(aside, staged.quarantineFiles), quarantineFileColumn);
  return names;
}
