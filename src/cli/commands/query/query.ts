/** `hakiri query`: one statement over one snapshot of the store. */
import { queryStore, type QueryResult } from "../../../context/query/query-store.ts";
import {
  countedRowsMax,
  type ResultFormat,
  type ResultRows,
} from "../../../context/query/protocol.ts";
import { storeFolder } from "../../../context/layout.ts";
import type { Random } from "../../../core/ports/random.ts";
import type { Answer, CommandContext } from "../../command.ts";
import { exitDone } from "../../exit-code.ts";
import { bytesText, countText } from "../../text/figures.ts";
import { renderTable } from "../../text/table.ts";
import { visibleLines, visibleText } from "../../text/visible-text.ts";
import type { Engine } from "../engine.ts";
import { locateProject, type Project } from "../project.ts";
import { resultFormat, type FormatInput } from "./query-format.ts";
import { readSql } from "./read-sql.ts";
import { outputPath, writeOutput } from "./write-output.ts";

/** What was typed. */
export interface QueryInput extends FormatInput {
  /** `-` for what is piped in. */
  readonly sql: string;
  /** A snapshot's number or a time; the newest without. */
  readonly at: string | undefined;
}

/** How long a query may take, milliseconds: a person ends one sooner by an interrupt. */
const timeoutMs = 24 * 60 * 60 * 1000;

/** Most that one query may spill to disk. */
const spillLimit = "256GiB";

/** Answers a query. What doesn't fit a screen comes in pieces. */
export async function query(
  engine: Engine,
  input: QueryInput,
  context: CommandContext,
): Promise<Answer> {
  if (input.output !== undefined) await outputPath(context.cwd, input.output);
  const format = resultFormat(input, context);
  const sql = await readSql(input.sql, context);
  const project = await locateProject(context);
  const asked = { sql, at: input.at ?? null, format };
  if (format.kind !== "rows" && input.output === undefined) {
    return { pieces: piecesOf(engine, project, asked, context) };
  }
  const open = await openResult(engine, project, asked, context);
  try {
    if (input.output !== undefined) return await toFile(open, input.output, context);
    const { columns, sequence, isPlan } = open.result;
    const found = await open.result.rows();
    const text = isPlan
      ? planText(found)
      : tableText({ columns, ...found }, context.terminal.columns);
    return { text, document: { snapshot_id: sequence }, exitCode: exitDone };
  } finally {
    await open.close();
  }
}

interface Asked {
  readonly sql: string;
  readonly at: string | null;
  readonly format: ResultFormat;
}

/** Opened by the first piece, and closed with the last or when the reader goes away. */
async function* piecesOf(
  engine: Engine,
  project: Project,
  asked: Asked,
  context: CommandContext,
): AsyncGenerator<Uint8Array> {
  const open = await openResult(engine, project, asked, context);
  try {
    yield* open.result.pieces();
  } finally {
    await open.close();
  }
}

interface OpenAnswer {
  readonly result: QueryResult;
  readonly random: Random;
  /** Closes the result, the thread and the store. */
  close(): Promise<void>;
}

async function openResult(
  engine: Engine,
  { folder, spec }: Project,
  { sql, at, format }: Asked,
  { signal, progress }: Pick<CommandContext, "signal" | "progress">,
): Promise<OpenAnswer> {
  const store = await engine.openStore(folder, "reading");
  const client = await engine.openQueries();
  const closeBoth = async (): Promise<void> => {
    await client.close();
    if (client.isStuck) {
      engine.endByForce();
      progress({ type: "note", message: "a thread is stuck; this process ends without it" });
    }
    await store.close();
  };
  const { catalog, pins, random, unwritable } = store;
  const root = `${folder}/${storeFolder}`;
  const spillRoot = unwritable?.spillRoot ?? root;
  const { threads, memoryLimit } = engine.limits(spec);
  if (unwritable !== null) {
    const message =
      "this store can't be written, so its snapshot isn't pinned: a gc elsewhere may end the query";
    progress({ type: "note", message });
  }
  try {
    const result = await queryStore(
      { catalog, pins, client, root, spillRoot },
      { sql, at, format, signal, limits: { threads, memoryLimit, spillLimit, timeoutMs } },
    );
    return {
      result,
      random,
      close: async () => {
        try {
          await result.close();
        } finally {
          await closeBoth();
        }
      },
    };
  } catch (error) {
    await closeBoth();
    throw error;
  }
}

async function toFile(
  { result, random }: OpenAnswer,
  output: string,
  { cwd }: Pick<CommandContext, "cwd">,
): Promise<Answer> {
  const path = await outputPath(cwd, output);
  const bytes = await writeOutput(path, result.pieces(), random);
  return {
    text: `wrote ${visibleText(output)}, ${bytesText(bytes)}, of snapshot ${result.sequence}\n`,
    document: { output: path, bytes, snapshot_id: result.sequence },
    exitCode: exitDone,
  };
}

/** A plan is drawn already, in lines of its own. */
function planText({ rows }: ResultRows): string {
  return rows.map(([, drawn]) => `${visibleLines(drawn ?? "").trimEnd()}\n`).join("");
}

function tableText(
  { columns, rows, rowsTotal }: ResultRows & Pick<QueryResult, "columns">,
  width: number | null,
): string {
  const table = renderTable(
    {
      columns: columns.map(({ name, isNumber }) => ({ name, align: isNumber ? "right" : "left" })),
      rows,
      ...(rowsTotal === null ? {} : { rowsTotal }),
    },
    { widthMax: width, rowsMax: rows.length },
  );
  if (rowsTotal !== null) return table;
  return `${table}(${countText(rows.length)} of more than ${countText(countedRowsMax)} rows)\n`;
}
