/**
 * Reads every stream of a run: what an earlier attempt finished is left out, what it began goes on,
 * and partitions are read side by side where the source offers them and slots allow.
 */
import type { AdoptedPartition, Adoption } from "../../context/journal/adopt.ts";
import { quarantineName } from "../../context/stage/quarantine.ts";
import { checkEmptyRange } from "./empty-range.ts";
import { HakiriError } from "../../core/error.ts";
import { refused } from "../../core/refusal.ts";
import type { CursorRecord } from "../../core/ports/catalog.ts";
import type { StreamDescription } from "../../core/ports/source.ts";
import type { TableSchema } from "../../core/schema.ts";
import { formatTableName } from "../../core/table-name.ts";
import { partitionsChangedCode, type BaseTable, type RunAnswers } from "../protocol.ts";
import { Slots } from "../slots.ts";
import { readKept, type KeptCursor } from "./kept-lines.ts";
import type { OpenAttempt } from "./open-attempt.ts";
import { readBefore } from "./read-before.ts";
import { readPartition, type PartitionWork } from "./partition-read.ts";
import { retried } from "./retried.ts";
import type { RunFrame } from "./run-frame.ts";
import { splitStream } from "./split-stream.ts";
import { planStreams, type StreamPlan } from "./stream-plan.ts";
import { TableKeeper } from "./table-keeper.ts";

/** What was read. */
export interface ReadStreams {
  readonly keepers: readonly TableKeeper[];
  readonly cursors: readonly CursorRecord[];
}

/** Most partitions of all streams that are read at once, whatever the pipeline says. */
export const readsMax = 32;

/** Reads all; the first failure ends the others and is thrown. */
export async function readStreams({ frame, adoption }: OpenAttempt): Promise<ReadStreams> {
  const { order } = frame;
  const cursors = await baseCursors(frame);
  const descriptions = await discover(frame, cursors);
  const plans = planStreams(order.spec, order.parameters, descriptions);
  checkStillThere(plans, adoption);
  const keepers: TableKeeper[] = [];
  const work: PartitionWork[] = [];
  for (const plan of plans) {
    const keeper = await keeperOf(frame, plan, adoption);
    if (isLeftOut(frame, keeper)) {
      const text = `${plan.stream}: left out, since the contract lets no table be made`;
      frame.control.tell({ type: "notice", text });
      continue;
    }
    await checkEmptyRange(frame, keeper);
    keepers.push(keeper);
    work.push(...(await workOf(frame, keeper, { adoption, cursors })));
  }
  await readAll(frame, work);
  return { keepers, cursors };
}

/** What was staged of a stream that is gone since belongs to no table: the run begins anew. */
function checkStillThere(plans: readonly StreamPlan[], { partitions }: Adoption): void {
  const names = new Set(plans.map(({ stream }) => stream));
  const gone = partitions.find(({ stream }) => !names.has(stream));
  if (gone === undefined) return;
  throw new HakiriError({
    kind: "Transient",
    code: partitionsChangedCode,
    message: `expected stream '${gone.stream}', which was begun to be read, but it is gone`,
    hint: "run it again: it begins anew",
    where: { stream: gone.stream },
  });
}

async function discover(
  frame: RunFrame,
  cursors: readonly CursorRecord[],
): Promise<readonly StreamDescription[]> {
  const { source, signal, scanner, control } = frame;
  const notice = (text: string): void => control.tell({ type: "notice", text });
  return retried(frame, {
    place: () => ({ stream: "", partition: "", start: "discover" }),
    run: () => source.discover({ signal, scanner, notice, ...readBefore(cursors) }),
  });
}

