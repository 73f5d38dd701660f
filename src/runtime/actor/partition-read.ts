/**
 * Reads one partition of one stream into staged parts and journal lines.
 *
 *   Owns:    what is asked of the reader, and where a retry goes on.
 *   Doesn't: decide how often to retry (retried.ts), order batches (written-batches.ts), commit.
 *   P1. The reader isn't asked for more while as many batches are under way as may be.
 *   P2. A read goes on only after a durable line whose cursor is `any`, and only where every batch
 *       that was delivered has its line. Else the attempt ends, and the next goes by the journal.
 */
import { takeRows } from "../../columns/take-rows.ts";
import { stageRecords } from "../../context/stage/stage-records.ts";
import type { RecordBatch } from "../../core/batch.ts";
import { HakiriError } from "../../core/error.ts";
import type { OpenRequest, Partition, ReadEnd, Reader, ReadItem } from "../../core/ports/source.ts";
import type { OpenSpan } from "../trace.ts";
import { Coalescer, type CoalescedRows } from "./coalescer.ts";
import { valuesOfRecords } from "./incoming-values.ts";
import type { KeptCursor } from "./kept-lines.ts";
import { retried } from "./retried.ts";
import type { RunFrame } from "./run-frame.ts";
import { stageScanItem } from "./stage-scan-item.ts";
import type { TableKeeper } from "./table-keeper.ts";
import { WrittenBatches } from "./written-batches.ts";

/** One partition to read. */
export interface PartitionWork {
  readonly keeper: TableKeeper;
  /** Null for a stream that is read whole. */
  readonly partition: Partition | null;
  /** Where the read starts, or goes on. */
  readonly cursor: KeptCursor | null;
  /** What an earlier attempt left; null where the partition hasn't begun. */
  readonly adopted: { readonly batches: number; readonly rows: number } | null;
}

/** Reads a partition to its end. */
export async function readPartition(frame: RunFrame, work: PartitionWork): Promise<void> {
  const { plan } = work.keeper;
  const partition = work.partition?.id ?? "";
  const facts = { stream: plan.stream, partition };
  const span = frame.trace.start("stream", frame.order.runSpanId, facts);
  const read = new PartitionRead(frame, work, span);
  try {
    await read.run();
    span.end({ ok: true, attributes: read.sums });
  } catch (error) {
    const code = error instanceof HakiriError ? error.code : "defect";
    span.end({ ok: false, attributes: { ...read.sums, code } });
    throw placed(error, { stream: plan.stream, run: frame.order.runId });
  }
}

/** Says where, for an error that doesn't yet. */
function placed(error: unknown, where: { readonly stream: string; readonly run: string }): unknown {
  return error instanceof HakiriError ? error.within(where) : error;
}

class PartitionRead {
  readonly #frame: RunFrame;
  readonly #work: PartitionWork;
  readonly #batches: WrittenBatches;

