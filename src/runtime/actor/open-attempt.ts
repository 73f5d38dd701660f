/** Everything that an attempt opens, in order, and closes again in reverse. */
import { lazyDuckDb } from "../../context/duckdb/lazy-duckdb.ts";
import type { DuckDb } from "../../context/duckdb/open-duckdb.ts";
import { adoptJournal, type Adoption } from "../../context/journal/adopt.ts";
import { openJournal } from "../../context/journal/writer.ts";
import { runTemporaryPath, storeFolder } from "../../context/layout.ts";
import { removeTree } from "../../context/remove-tree.ts";
import { createPublisher, type Publisher } from "../../context/publish.ts";
import { describeScan } from "../../context/scan/describe.ts";
import { FileNumbers } from "../../context/stage/staging.ts";
import type { Scanner } from "../../core/ports/scanner.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { Source } from "../../core/ports/source.ts";
import type { RunOrder } from "../protocol.ts";
import { Trace } from "../trace.ts";
import { lazyEncoders } from "./lazy-encoders.ts";
import type { RunActorMeans } from "./means.ts";
import { RunJournal, type Control, type RunFrame } from "./run-frame.ts";

/** An attempt that may read. */
export interface OpenAttempt {
  readonly frame: RunFrame;
  readonly adoption: Adoption;
  /** Closes everything. Doesn't throw: what it closes is durable or given up. */
  close(): Promise<void>;
}

/** Who an attempt talks to, and what ends it. */
interface Surroundings {
  readonly control: Control;
  readonly signal: AbortSignal;
}

/** Opens an attempt: adopts the journal of the one before, and begins its own. */
export async function openAttempt(
  means: RunActorMeans,
  order: RunOrder,
  { control, signal }: Surroundings,
): Promise<OpenAttempt> {
  const { clock, random } = means;
  const { runId, pipelineId, epoch } = order;
  const filesystem = means.openFilesystem(`${order.project}/${storeFolder}`);
  const publisher = createPublisher(filesystem, random);
  const { adoption, journal } = await beginJournal(publisher, order, signal);
  const temporary = runTemporaryPath(pipelineId, epoch);
  const duckDb = lazyDuckDb({
    threads: order.limits.threads,
    memoryLimit: order.limits.memoryLimit,
    temporaryFolder: filesystem.absolute(`${temporary}/spill`),
  });
  const stop = (): void => duckDb.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  const closeOwn = async (): Promise<void> => {
    signal.removeEventListener("abort", stop);
    await journal.close().catch(() => undefined);
    duckDb.close();
    // What stays of it is removed by gc.
    await removeTree(filesystem, temporary).catch(() => undefined);
  };
  const scanner = scannerOf(duckDb);
  const scratch = filesystem.absolute(`${temporary}/scratch`);
  const source = await openSource(means, order, scratch).catch(async (error: unknown) => {
    await closeOwn();
    throw error;
  });
  // A run whose spans are lost is as good as before.
  const said: Promise<void>[] = [];
  const trace = new Trace(clock, random, (spans) => {
    said.push(control.say({ type: "spans", spans }).catch(() => undefined));
  });
  const encoders = lazyEncoders(means, order.limits);
  const staging = {
    publisher,
    runId,
    epoch,
    loadedAtMicros: order.loadedAt,
    rowMetadata: order.spec.rowMetadata,
    numbers: new FileNumbers(epoch),
    encode: encoders.encode,
  };
  return {
    frame: {
      order,
      control,
      source,
      scanner,
      staging,
      duckDb,
      journal,
      trace,
      clock,
      random,
      signal,
    },
    adoption,
    close: async () => {
      await source.close().catch(() => undefined);
      await encoders.close();
      await closeOwn();
      trace.flush();
      await Promise.all(said);
    },
  };
}

function openSource(means: RunActorMeans, order: RunOrder, scratch: string): Promise<Source> {
  const { settings, project } = order;
  const { connector, onChange, onMissing } = order.spec;
  return means.openSource(connector, { settings, project, onChange, onMissing, scratch });
}

/** Adopts the journal of the attempt before, and begins this one's with what stays of it. */
async function beginJournal(
  publisher: Publisher,
  order: RunOrder,
  signal: AbortSignal,
): Promise<{ readonly adoption: Adoption; readonly journal: RunJournal }> {
  const adoption = await adopt(publisher.filesystem, order, signal);
  const { runId, pipelineId, epoch, resumeKey } = order;
  const writer = await openJournal(
    publisher,
    {
      kind: "header",
      runId,
      pipelineId,
      epoch,
      resumeKey,
      loadedAtMicros: order.loadedAt,
      adoptedEpoch: adoption.header?.epoch ?? null,
    },
    adoption.entries,
  );
  return { adoption, journal: new RunJournal(writer, adoption.entries) };
}

/** A run that was never granted before has nothing to go on from. */
async function adopt(
  filesystem: Filesystem,
  { runId, adoptEpoch }: RunOrder,
  signal: AbortSignal,
): Promise<Adoption> {
  if (adoptEpoch !== null) {
    return adoptJournal({ filesystem, runId, epoch: adoptEpoch, signal });
  }
  return { header: null, entries: [], partitions: [], givenUp: [], writtenBatches: 0 };
}

function scannerOf(duckDb: DuckDb): Scanner {
  return { describe: (question, signal) => describeScan(duckDb, question, signal) };
}