async function readAll(frame: RunFrame, work: readonly PartitionWork[]): Promise<void> {
  const slots = new Slots(Math.min(readsMax, Math.max(1, frame.order.spec.parallel)));
  const failed = new AbortController();
  const signal = AbortSignal.any([frame.signal, failed.signal]);
  const reads = work.map((each) =>
    slots.within(async () => {
      signal.throwIfAborted();
      try {
        await readPartition({ ...frame, signal }, each);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  // All have ended before the first failure is told, so that nothing is staged after it.
  await Promise.allSettled(reads);
  frame.signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
}

async function baseCursors({ control }: RunFrame): Promise<readonly CursorRecord[]> {
  const cursors: CursorRecord[] = [];
  let from: number | null = 0;
  while (from !== null) {
    const page: RunAnswers["base_cursors"] = await control.ask({ type: "base_cursors", from });
    cursors.push(...page.cursors);
    from = page.next;
  }
  return cursors;
}

async function keeperOf(
  frame: RunFrame,
  plan: StreamPlan,
  { entries }: Adoption,
): Promise<TableKeeper> {
  const { namespace, name } = plan.table;
  const table = await baseTable(frame, { namespace, name });
  checkOwner(frame, plan, table);
  const begin = entries.find(
    (entry) => entry.kind === "stream_begin" && entry.stream === plan.stream,
  );
  const adopted = begin?.kind === "stream_begin" ? begin : null;
  const schemas = entries.flatMap((entry): readonly TableSchema[] =>
    entry.kind === "schema" && entry.tableId === adopted?.tableId ? [entry.schema] : [],
  );
  return new TableKeeper(frame, plan, {
    table,
    quarantine: await baseTable(frame, { namespace, name: quarantineName(name) }),
    adoptedId: adopted?.tableId ?? null,
    adoptedQuarantineId: adopted?.quarantineTableId ?? null,
    adoptedSchema: schemas.at(-1) ?? null,
  });
}

async function baseTable(
  { control }: RunFrame,
  name: { readonly namespace: string; readonly name: string },
): Promise<BaseTable | null> {
  const { table } = await control.ask({ type: "base_table", ...name });
  return table;
}

/** A contract that discards what it doesn't take discards all rows of a table that isn't there. */
function isLeftOut({ order }: RunFrame, { base, schema }: TableKeeper): boolean {
  const mode = order.spec.contract.tables;
  const isDiscarding = mode === "discard_row" || mode === "discard_value";
  return isDiscarding && base === null && schema === null;
}

function checkOwner({ order }: RunFrame, plan: StreamPlan, table: BaseTable | null): void {
  if (table === null || table.ownerPipelineId === order.pipelineId) return;
  if (table.shared && order.spec.shared && plan.disposition === "append") return;
  throw refused(
    "table_owned",
    `expected table '${formatTableName(plan.table)}' to be new or of pipeline ` +
      `'${order.spec.name}', but another pipeline owns it`,
    "read files of one kind by one pattern, as 'data/*.csv'; choose another table with --as " +
      "TABLE, or for all tables --namespace NAME; or write shared = true in both pipelines' " +
      "files, which then only append",
  );
}

interface KnownBefore {
  readonly adoption: Adoption;
  readonly cursors: readonly CursorRecord[];
}

async function workOf(
  frame: RunFrame,
  keeper: TableKeeper,
  { adoption, cursors }: KnownBefore,
): Promise<readonly PartitionWork[]> {
  const { stream } = keeper.plan;
  const adopted = adoption.partitions.filter((each) => each.stream === stream);
  const stored = cursors.find((each) => each.stream === stream && each.partition === "");
  const start =
    keeper.plan.readsOn && stored !== undefined ? await readStored(frame, stored) : null;
  const partitions = await splitStream(frame, keeper.plan, { start, adopted });
  const work: PartitionWork[] = [];
  for (const partition of partitions) {
    const before = adopted.find((each) => each.partition === (partition?.id ?? ""));
    if (before?.state === "finished") continue;
    if (before === undefined) work.push({ keeper, partition, cursor: start, adopted: null });
    else {
      const cursor = before.cursor === null ? start : await readKept(frame, before.cursor);
      work.push({ keeper, partition, cursor, adopted: sumsOf(adoption, before) });
    }
  }
  return work;
}

function sumsOf(
  { entries }: Adoption,
  { stream, partition, batches }: AdoptedPartition,
): NonNullable<PartitionWork["adopted"]> {
  const own = entries
    .filter((entry) => entry.kind === "batch")
    .filter((batch) => batch.stream === stream && batch.partition === partition);
  return { batches, rows: own.reduce((sum, batch) => sum + batch.rows + batch.quarantined, 0) };
}

/** Every cursor of the catalog's is one that any later run may go on from. */
function readStored(
  frame: RunFrame,
  { cursor: stored, boundaryPath }: CursorRecord,
): Promise<KeptCursor> {
  return readKept(frame, { resume: "any", stored, boundaryPath });
}
