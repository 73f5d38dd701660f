/** `hakiri discover`: the streams of a source with their columns, as a run would find them. */
import { HakiriError } from "../../../core/error.ts";
import type { Json } from "../../../core/json.ts";
import type { PipelineSpec } from "../../../core/pipeline.ts";
import type { StreamDescription } from "../../../core/ports/source.ts";
import { nameTables } from "../../../core/stream-table.ts";
import { formatTableName } from "../../../core/table-name.ts";
import { typeName } from "../../../core/type-name.ts";
import type { Field } from "../../../core/type.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { renderTable } from "../../text/table.ts";
import { visibleText } from "../../text/visible-text.ts";
import { planStreams } from "../../../runtime/actor/stream-plan.ts";
import type { Engine } from "../engine.ts";
import { plainParameters } from "../perform-run.ts";
import { locateProject, withAnyStore } from "../project.ts";
import { checkKnown } from "./check-known.ts";
import { withLook } from "./open-look.ts";
import { resolveSource } from "./resolve-source.ts";

/** Streams of a text; a document has all. */
const streamsShownMax = 100;

/** Columns of a stream in a text. */
const columnsShownMax = 200;

/** Discovers the streams of a source or pipeline. */
export async function discover(
  engine: Engine,
  typed: string,
  context: CommandContext,
): Promise<Answer> {
  const project = await locateProject(context);
  return withAnyStore(engine, project, async (store) => {
    const places = { engine, project, catalog: store?.catalog ?? null };
    const resolved = await resolveSource(places, typed, context.cwd);
    const { spec } = resolved;
    const found = await withLook(
      { engine, project, ...resolved, command: context, wasRead: false },
      ({ source, context: look }) => source.discover(look),
    );
    const { named } = resolved;
    checkKnown(
      named,
      found.map(({ stream }) => stream),
    );
    const streams = found
      .filter(({ stream }) => named.length === 0 || named.includes(stream))
      .map((stream) => asPlanned(spec, stream));
    const tables = proposedTables(spec, streams);
    const problem = tables instanceof HakiriError ? tables : null;
    const nameOf = (index: number): string | null =>
      tables instanceof HakiriError ? null : (tables[index] ?? null);
    if (problem !== null)
      context.progress({ type: "note", message: `${problem.message}; ${problem.hint}` });
    return {
      text: streams
        .slice(0, streamsShownMax)
        .map((stream, index) => streamText(stream, nameOf(index), context.terminal.columns))
        .concat(streams.length > streamsShownMax ? [moreText(streams.length)] : [])
        .join("\n"),
      document: {
        connector: spec.connector,
        pipeline: spec.name,
        streams: streams.map((stream, index) => streamDocument(spec, stream, nameOf(index))),
      },
      exitCode: exitDone,
    };
  });
}

/** With what the pipeline says of it; as the source has it where a run would refuse that. */
function asPlanned(spec: PipelineSpec, stream: StreamDescription): StreamDescription {
  const members = spec.streams.filter((member) => member.stream === stream.stream);
  if (members.length === 0) return stream;
  try {
    const [planned] = planStreams({ ...spec, streams: members }, plainParameters, [stream]);
    if (planned === undefined) return stream;
    const { disposition, primaryKey } = planned;
    return { ...stream, disposition, schema: { ...stream.schema, primaryKey } };
  } catch (error) {
    if (error instanceof HakiriError) return stream;
    throw error;
  }
}

/** Where each stream would land; the error where they can't all have a table. */
function proposedTables(
  spec: PipelineSpec,
  streams: readonly StreamDescription[],
): readonly string[] | HakiriError {
  const unplaced = streams.map(({ stream, bareName, namespace }) => ({
    stream,
    bareName,
    schema: namespace,
    table: spec.streams.find((member) => member.stream === stream)?.table ?? null,
  }));
  const rule = { namespace: spec.namespace, template: spec.tableTemplate };
  try {
    return nameTables(unplaced, rule).map(formatTableName);
  } catch (error) {
    if (error instanceof HakiriError) return error;
    throw error;
  }
}

function streamDocument(spec: PipelineSpec, stream: StreamDescription, table: string | null): Json {
  return {
    stream: stream.stream,
    namespace: stream.namespace,
    table,
    is_member:
      spec.streams.length === 0 || spec.streams.some((each) => each.stream === stream.stream),
    disposition: stream.disposition,
    primary_key: stream.schema.primaryKey,
    cursor_columns: stream.cursorColumns,
    has_files: stream.hasFiles,
    comment: stream.comment,
    columns: stream.schema.fields.map(fieldDocument),
  };
}

/** A column as `discover` and `plan` print it. */
export function fieldDocument({ name, type, nullable }: Field): Json {
  // A type is plain data: kinds, widths and the fields of structs.
  return { name, type: typeName(type), nullable, data_type: type as unknown as Json };
}

function streamText(
  stream: StreamDescription,
  table: string | null,
  columns: number | null,
): string {
  const { schema, comment } = stream;
  const key = new Set(schema.primaryKey);
  const facts = [
    `table ${table ?? "?"}`,
    stream.disposition,
    ...(stream.cursorColumns.length === 0
      ? []
      : [`incremental by ${stream.cursorColumns.slice(0, 5).join(", ")}`]),
    ...(comment === "" ? [] : [comment]),
  ];
  const head = visibleText(`${stream.stream}: ${facts.join("; ")}`);
  const shown = renderTable(
    {
      columns: [
        { name: "column", align: "left" },
        { name: "type", align: "left" },
        { name: "key", align: "left" },
        { name: "null", align: "left" },
      ],
      rows: schema.fields.map(({ name, type, nullable }) => [
        name,
        typeName(type),
        key.has(name) ? "yes" : "",
        nullable ? "" : "never",
      ]),
    },
    { widthMax: columns, rowsMax: columnsShownMax },
  );
  return `${head}\n${shown}`;
}

function moreText(total: number): string {
  return `(${streamsShownMax} of ${total} streams; --json prints all)\n`;
}
