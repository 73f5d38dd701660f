/** A pipeline as a file of it says it: keys in snake_case, and nothing that would be so unsaid. */
import type { Json } from "../core/json.ts";
import type { PipelineSpec, StreamSpec } from "../core/pipeline.ts";
import type { ConfigTable } from "./document.ts";
import { formatDuration } from "../core/duration.ts";
import { defaultPipeline } from "./pipeline-schema.ts";

/**
 * The data of a pipeline file, as JSON for agents; `parsePipeline` reads its text as the same
 * pipeline. Settings of the source that are null are left out. Throws TypeError for a null inside
 * a list there.
 */
export function pipelineDocument(spec: PipelineSpec): ConfigTable {
  const usual = defaultPipeline;
  const { contract } = spec;
  return said({
    name: spec.name,
    connector: spec.connector,
    namespace: unless(usual.namespace, spec.namespace),
    table_template: unless(usual.tableTemplate, spec.tableTemplate),
    naming: unless(usual.naming, spec.naming),
    on_conflict: unless(usual.onConflict, spec.onConflict),
    on_change: unless(usual.onChange, spec.onChange),
    on_missing: unless(usual.onMissing, spec.onMissing),
    row_metadata: unless(usual.rowMetadata, spec.rowMetadata),
    parallel: unless(usual.parallel, spec.parallel),
    deadline: unless(formatDuration(usual.deadlineMs), formatDuration(spec.deadlineMs)),
    shared: unless(usual.shared, spec.shared),
    source: withoutNulls(spec.source),
    contract: unlessEmpty(
      said({
        tables: unless(usual.contract.tables, contract.tables),
        columns: unless(usual.contract.columns, contract.columns),
        data_type: unless(usual.contract.dataType, contract.dataType),
      }),
    ),
    streams: unlessEmpty(spec.streams.map(streamDocument)),
  });
}

function streamDocument(stream: StreamSpec): ConfigTable {
  return said({
    stream: stream.stream,
    table: stream.table,
    disposition: stream.disposition,
    primary_key: unlessEmpty(stream.primaryKey),
    incremental: stream.incremental,
    dedup_sort: stream.dedupSort,
    columns: stream.columns,
  });
}

function unless(usual: Json, value: Json): Json {
  return value === usual ? null : value;
}

function unlessEmpty<T extends object & Json>(value: T): T | null {
  return Object.keys(value).length === 0 ? null : value;
}

/** A table without the keys that have nothing to say. */
function said(table: ConfigTable): ConfigTable {
  return Object.fromEntries(Object.entries(table).filter(([, value]) => value !== null));
}

function withoutNulls(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    if (value.includes(null)) throw new TypeError("expected no null in a list of settings");
    return value.map((item: Json) => withoutNulls(item));
  }
  const members = Object.entries(value).map(([key, member]) => [key, withoutNulls(member)]);
  // The entries of a table of JSON are a table of JSON.
  return said(Object.fromEntries(members) as ConfigTable);
}
