/**
 * The schema of a pipeline file, the same for TOML and JSON, and what is meant where it is silent.
 * Keys are in snake_case; `toPipelineSpec` turns what it parsed into core's words.
 */
import { z } from "zod";
import { contractModes, openContract } from "../core/contract.ts";
import { HakiriError } from "../core/error.ts";
import { quoteIdentifier } from "../core/identifier.ts";
import type { Json } from "../core/json.ts";
import type { PipelineSpec, StreamSpec } from "../core/pipeline.ts";
import { parseTableName } from "../core/table-name.ts";
import { durationPattern, formatDuration, parseDuration } from "../core/duration.ts";

/** Most streams that a pipeline names. */
export const streamsMax = 10_000;

/** Most columns that a stream names. */
export const columnsMax = 10_000;

/** Most columns of a key. */
export const keyColumnsMax = 64;

/** Most partitions and streams that are read at once. */
export const parallelMax = 64;

const deadlineMsMin = 1000;
const deadlineMsMax = 30 * 86_400_000;

/** What a pipeline's name looks like: it stands in file names and in names of variables. */
export const pipelineNamePattern = /^[a-z0-9][a-z0-9_-]{0,62}$/u;

/** What a pipeline is that says no more than what it must. */
export const defaultPipeline = {
  namespace: "main",
  tableTemplate: "{stream}",
  naming: "source",
  streams: [],
  contract: openContract,
  onConflict: "error",
  onChange: "replace",
  onMissing: "keep",
  rowMetadata: true,
  parallel: 4,
  deadlineMs: 86_400_000,
  shared: false,
} as const satisfies Partial<PipelineSpec>;

/** What a stream is that says no more than its name. */
export const defaultStream = {
  table: null,
  disposition: null,
  primaryKey: [],
  incremental: null,
  dedupSort: null,
  columns: null,
} as const satisfies Partial<StreamSpec>;

const textMax = 255;
const text = z.string().min(1).max(textMax);
const mode = z.enum(contractModes);

const names = (max: number) =>
  z
    .array(text)
    .min(1)
    .max(max)
    .superRefine((list, context) => {
      refuseTwins(list, context, []);
    });

/** Points at what is in the list for a second time; `within` leads from an entry to its name. */
function refuseTwins(
  list: readonly string[],
  context: z.core.$RefinementCtx,
  within: readonly string[],
): void {
  const seen = new Set<string>();
  for (const [index, name] of list.entries()) {
    const path = [index, ...within];
    const message = "a name that isn't in the list before";
    if (seen.has(name)) context.addIssue({ code: "custom", path, message, input: list });
    seen.add(name);
  }
}

const stream = z
  .strictObject({
    stream: text.describe("Name of the stream, as `hakiri discover` lists it."),
    table: text
      .refine((name) => isTableName(name), "TABLE or NAMESPACE.TABLE")
      .optional()
      .describe("Where its rows land; the pipeline's table_template decides without."),
    disposition: z
      .enum(["append", "replace", "merge"])
      .optional()
      .describe("How a run's rows change the table; the source decides without."),
    primary_key: names(keyColumnsMax)
      .optional()
      .describe("Columns that identify a row; the source's own without."),
    incremental: text
      .optional()
      .describe("Column whose values say what is new; everything is read each time without."),
    dedup_sort: text
      .optional()
      .describe("Among rows of one key in one run the largest of this column wins; else the last."),
    columns: names(columnsMax).optional().describe("Columns to read; all without."),
  })
  .superRefine((value, context) => {
    for (const [path, message] of streamFaults(value)) {
      context.addIssue({ code: "custom", path, message, input: value });
    }
  });

