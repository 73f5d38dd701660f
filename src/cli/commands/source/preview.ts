/** `hakiri preview`: the first rows of a source's streams, without writing any. */
import { defaultStream } from "../../../config/pipeline-schema.ts";
import { canonicalJson, type Json } from "../../../core/json.ts";
import type { PipelineSpec, StreamSpec } from "../../../core/pipeline.ts";
import type { StreamDescription } from "../../../core/ports/source.ts";
import type { DataType } from "../../../core/type.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { countText } from "../../text/figures.ts";
import { renderTable } from "../../text/table.ts";
import { visibleText } from "../../text/visible-text.ts";
import type { Engine } from "../engine.ts";
import { locateProject, withAnyStore } from "../project.ts";
import { checkKnown } from "./check-known.ts";
import { fieldDocument } from "./discover.ts";
import { withLook } from "./open-look.ts";
import { readRows, type StreamRows } from "./read-rows.ts";
import { resolveSource } from "./resolve-source.ts";

/** What was typed. */
export interface PreviewInput {
  readonly source: string;
  readonly streams: readonly string[];
  /** Of each stream. */
  readonly limit: number;
}

/** Streams that are read where none is named. */
const streamsMax = 10;

/** Reads the first rows of each stream. */
export async function preview(
  engine: Engine,
  input: PreviewInput,
  context: CommandContext,
): Promise<Answer> {
  const project = await locateProject(context);
  return withAnyStore(engine, project, async (store) => {
    const places = { engine, project, catalog: store?.catalog ?? null };
    const resolved = await resolveSource(places, input.source, context.cwd);
    const wanted = input.streams.length > 0 ? input.streams : resolved.named;
    const request = { engine, project, ...resolved, command: context, wasRead: false };
    const found = await withLook(request, async (look) => {
      const known = await look.source.discover(look.context);
      const members = chosenStreams(resolved.spec, known, wanted);
      const read: (StreamRows & { readonly stream: string })[] = [];
      for (const member of members) {
        read.push({ stream: member.stream, ...(await readRows(look, member, input.limit)) });
      }
      return { read, known: usualOf(resolved.spec, known).length };
    });
    const isCut = wanted.length === 0 && found.known > streamsMax;
    const rest = `(${streamsMax} of ${countText(found.known)} streams; name others with --stream)\n`;
    return {
      text: found.read
        .map((each) => rowsText(each, context.terminal.columns))
        .concat(isCut ? [rest] : [])
        .join("\n"),
      document: {
        streams: found.read.map(({ stream, fields, rows }) => ({
          stream,
          columns: fields.map(fieldDocument),
          rows,
        })),
      },
      exitCode: exitDone,
    };
  });
}

function chosenStreams(
  spec: PipelineSpec,
  found: readonly StreamDescription[],
  wanted: readonly string[],
): readonly StreamSpec[] {
  checkKnown(
    wanted,
    found.map(({ stream }) => stream),
  );
  const names = wanted.length > 0 ? wanted : usualOf(spec, found).slice(0, streamsMax);
  return names.map(
    (stream) =>
      spec.streams.find((member) => member.stream === stream) ?? { ...defaultStream, stream },
  );
}

/** What a run reads of it. */
function usualOf(spec: PipelineSpec, found: readonly StreamDescription[]): readonly string[] {
  const members = spec.streams.map(({ stream }) => stream);
  return found
    .filter(({ stream, isOptional = false }) =>
      members.length === 0 ? !isOptional : members.includes(stream),
    )
    .map(({ stream }) => stream);
}

function rowsText(
  { stream, fields, rows }: StreamRows & { readonly stream: string },
  columns: number | null,
): string {
  const table = renderTable(
    {
      columns: fields.map(({ name, type }) => ({ name, align: isNumber(type) ? "right" : "left" })),
      rows: rows.map((row) => fields.map(({ name }) => cellText(row[name] ?? null))),
    },
    { widthMax: columns, rowsMax: rows.length },
  );
  return `${visibleText(stream)}\n${table}`;
}

function isNumber({ kind }: DataType): boolean {
  return kind === "int" || kind === "float" || kind === "decimal";
}

function cellText(value: Json): string | null {
  if (value === null) return null;
  return typeof value === "string" ? value : canonicalJson(value);
}
