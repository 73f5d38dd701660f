/**
 * Streams that a pipeline's new spec sends to another table than the one that their rows are in.
 * Their cursors would have the new table begin where the old one ends.
 */
import { HakiriError } from "../../core/error.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { Catalog, PipelineRecord } from "../../core/ports/catalog.ts";
import { nameTables } from "../../core/stream-table.ts";
import { formatTableName, tableKey, type TableName } from "../../core/table-name.ts";

/** A stream and its tables. */
export interface MovedStream {
  readonly stream: string;
  readonly from: TableName;
  readonly to: TableName;
}

/**
 * The streams that were read before and have another table now, while the old one is there. Throws
 * what `nameTables` throws for the new tables.
 */
export async function movedStreams(
  catalog: Pick<Catalog, "cursors" | "head" | "table">,
  known: PipelineRecord | null,
  spec: PipelineSpec,
): Promise<readonly MovedStream[]> {
  // A name that no table can have is refused, whether its stream was read before or not.
  for (const { stream } of spec.streams) placeOf(spec, stream, stream);
  if (known === null) return [];
  const { sequence } = await catalog.head();
  const cursors = await catalog.cursors(known.pipelineId);
  const moved: MovedStream[] = [];
  for (const stream of new Set(cursors.map((cursor) => cursor.stream))) {
    for (const bareName of bareNamesOf(stream)) {
      const from = placeOf(known.spec, stream, bareName);
      const to = placeOf(spec, stream, bareName);
      if (from === null || to === null || tableKey(from) === tableKey(to)) continue;
      const table = await catalog.table(from, sequence);
      if (table?.ownerPipelineId === known.pipelineId) moved.push({ stream, from, to });
    }
  }
  return moved;
}

/** A stream `schema.table` lands by its table's name, unless its own name is meant. */
function bareNamesOf(stream: string): readonly string[] {
  const dot = stream.indexOf(".");
  return [stream, ...(dot === -1 ? [] : [stream.slice(dot + 1)])].filter((name) => name !== "");
}

/** Null where the source has to be asked: its own schema is part of the name. */
function placeOf(spec: PipelineSpec, stream: string, bareName: string): TableName | null {
  const table = spec.streams.find((member) => member.stream === stream)?.table ?? null;
  const rule = { namespace: spec.namespace, template: spec.tableTemplate };
  if (`${rule.namespace}${rule.template}`.includes("{schema}")) return null;
  return nameTables([{ stream, bareName, schema: null, table }], rule)[0] ?? null;
}

/** The error of a stream that moved. */
export function tableMoved(
  { name }: PipelineSpec,
  { stream, from, to }: MovedStream,
  hint: string,
): HakiriError {
  const [old, wanted] = [formatTableName(from), formatTableName(to)];
  return new HakiriError({
    kind: "Permanent",
    code: "conflict.table_moved",
    message:
      `expected stream '${stream}' of pipeline '${name}' to land in '${old}', where its rows are, ` +
      `got '${wanted}': '${wanted}' would have what comes from now on, and '${old}' the rest`,
    hint,
  });
}
