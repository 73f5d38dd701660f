/** A table as of a sequence, with its files and every schema that one of them was written under. */
import type { LiveFile, TableFile, TableState } from "../../core/snapshot.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { TableName } from "../../core/table-name.ts";
import type { BaseTable, RunAnswers } from "../protocol.ts";
import type { RunFrame } from "./run-frame.ts";
import type { TableKeeper } from "./table-keeper.ts";

/** What queries over a table are made of. */
export interface BasedTable {
  /** Under the newest schema that the run knows. */
  readonly table: TableState;
  readonly schemas: readonly TableSchema[];
}

/** A table that is wanted as of a sequence. */
export interface WantedTable {
  readonly tableId: string;
  /** Null where the run makes it. */
  readonly base: BaseTable | null;
  readonly table: TableName;
  /** The newest version that the run knows. */
  readonly schema: TableSchema;
}

/** A keeper's table. Throws a plain Error for one that has no schema yet. */
export function wantedTable({ tableId, base, plan, schema }: TableKeeper): WantedTable {
  if (schema === null) throw new Error(`the table ${tableId} has no schema yet`);
  return { tableId, base, table: plan.table, schema };
}

/** A table as of a sequence; without files where the run makes it. */
export async function basedTable(
  frame: RunFrame,
  wanted: WantedTable,
  sequence: number,
): Promise<BasedTable> {
  const { order } = frame;
  const { tableId, base, schema } = wanted;
  const files = base === null ? [] : await liveFiles(frame, tableId, sequence);
  const table: TableState = {
    tableId,
    namespace: wanted.table.namespace,
    name: wanted.table.name,
    naming: base?.naming ?? order.spec.naming,
    shared: base?.shared ?? order.spec.shared,
    reserved: base?.reserved ?? [],
    ownerPipelineId: base?.ownerPipelineId ?? order.pipelineId,
    schema,
    files,
  };
  return { table, schemas: await schemasOf(frame, wanted, table) };
}

async function liveFiles(
  { control }: RunFrame,
  tableId: string,
  sequence: number,
): Promise<readonly LiveFile[]> {
  const files: LiveFile[] = [];
  let after: number | null = -1;
  while (after !== null) {
    const page: RunAnswers["table_files"] = await control.ask({
      type: "table_files",
      tableId,
      sequence,
      afterFileId: after,
    });
    files.push(...page.files);
    after = page.next;
  }
  return files;
}

/** Every version that a file of the base or of the run names. */
async function schemasOf(
  { journal, control }: RunFrame,
  { tableId, base }: WantedTable,
  { schema, files }: TableState,
): Promise<readonly TableSchema[]> {
  const made = journal.entries.flatMap((entry) =>
    entry.kind === "schema" && entry.tableId === tableId ? [entry.schema] : [],
  );
  const known = new Map([...made, schema].map((each) => [each.version, each]));
  if (base !== null) known.set(base.schema.version, base.schema);
  for (const { schemaVersion: version } of files) {
    if (known.has(version)) continue;
    const answer = await control.ask({ type: "table_schema", tableId, version });
    known.set(version, answer.schema);
  }
  return [...known.values()];
}

/** The files of a run as if they were live, for a query over them. */
export function asLive(files: readonly TableFile[]): readonly LiveFile[] {
  return files.map((file) => ({ ...file, addedSequence: 0 }));
}

/** The run's durable parts of a table, in the order of their lines. */
export function stagedFiles({ journal }: RunFrame, { tableId }: TableKeeper): readonly TableFile[] {
  return journal.entries.flatMap((entry) =>
    entry.kind === "batch" && entry.tableId === tableId ? entry.files : [],
  );
}

/** What a query puts before each path. */
export function rootOf({ staging }: RunFrame): string {
  return `${staging.publisher.filesystem.absolute("")}/`;
}