  constructor(frame: RunFrame, work: PartitionWork, span: OpenSpan) {
    this.#frame = frame;
    this.#work = work;
    this.#batches = new WrittenBatches(frame, {
      keeper: work.keeper,
      partition: this.#partition,
      start: work.cursor,
      adopted: work.adopted ?? { batches: 0, rows: 0 },
      spanId: span.spanId,
    });
  }

  get sums(): { readonly rows: number; readonly batches: number } {
    return { rows: this.#batches.rows, batches: this.#batches.count };
  }

  async run(): Promise<void> {
    await this.#begin();
    await retried(this.#frame, {
      place: () => ({
        stream: this.#work.keeper.plan.stream,
        partition: this.#partition,
        start: this.#batches.start?.stored ?? null,
      }),
      run: () => this.#readOnce(),
      mayGoOn: async (error) => !isStateLost(error) && this.#batches.mayGoOn,
    });
  }

  get #partition(): string {
    return this.#work.partition?.id ?? "";
  }

  async #begin(): Promise<void> {
    this.#batches.tell("begin");
    if (this.#work.adopted !== null) return;
    const { keeper } = this.#work;
    await this.#frame.journal.append({
      kind: "stream_begin",
      stream: keeper.plan.stream,
      partition: this.#partition,
      tableId: keeper.tableId,
      quarantineTableId: keeper.quarantine.tableId,
      disposition: keeper.plan.disposition,
    });
  }

  async #readOnce(): Promise<void> {
    const rowsMax = this.#rowsLeft();
    if (rowsMax === 0) return this.#end(nothingLeft);
    const reader = await this.#frame.source.open(this.#request(rowsMax));
    try {
      await this.#readAll(reader);
    } catch (error) {
      // Where a retry would go on is known once what was delivered has its lines, or never will.
      await this.#batches.settled().catch(() => undefined);
      throw error;
    } finally {
      await reader.close();
    }
  }

  async #readAll(reader: Reader): Promise<void> {
    const { batchRowsMax, batchBytesMax } = this.#frame.order.limits;
    const coalescer = new Coalescer(batchRowsMax, batchBytesMax);
    for (;;) {
      this.#frame.signal.throwIfAborted();
      this.#batches.throwFailure();
      const item: ReadItem | ReadEnd = await reader.next();
      const ready = item.kind === "records" ? coalescer.push(item) : coalescer.flush();
      for (const rows of ready) await this.#submitRows(rows);
      if (item.kind === "end") return this.#end(item);
      if (item.kind === "scan") {
        const place = { keeper: this.#work.keeper, partition: this.#partition, reader };
        await this.#batches.submitAlone(() => stageScanItem(this.#frame, place, item));
      }
    }
  }

  /** Of a read that the user limited; null without a limit. */
  #rowsLeft(): number | null {
    const { limit } = this.#frame.order.parameters;
    return limit === null ? null : Math.max(0, limit - this.#batches.delivered);
  }

  #request(rowsMax: number | null): OpenRequest {
    const { order, signal, scanner, control } = this.#frame;
    const { plan } = this.#work.keeper;
    const { from, to } = order.parameters;
    return {
      signal,
      scanner,
      notice: (text) => control.tell({ type: "notice", text }),
      stream: plan.stream,
      partition: this.#work.partition,
      cursor: this.#batches.start,
      incremental: plan.incremental,
      isKeyed: plan.isKeyed,
      columns: plan.columns,
      range: from === null && to === null ? null : { from, to },
      limits: {
        batchRowsMax: order.limits.batchRowsMax,
        batchBytesMax: order.limits.batchBytesMax,
        rowsMax,
      },
      sessionToken: order.sessionToken,
    };
  }

  async #submitRows({ schema, batches: read, cursor }: CoalescedRows): Promise<void> {
    const { keeper } = this.#work;
    const batches = keeper.plan.isKeyed ? read : read.map(withoutTombstones);
    const intake = await keeper.take(schema, valuesOfRecords(schema.fields, batches));
    await this.#batches.submit(cursor, () =>
      stageRecords({
        run: this.#frame.staging,
        partition: this.#partition,
        table: { tableId: keeper.tableId, schema: intake.schema },
        quarantineTableId: keeper.quarantine.tableId,
        fields: schema.fields,
        targets: intake.targets,
        batches,
      }),
    );
  }

  async #end(end: ReadEnd): Promise<void> {
    await this.#batches.settled();
    if (end.schema !== null) await this.#work.keeper.take(end.schema);
    await this.#batches.supersede(end.supersedes, end.cursor);
    await this.#batches.end(end.cursor);
    this.#batches.tell("end");
  }
}

/** Under the same session it would be lost again. */
function isStateLost({ code }: HakiriError): boolean {
  return code.endsWith(".snapshot_lost");
}

/** Where no row takes another's place, a tombstone says nothing. */
function withoutTombstones(batch: RecordBatch): RecordBatch {
  const { tombstones } = batch;
  if (tombstones === null) return batch;
  const kept = takeRows(
    batch,
    tombstones.map((isTombstone) => 1 - isTombstone),
  );
  return { ...kept, tombstones: null };
}

/** The end of a read whose limit was reached before it began: its cursor isn't moved anyway. */
const nothingLeft: ReadEnd = { kind: "end", cursor: null, schema: null, supersedes: [] };
