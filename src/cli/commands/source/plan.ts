/** `hakiri plan`: what a run would do, without doing it. */
import { defaultStream } from "../../../config/pipeline-schema.ts";
import type { Json } from "../../../core/json.ts";
import type { PipelineSpec } from "../../../core/pipeline.ts";
import type { SchemaChange } from "../../../core/evolution/place-field.ts";
import type { TableSchema } from "../../../core/schema.ts";
import { typeName } from "../../../core/type-name.ts";
import { readBefore } from "../../../runtime/actor/read-before.ts";
import { planStreams } from "../../../runtime/actor/stream-plan.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { errorDocument } from "../../error-document.ts";
import { exitCodeOf, exitDone } from "../../exit-code.ts";
import { countText } from "../../text/figures.ts";
import { visibleText } from "../../text/visible-text.ts";
import type { Engine } from "../engine.ts";
import { plainParameters } from "../perform-run.ts";
import { locateProject, withAnyStore } from "../project.ts";
import { cursorJson } from "../state/show-state.ts";
import type { FileChanges } from "./file-changes.ts";
import { withLook } from "./open-look.ts";
import { planStream, type PlannedStream } from "./plan-stream.ts";
import { resolveSource } from "./resolve-source.ts";

/** What was typed. */
export interface PlanInput {
  readonly source: string;
  readonly streams: readonly string[];
  readonly fullRefresh: boolean;
}

/** Plans a run; exits as the run would where something is in its way. */
export async function plan(
  engine: Engine,
  input: PlanInput,
  context: CommandContext,
): Promise<Answer> {
  const project = await locateProject(context);
  return withAnyStore(engine, project, async (store) => {
    const places = { engine, project, catalog: store?.catalog ?? null };
    const resolved = await resolveSource(places, input.source, context.cwd);
    const { record, named } = resolved;
    const { fullRefresh } = input;
    const streams = input.streams.length > 0 ? input.streams : named;
    const spec = withNamed(resolved.spec, named);
    const parameters = { ...plainParameters, streams, fullRefresh };
    const cursors =
      record === null ? [] : ((await store?.catalog.cursors(record.pipelineId)) ?? []);
    const { wasRead, readStreams } = readBefore(cursors);
    const planned = await withLook(
      { engine, project, ...resolved, command: context, wasRead },
      async (look) => {
        const descriptions = await look.source.discover({ ...look.context, readStreams });
        const plans = planStreams(spec, parameters, descriptions);
        const planning = { look, spec, folder: project.folder, store, record };
        const found: PlannedStream[] = [];
        for (const each of plans) found.push(await planStream(planning, each));
        return found;
      },
    );
    const problem = planned.find((each) => each.problem !== null)?.problem ?? null;
    return {
      text: `${planned.map(streamText).join("\n")}\n`,
      document: {
        pipeline: spec.name,
        is_new: record === null,
        streams: planned.map(streamDocument),
      },
      exitCode: problem === null ? exitDone : exitCodeOf(problem),
    };
  });
}

/** What a URI names would be a member once it is ingested. */
function withNamed(spec: PipelineSpec, named: readonly string[]): PipelineSpec {
  const { streams } = spec;
  const hasAll = streams.length === 0 && named.length === 0;
  if (hasAll) return spec;
  const added = named.filter((name) => streams.every(({ stream }) => stream !== name));
  return {
    ...spec,
    streams: [...streams, ...added.map((stream) => ({ ...defaultStream, stream }))],
  };
}

function streamDocument(stream: PlannedStream): Json {
  const { before, after, start, files, problem } = stream;
  return {
    stream: stream.plan.stream,
    table: stream.table,
    creates_table: before === null,
    disposition: stream.plan.disposition,
    primary_key: stream.plan.primaryKey,
    incremental: stream.plan.incremental,
    start: start === null ? null : cursorJson(start.cursor),
    depends_on_values: stream.dependsOnValues,
    schema_changes: stream.changes.map((change) => changeDocument(change, after ?? before)),
    files:
      files === null
        ? null
        : {
            new: files.added,
            changed: files.changed,
            gone: files.gone,
            unchanged: files.unchanged,
            is_cut: files.isCut,
          },
    ...(problem === null ? {} : { error: errorDocument(problem) }),
  };
}

