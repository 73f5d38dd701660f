/** What a run would do with one stream: where it starts, and what becomes of its table. */
import { findBadValue } from "../../../context/scan/bad-rows.ts";
import { badValueError } from "../../../context/scan/scan-fault.ts";
import type { HakiriError } from "../../../core/error.ts";
import { planEvolution, type EvolutionOptions } from "../../../core/evolution.ts";
import type { SchemaChange } from "../../../core/evolution/place-field.ts";
import type { PipelineSpec } from "../../../core/pipeline.ts";
import type { Catalog, CursorRecord, PipelineRecord } from "../../../core/ports/catalog.ts";
import type { StartCursor } from "../../../core/ports/source.ts";
import type { Scan } from "../../../core/scan.ts";
import type { TableSchema } from "../../../core/schema.ts";
import { schemaIncompatible } from "../../../core/schema-violation.ts";
import { formatTableName } from "../../../core/table-name.ts";
import type { Field } from "../../../core/type.ts";
import type { IntegerBounds } from "../../../core/unify-numbers.ts";
import type { Filesystem } from "../../../core/ports/filesystem.ts";
import { refused } from "../../../core/refusal.ts";
import type { StreamPlan } from "../../../runtime/actor/stream-plan.ts";
import { positionOf } from "../state/positions.ts";
import { fileChanges, type FileChanges } from "./file-changes.ts";
import type { SourceLook } from "./open-look.ts";

/** What would be done with a stream. */
export interface PlannedStream {
  readonly plan: StreamPlan;
  /** The table's name as it is printed. */
  readonly table: string;
  /** Null where the run makes the table. */
  readonly before: TableSchema | null;
  /** Null where it is refused, or has no columns yet. */
  readonly after: TableSchema | null;
  readonly changes: readonly SchemaChange[];
  /** Null starts at the beginning. */
  readonly start: CursorRecord | null;
  /** Null for a stream that isn't made of files. */
  readonly files: FileChanges | null;
  /** Whether the run fails if a column of integers has one that the wider type doesn't hold. */
  readonly dependsOnValues: boolean;
  /** What the run would fail with; null where nothing is known to be in its way. */
  readonly problem: HakiriError | null;
}

/** What plans are made of. */
export interface Planning {
  readonly look: SourceLook;
  readonly spec: PipelineSpec;
  /** The project's folder, absolute. */
  readonly folder: string;
  /** Null where there is no store yet. */
  readonly store: { readonly catalog: Catalog; readonly filesystem: Filesystem } | null;
  readonly record: PipelineRecord | null;
}

/** Plans one stream. */
export async function planStream(planning: Planning, plan: StreamPlan): Promise<PlannedStream> {
  const { store, record } = planning;
  const sequence = (await store?.catalog.head())?.sequence ?? 0;
  const base = (await store?.catalog.table(plan.table, sequence)) ?? null;
  const start = await startOf(planning, plan);
  const cursor =
    start === null || store === null ? null : await startCursor(store.filesystem, start);
  const files = plan.description.hasFiles ? await filesOf(planning, plan, cursor) : null;
  const table = formatTableName(plan.table);
  const isOthers = base !== null && base.ownerPipelineId !== record?.pipelineId;
  const mayShare = base?.shared === true && planning.spec.shared && plan.disposition === "append";
  const incoming = files?.scans.map(({ fields }) => fields) ?? [plan.description.schema.fields];
  const known = { plan, table, before: base?.schema ?? null, start, files };
  if (isOthers && !mayShare) {
    const problem = ownedByOther(table, planning.spec);
    return { ...known, after: null, changes: [], dependsOnValues: false, problem };
  }
  const evolved = evolutionOf(planning, { ...known, incoming });
  const problem = evolved.problem ?? (await badValue(planning, files?.scans ?? []));
  return { ...known, ...evolved, problem };
}

/** Rows of each scan that are looked at for values that a told type doesn't hold. */
const checkedRowsMax = 20_480;

/** The first such value, where a run would fail at it. */
async function badValue(
  { look, spec }: Planning,
  scans: readonly Scan[],
): Promise<HakiriError | null> {
  const { dataType } = spec.contract;
  if (dataType === "discard_row" || dataType === "discard_value") return null;
  for (const scan of scans) {
    if (scan.onBadRow !== "error" || (scan.told ?? []).length === 0) continue;
    const bad = await findBadValue(await look.duckDb(), scan, checkedRowsMax);
    if (bad !== null) return badValueError(bad, null);
  }
  return null;
}

