/** What a run does with each stream: the user's words, the source's and the run's, made one. */
import { usageError } from "../../core/error.ts";
import { nearest } from "../../core/near-miss.ts";
import type { Disposition, PipelineSpec, StreamSpec } from "../../core/pipeline.ts";
import type { StreamDescription } from "../../core/ports/source.ts";
import { nameTables } from "../../core/stream-table.ts";
import type { TableName } from "../../core/table-name.ts";
import type { RunParameters } from "../protocol.ts";

/** One stream of a run, before its table is looked up. */
export interface StreamPlan {
  readonly stream: string;
  readonly description: StreamDescription;
  readonly table: TableName;
  readonly disposition: Disposition;
  /**
   * Whether rows of one key take each other's place, and tombstones rows of theirs: in a merge, and
   * in a full refresh of one.
   */
  readonly isKeyed: boolean;
  /** The stream's names of the key's columns; empty without one. */
  readonly primaryKey: readonly string[];
  readonly incremental: string | null;
  readonly dedupSort: string | null;
  readonly columns: readonly string[] | null;
  /** Whether the read starts from the stored cursor. */
  readonly readsOn: boolean;
}

/**
 * Plans the streams that a run reads, in the source's order where the pipeline names none.
 * Throws Permanent `usage.unknown_stream`, `usage.key_needed` for a merge without a key,
 * `usage.unknown_column`, what `nameTables` throws, and for what can't be asked of a stream
 * `usage.limit_of_replace`, `usage.range_of_replace` and `usage.range_needs_incremental`.
 */
export function planStreams(
  spec: Omit<PipelineSpec, "source">,
  parameters: RunParameters,
  descriptions: readonly StreamDescription[],
): readonly StreamPlan[] {
  const known = descriptions.map(({ stream }) => stream);
  const usual = descriptions.filter(({ isOptional = false }) => !isOptional);
  const members = spec.streams.length === 0 ? usual.map(unspecified) : spec.streams;
  const placed = members.map((member) => {
    const description = descriptions.find(({ stream }) => stream === member.stream);
    if (description === undefined) throw unknownStream(member.stream, known);
    return { member, description };
  });
  const tables = nameTables(
    placed.map(({ member, description }) => ({
      stream: member.stream,
      bareName: description.bareName,
      schema: description.namespace,
      table: member.table,
    })),
    { namespace: spec.namespace, template: spec.tableTemplate },
  );
  const wanted = new Set(parameters.streams);
  const names = members.map(({ stream }) => stream);
  for (const name of wanted) if (!names.includes(name)) throw unknownStream(name, names);
  return placed.flatMap(({ member, description }, index) => {
    const table = tables[index];
    if (table === undefined) throw new Error(`no table for stream ${member.stream}`);
    if (wanted.size > 0 && !wanted.has(member.stream)) return [];
    return [planStream(parameters, member, description, table)];
  });
}

function unspecified({ stream }: StreamDescription): StreamSpec {
  return {
    stream,
    table: null,
    disposition: null,
    primaryKey: [],
    incremental: null,
    dedupSort: null,
    columns: null,
  };
}

function planStream(
  parameters: RunParameters,
  member: StreamSpec,
  description: StreamDescription,
  table: TableName,
): StreamPlan {
  const { schema } = description;
  const primaryKey = member.primaryKey.length > 0 ? member.primaryKey : schema.primaryKey;
  const asked = member.disposition ?? defaultDisposition(member, description, primaryKey);
  const disposition = parameters.fullRefresh ? "replace" : asked;
  const plan: StreamPlan = {
    stream: member.stream,
    description,
    table,
    disposition,
    isKeyed: asked === "merge",
    primaryKey,
    incremental: member.incremental,
    dedupSort: member.dedupSort,
    columns: member.columns,
    readsOn: disposition !== "replace" && parameters.from === null && parameters.to === null,
  };
  checkColumns(plan);
  checkBounds(plan, parameters);
  if (plan.isKeyed && primaryKey.length === 0) throw keyNeeded(member.stream);
  return plan;
}

/** DESIGN: incremental with a known primary key merges, without one it appends. */
function defaultDisposition(
  member: StreamSpec,
  description: StreamDescription,
  primaryKey: readonly string[],
): Disposition {
  if (member.incremental === null) return description.disposition;
  return primaryKey.length > 0 ? "merge" : "append";
}

function checkColumns({ stream, description, ...plan }: StreamPlan): void {
  const known = description.schema.fields.map(({ name }) => name);
  // A source may not know its columns before it is read.
  if (known.length === 0) return;
  const named = [...plan.primaryKey, ...(plan.columns ?? [])];
  for (const name of [...named, plan.incremental, plan.dedupSort]) {
    if (name === null || known.includes(name)) continue;
    const meant = nearest(name, known);
    throw usageError(
      "unknown_column",
      `expected a column of stream '${stream}', got '${name}'`,
      meant === null ? `one of: ${known.slice(0, 20).join(", ")}` : `did you mean '${meant}'?`,
    );
  }
}

/** A replace throws away what it doesn't read; a range is one of the incremental column. */
function checkBounds(
  { stream, disposition, incremental }: StreamPlan,
  { limit, from, to }: RunParameters,
): void {
  const hasRange = from !== null || to !== null;
  if (disposition === "replace" && (limit !== null || hasRange)) {
    const [code, option] = hasRange
      ? (["range_of_replace", "--from and --to"] as const)
      : (["limit_of_replace", "--limit"] as const);
    throw usageError(
      code,
      `expected ${option} with append or merge, but stream '${stream}' replaces its table: ` +
        "the other rows would be lost",
      `leave ${option} out, or choose --mode append or merge`,
    );
  }
  if (!hasRange || incremental !== null) return;
  throw usageError(
    "range_needs_incremental",
    `expected an incremental column for --from and --to, but stream '${stream}' has none`,
    "name one with --incremental COLUMN, or leave the range out",
  );
}

function keyNeeded(stream: string): Error {
  return usageError(
    "key_needed",
    `expected a primary key to merge stream '${stream}' by, but neither its source nor you named one`,
    "add --primary-key COLUMN,... or choose --mode append or replace",
  );
}

function unknownStream(stream: string, known: readonly string[]): Error {
  const meant = nearest(stream, known);
  const some = known.slice(0, 20).join(", ");
  return usageError(
    "unknown_stream",
    `expected a stream of the source, got '${stream}'`,
    meant === null ? `one of: ${some}` : `did you mean '${meant}'?`,
  );
}
