/** `hakiri state show`: where the streams of a pipeline stand. */
import type { Json } from "../../../core/json.ts";
import type { CursorRecord } from "../../../core/ports/catalog.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { countedText } from "../../text/figures.ts";
import { renderTable } from "../../text/table.ts";
import type { Engine } from "../engine.ts";
import { findPipeline } from "../find-pipeline.ts";
import { readProject } from "../project.ts";

/** Shows the cursors of a pipeline. */
export async function showState(
  engine: Engine,
  name: string,
  context: CommandContext,
): Promise<Answer> {
  return readProject(engine, context, async (project) => {
    const { catalog } = project.store;
    const { record, spec } = await findPipeline({ engine, project, catalog }, name);
    const cursors = record === null ? [] : await catalog.cursors(record.pipelineId);
    return {
      text: textOf(spec.name, cursors, context.terminal.columns),
      document: { pipeline: spec.name, cursors: cursors.map(cursorDocument) },
      exitCode: exitDone,
    };
  });
}

function cursorDocument({ stream, partition, cursor }: CursorRecord): Json {
  return { stream, partition, cursor: cursorJson(cursor) };
}

/** A stored cursor as documents show it, and as `state set --cursor` takes it. */
export function cursorJson(cursor: CursorRecord["cursor"]): Json {
  return { ...cursor, boundary: cursor.boundary === null ? null : { ...cursor.boundary } };
}

function textOf(name: string, cursors: readonly CursorRecord[], columns: number | null): string {
  if (cursors.length === 0)
    return `${name} has no cursors: its next run reads from the beginning\n`;
  const headings = ["stream", "partition", "column", "value", "type", "known"];
  const rows = cursors.map(({ stream, partition, cursor }) => [
    stream,
    partition === "" ? "-" : partition,
    cursor.column ?? "-",
    cursor.value ?? "-",
    cursor.type ?? "-",
    knownText(cursor),
  ]);
  // What no cursor has says nothing.
  const shown = headings.map((_, at) => at === 0 || rows.some((row) => row[at] !== "-"));
  return renderTable(
    {
      columns: headings
        .filter((_, at) => shown[at])
        .map((heading) => ({ name: heading, align: "left" })),
      rows: rows.map((row) => row.filter((_, at) => shown[at])),
    },
    { widthMax: columns, rowsMax: cursors.length },
  );
}

function knownText({ boundary, connector }: CursorRecord["cursor"]): string {
  if (boundary === null) return "-";
  return countedText(boundary.count, connector === "file" ? "file" : "row");
}
