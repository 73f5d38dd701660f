/**
 * Splits a stream into partitions where its source offers them.
 *
 *   S1. A later attempt goes on by the partitions of the one before, or the run begins anew: of
 *       other partitions nobody could tell which rows are there already.
 *   S2. A partition's id names the same rows whenever it is offered.
 */
import type { AdoptedPartition } from "../../context/journal/adopt.ts";
import { HakiriError } from "../../core/error.ts";
import { isPartitionId } from "../../core/partition-id.ts";
import type { OpenRequest, Partition } from "../../core/ports/source.ts";
import { partitionsChangedCode } from "../protocol.ts";
import type { KeptCursor } from "./kept-lines.ts";
import { retried } from "./retried.ts";
import type { RunFrame } from "./run-frame.ts";
import type { StreamPlan } from "./stream-plan.ts";

/** Most partitions of one stream. */
export const partitionsMax = 1024;

/** How a stream was read before. */
export interface ReadBefore {
  /** Of an earlier run; null for none. */
  readonly start: KeptCursor | null;
  /** Of an earlier attempt of this run. */
  readonly adopted: readonly AdoptedPartition[];
}

/** The partitions to read; a single null for a stream that is read whole. */
export async function splitStream(
  frame: RunFrame,
  plan: StreamPlan,
  { start, adopted }: ReadBefore,
): Promise<readonly (Partition | null)[]> {
  const { source, order } = frame;
  const { stream } = plan;
  const isBegunWhole = adopted.some(({ partition }) => partition === "");
  const isOneRead = plan.incremental !== null || start !== null || order.parameters.limit !== null;
  if (isBegunWhole || isOneRead || source.partitions === undefined) return [null];
  const offered = await retried(frame, {
    place: () => ({ stream, partition: "", start: "partitions" }),
    run: async () => source.partitions?.(splitRequest(frame, plan)) ?? [],
  });
  return checkedPartitions(stream, offered, adopted);
}

/**
 * What a source offered, as it is read. Throws Transient `source.partitions_changed` by S1, and a
 * plain Error for more than may be, for an id that is none, or for two with one id.
 */
export function checkedPartitions(
  stream: string,
  offered: readonly Partition[],
  adopted: readonly Pick<AdoptedPartition, "partition">[],
): readonly (Partition | null)[] {
  if (offered.length > partitionsMax) {
    throw new Error(`a source offers ${offered.length} partitions of ${stream}`);
  }
  const odd = offered.find(({ id }) => !isPartitionId(id));
  if (odd !== undefined) {
    const told = JSON.stringify(odd.id.slice(0, 80));
    throw new Error(
      `expected [a-z0-9-]{1,40} but not 'del' for a partition of ${stream}, got ${told}`,
    );
  }
  const ids = new Set(offered.map(({ id }) => id));
  if (ids.size !== offered.length) throw new Error(`two partitions of ${stream} have one id`);
  const isSplit = offered.length > 1;
  if (adopted.every(({ partition }) => isSplit && ids.has(partition))) {
    return isSplit ? offered : [null];
  }
  throw new HakiriError({
    kind: "Transient",
    code: partitionsChangedCode,
    message: `expected stream '${stream}' in the partitions that it was begun in, got others`,
    hint: "run it again: it begins anew",
    where: { stream },
  });
}

function splitRequest({ order, signal, scanner }: RunFrame, plan: StreamPlan): OpenRequest {
  const { batchRowsMax, batchBytesMax } = order.limits;
  return {
    signal,
    scanner,
    stream: plan.stream,
    partition: null,
    cursor: null,
    incremental: null,
    isKeyed: plan.isKeyed,
    columns: plan.columns,
    range: null,
    limits: { batchRowsMax, batchBytesMax, rowsMax: null },
    sessionToken: order.sessionToken,
  };
}