function changeDocument(change: SchemaChange, schema: TableSchema | null): Json {
  switch (change.kind) {
    case "added_column": {
      const { name, type, nullable } = change.column;
      return { change: change.kind, column: name, type: typeName(type), nullable };
    }
    case "promoted_type": {
      const { from, to } = change;
      const column = nameOf(schema, change.columnId);
      return { change: change.kind, column, from: typeName(from), to: typeName(to) };
    }
    case "made_nullable":
      return { change: change.kind, column: nameOf(schema, change.columnId) };
    case "added_key":
      return {
        change: change.kind,
        columns: change.primaryKey.map((id) => nameOf(schema, id)),
      };
  }
}

function nameOf(schema: TableSchema | null, columnId: number): string {
  return schema?.columns.find(({ id }) => id === columnId)?.name ?? `column ${columnId}`;
}

/** Names and changes of a text; a document has all. */
const shownMax = 8;

function streamText(stream: PlannedStream): string {
  const { plan: wanted, before, files, problem } = stream;
  const makes = before === null ? ", which the run makes" : "";
  const lines = [
    `${wanted.stream}: ${wanted.disposition} into ${stream.table}${makes}`,
    `  starts ${startText(stream)}`,
    ...(files === null ? [] : [`  files: ${filesText(files)}`]),
    ...changeLines(stream).map((line) => `  ${line}`),
    ...(stream.dependsOnValues
      ? ["  an integer that its new type doesn't hold would fail the run"]
      : []),
    ...(problem === null ? [] : [`  would fail: ${problem.message}`, `  ${problem.hint}`]),
  ];
  return lines.map(visibleText).join("\n");
}

function startText({ start }: PlannedStream): string {
  if (start === null) return "at the beginning";
  const { column, value, boundary } = start.cursor;
  const at = column === null ? "" : ` at ${column} = '${value ?? ""}'`;
  const entries = boundary === null ? "" : ` after ${countText(boundary.count)} known entries`;
  return `where the last run ended${at}${entries}`;
}

function filesText({ added, changed, gone, unchanged, isCut }: FileChanges): string {
  const parts = [
    `${countText(added.length)} new${namesText(added)}`,
    `${countText(changed.length)} changed${namesText(changed)}`,
    `${countText(gone.length)} gone${namesText(gone)}`,
    ...(isCut ? ["and more that were not looked into"] : [`${countText(unchanged)} unchanged`]),
  ];
  return parts.join(", ");
}

function namesText(names: readonly string[]): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, shownMax).join(", ");
  return names.length > shownMax ? ` (${shown}, ...)` : ` (${shown})`;
}

function changeLines({ changes, after, before }: PlannedStream): readonly string[] {
  const schema = after ?? before;
  const shown = changes.slice(0, shownMax).map((change) => changeText(change, schema));
  const rest = changes.length - shown.length;
  return rest > 0 ? [...shown, `and ${countText(rest)} more changes of columns`] : shown;
}

function changeText(change: SchemaChange, schema: TableSchema | null): string {
  switch (change.kind) {
    case "added_column":
      return `adds column ${change.column.name} (${typeName(change.column.type)})`;
    case "promoted_type":
      return (
        `changes column ${nameOf(schema, change.columnId)} ` +
        `from ${typeName(change.from)} to ${typeName(change.to)}`
      );
    case "made_nullable":
      return `lets column ${nameOf(schema, change.columnId)} be without values`;
    case "added_key":
      return `makes (${change.primaryKey.map((id) => nameOf(schema, id)).join(", ")}) the key`;
  }
}