interface ParsedStream {
  readonly disposition?: string | undefined;
  readonly primary_key?: readonly string[] | undefined;
  readonly incremental?: string | undefined;
  readonly dedup_sort?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

function streamFaults(value: ParsedStream): [path: string[], message: string][] {
  const faults: [string[], string][] = [];
  const { columns, disposition } = value;
  if (value.dedup_sort !== undefined && disposition !== undefined && disposition !== "merge") {
    faults.push([["dedup_sort"], `no such key beside disposition = "${disposition}"`]);
  }
  const needed = [...(value.primary_key ?? []), value.incremental, value.dedup_sort];
  const missing = needed.find((name) => name !== undefined && columns?.includes(name) === false);
  if (missing !== undefined) {
    faults.push([["columns"], `a list that has ${JSON.stringify(missing)}, which is needed`]);
  }
  return faults;
}

function isTableName(name: string): boolean {
  try {
    parseTableName(name);
    return true;
  } catch (error) {
    if (error instanceof HakiriError) return false;
    throw error;
  }
}

const contract = z.strictObject({
  tables: mode.default(openContract.tables).describe("What a stream without a table does."),
  columns: mode.default(openContract.columns).describe("What a new column does."),
  data_type: mode
    .default(openContract.dataType)
    .describe("What values do that the column's type, or a told one, doesn't hold."),
});

/** A whole file. What it parses to keeps the file's keys. */
export const pipelineSchema = z
  .strictObject({
    $schema: z.string().optional().describe("For editors; means nothing here."),
    name: z
      .string()
      .regex(pipelineNamePattern, "a name of 1 to 63 of a-z, 0-9, _ and -")
      .optional()
      .describe("The file's name without its ending, where this is not said."),
    connector: text.describe("What reads the source: `file`, `postgres`, ..."),
    source: z
      .record(z.string(), z.unknown())
      .describe("The connector's own settings. Secrets by reference only."),
    namespace: text
      .refine((name) => isTableName(quoteIdentifier(name)), "a name without control characters")
      .transform((name) => name.normalize("NFC"))
      .prefault(defaultPipeline.namespace)
      .describe("Where tables go that don't say; a schema of DuckDB."),
    table_template: text
      .regex(/^[^{}]*(?:\{schema\}[^{}]*)?\{stream\}[^{}]*$/u, '"{stream}" or "{schema}_{stream}"')
      .default(defaultPipeline.tableTemplate)
      .describe("Names of tables: `{stream}`, or `{schema}_{stream}` with the source's schema."),
    naming: z
      .enum(["source", "snake_case"])
      .default(defaultPipeline.naming)
      .describe("How columns are spelled; fixed when a table is made."),
    contract: contract.prefault({}).describe("What may change the schema of a table."),
    on_conflict: z
      .enum(["error", "json"])
      .default(defaultPipeline.onConflict)
      .describe("What values do that no promotion of the column's type takes, in JSON sources."),
    on_change: z
      .enum(["replace", "append", "error"])
      .default(defaultPipeline.onChange)
      .describe("What a changed input file does to the rows of its earlier version."),
    on_missing: z
      .enum(["keep", "delete"])
      .default(defaultPipeline.onMissing)
      .describe("What happens to the rows of an input file that is gone."),
    row_metadata: z
      .boolean()
      .default(defaultPipeline.rowMetadata)
      .describe("Whether rows carry _hakiri_run_id and _hakiri_loaded_at."),
    parallel: z
      .int()
      .min(1)
      .max(parallelMax)
      .default(defaultPipeline.parallel)
      .describe("Most partitions and streams that are read at once."),
    deadline: z
      .string()
      .regex(durationPattern, 'a duration such as "1h30m"')
      .transform((value) => parseDuration(value) ?? 0)
      .refine((ms) => ms >= deadlineMsMin && ms <= deadlineMsMax, "a duration of 1s to 30d")
      .prefault(formatDuration(defaultPipeline.deadlineMs))
      .describe("The run's whole time from claim to commit."),
    shared: z
      .boolean()
      .default(defaultPipeline.shared)
      .describe("Whether to append to tables that another pipeline owns."),
    streams: z
      .array(stream)
      .max(streamsMax)
      .superRefine((list, context) => {
        refuseTwins(
          list.map((item) => item.stream),
          context,
          ["stream"],
        );
      })
      .default([])
      .describe("The streams to read; every one that the source has where none is named."),
  })
  .meta({ title: "hakiri pipeline" });

/** The pipeline that a parsed file means. `fileStem` is its name where the file has none. */
export function toPipelineSpec(
  parsed: z.output<typeof pipelineSchema>,
  fileStem: string,
): PipelineSpec {
  return {
    name: parsed.name ?? fileStem,
    connector: parsed.connector,
    // Every value of a parsed document is JSON; zod was told to look no deeper.
    source: parsed.source as Readonly<Record<string, Json>>,
    namespace: parsed.namespace,
    tableTemplate: parsed.table_template,
    naming: parsed.naming,
    streams: parsed.streams.map((item) => ({
      stream: item.stream,
      table: item.table ?? defaultStream.table,
      disposition: item.disposition ?? defaultStream.disposition,
      primaryKey: item.primary_key ?? defaultStream.primaryKey,
      incremental: item.incremental ?? defaultStream.incremental,
      dedupSort: item.dedup_sort ?? defaultStream.dedupSort,
      columns: item.columns ?? defaultStream.columns,
    })),
    contract: {
      tables: parsed.contract.tables,
      columns: parsed.contract.columns,
      dataType: parsed.contract.data_type,
    },
    onConflict: parsed.on_conflict,
    onChange: parsed.on_change,
    onMissing: parsed.on_missing,
    rowMetadata: parsed.row_metadata,
    parallel: parsed.parallel,
    deadlineMs: parsed.deadline,
    shared: parsed.shared,
  };
}