async function startOf(
  { store, record }: Planning,
  plan: StreamPlan,
): Promise<CursorRecord | null> {
  if (store === null || record === null || !plan.readsOn) return null;
  const cursors = await store.catalog.cursors(record.pipelineId);
  const found = cursors.find(({ stream, partition }) => stream === plan.stream && partition === "");
  return found ?? null;
}

async function startCursor(filesystem: Filesystem, start: CursorRecord): Promise<StartCursor> {
  const { cursor, boundaryLines } = await positionOf(filesystem, start);
  return { stored: cursor, boundaryLines };
}

async function filesOf(
  { look, folder }: Planning,
  plan: StreamPlan,
  cursor: StartCursor | null,
): Promise<FileChanges> {
  const { batchRowsMax, batchBytesMax } = look.limits;
  const request = {
    ...look.context,
    stream: plan.stream,
    partition: null,
    cursor,
    incremental: plan.incremental,
    isKeyed: plan.isKeyed,
    columns: plan.columns,
    range: null,
    limits: { batchRowsMax, batchBytesMax, rowsMax: null },
    sessionToken: null,
  };
  return fileChanges(look.source, request, folder);
}

interface Evolving extends Pick<PlannedStream, "plan" | "table" | "before"> {
  readonly incoming: readonly (readonly Field[])[];
}

/** Takes in one part of the stream after the other, as a run does. */
function evolutionOf(
  planning: Planning,
  evolving: Evolving,
): Pick<PlannedStream, "after" | "changes" | "problem" | "dependsOnValues"> {
  const exact = evolve(planning, evolving, noBounds);
  if (exact.problem === null) return { ...exact, dependsOnValues: false };
  // A run looks at the values where types alone don't tell; a plan reads none.
  const hopeful = evolve(planning, evolving, smallIntegers(evolving));
  return { ...hopeful, dependsOnValues: hopeful.problem === null };
}

/** As if every column had integers that any type of numbers holds. */
function smallIntegers({ before, incoming }: Evolving): KnownBounds {
  const small: IntegerBounds = { min: 0n, max: 0n };
  const names = incoming.flat().map(({ name }) => name);
  // A new column of one part is a column that a later part meets.
  const idsMax = (before?.nextColumnId ?? 1) + names.length;
  return {
    columnBounds: new Map(Array.from({ length: idsMax }, (_, id) => [id, small])),
    incomingBounds: new Map(names.map((name) => [name, small])),
  };
}

type KnownBounds = Pick<EvolutionOptions, "columnBounds" | "incomingBounds">;

const noBounds: KnownBounds = { columnBounds: new Map(), incomingBounds: new Map() };

function evolve(
  { spec }: Planning,
  { plan, table, before, incoming }: Evolving,
  bounds: KnownBounds,
): Pick<PlannedStream, "after" | "changes" | "problem"> {
  let schema = before;
  const changes: SchemaChange[] = [];
  for (const fields of incoming) {
    const evolution = planEvolution(
      schema,
      { fields, primaryKey: plan.primaryKey },
      {
        contract: spec.contract,
        naming: spec.naming,
        onConflict: spec.onConflict,
        ...bounds,
      },
    );
    if (evolution.kind !== "planned") {
      const violation =
        evolution.kind === "discarded" ? evolution.violation : evolution.violations[0];
      if (violation === undefined) throw new Error("a refusal without a violation");
      const problem = schemaIncompatible(violation, { table, example: null, primaryKey: null });
      return { after: null, changes, problem };
    }
    schema = evolution.schema;
    changes.push(...evolution.changes);
  }
  return { after: schema, changes, problem: null };
}

function ownedByOther(table: string, { name }: PipelineSpec): HakiriError {
  return refused(
    "table_owned",
    `expected table '${table}' to be new or of pipeline '${name}', but another owns it`,
    "read files of one kind by one pattern, as 'data/*.csv'; choose another table with --as " +
      "TABLE, or for all tables --namespace NAME; or write shared = true in both pipelines' " +
      "files, which then only append",
  );
}
