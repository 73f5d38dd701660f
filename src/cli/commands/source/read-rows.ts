/** The first rows of a stream as JSON values, read without writing anything. */
import { jsonTextOf } from "../../../columns/json-text.ts";
import { findBadValue } from "../../../context/scan/bad-rows.ts";
import { badValueError, isBadValue, scanFault } from "../../../context/scan/scan-fault.ts";
import {
  failing,
  fieldColumn,
  scanRelation,
  type BadRows,
} from "../../../context/scan/scan-relation.ts";
import type { Json } from "../../../core/json.ts";
import type { StreamSpec } from "../../../core/pipeline.ts";
import type { OpenRequest, Reader, ReadItem, ScanItem } from "../../../core/ports/source.ts";
import type { DataType, Field } from "../../../core/type.ts";
import type { SourceLook } from "./open-look.ts";

/** Rows of a stream. */
export interface StreamRows {
  /** In the order of their appearance. */
  readonly fields: readonly Field[];
  /** By column: 64-bit integers and decimals as text, so that no digit is lost. */
  readonly rows: readonly { readonly [column: string]: Json }[];
}

/** Reads at most `rowsMax` rows, from the stream's beginning. */
export async function readRows(
  look: SourceLook,
  member: StreamSpec,
  rowsMax: number,
): Promise<StreamRows> {
  const fields = new Map<string, Field>();
  const rows: StreamRows["rows"][number][] = [];
  const reader = await look.source.open(requestOf(look, member, rowsMax));
  try {
    while (rows.length < rowsMax) {
      const item = await reader.next();
      if (item.kind === "end") {
        for (const field of item.schema?.fields ?? []) fields.set(field.name, field);
        break;
      }
      const part = await rowsOf(look, reader, item, rowsMax - rows.length);
      for (const field of part.fields) if (!fields.has(field.name)) fields.set(field.name, field);
      rows.push(...part.rows);
    }
  } finally {
    await reader.close();
  }
  return { fields: [...fields.values()], rows };
}

function requestOf(
  { context, limits }: SourceLook,
  { stream, incremental, columns }: StreamSpec,
  rowsMax: number,
): OpenRequest {
  return {
    ...context,
    stream,
    partition: null,
    cursor: null,
    incremental,
    columns,
    range: null,
    limits: {
      batchRowsMax: Math.min(limits.batchRowsMax, rowsMax),
      batchBytesMax: limits.batchBytesMax,
      rowsMax,
    },
    sessionToken: null,
  };
}

async function rowsOf(
  look: SourceLook,
  reader: Reader,
  item: ReadItem,
  rowsMax: number,
): Promise<StreamRows> {
  if (item.kind === "records") return recordRows(item, rowsMax);
  try {
    return await scanRows(look, item, rowsMax);
  } catch (error) {
    look.context.signal.throwIfAborted();
    if (reader.recoverScan === undefined) throw error;
    return scanRows(look, await reader.recoverScan(item.scan, error), rowsMax);
  }
}

/** Rows that a run would put into quarantine are left out here too. */
async function scanRows(
  { duckDb }: SourceLook,
  { scan }: ScanItem,
  rowsMax: number,
): Promise<StreamRows> {
  const isLenient = scan.onBadRow === "quarantine";
  const badRows: BadRows = isLenient ? { values: "leave_out", records: "pass_over" } : failing;
  const relation = scanRelation(scan, badRows);
  const open = await duckDb();
  try {
    const found = await open.rows(`SELECT * FROM (${relation}) LIMIT ${rowsMax}`);
    const named = scan.fields.map(({ name }, place) => [name, fieldColumn(place)] as const);
    const rows = found.map((row) =>
      Object.fromEntries(named.map(([name, column]) => [name, row[column] ?? null])),
    );
    return { fields: scan.fields, rows };
  } catch (error) {
    const bad = isBadValue(error) ? await findBadValue(open, scan) : null;
    throw bad === null ? scanFault(error, scan) : badValueError(bad, error);
  }
}

function recordRows(
  { schema, batch }: Extract<ReadItem, { kind: "records" }>,
  rowsMax: number,
): StreamRows {
  const members = schema.fields.map((field, index) => {
    const column = batch.columns[index];
    if (column === undefined) throw new Error(`expected a column for the field ${field.name}`);
    return { field, text: jsonTextOf(column) };
  });
  const rows = Array.from({ length: Math.min(batch.rows, rowsMax) }, (_, row) =>
    Object.fromEntries(
      members.map(({ field, text }) => [field.name, valueOf(text(row), field.type)]),
    ),
  );
  return { fields: schema.fields, rows };
}

/** A value of its JSON text; inside of others a number that a double doesn't hold is text too. */
function valueOf(text: string, type: DataType): Json {
  if (text === "null") return null;
  if (type.kind === "decimal" || (type.kind === "int" && type.bits === 64)) return text;
  // What is parsed of JSON text, numbers kept as they were, is JSON.
  return JSON.parse(text, (_, value: unknown, at?: { readonly source?: string }) => {
    if (typeof value !== "number" || at?.source === undefined) return value;
    return String(value) === at.source || !isWhole(at.source) ? value : at.source;
  }) as Json;
}

function isWhole(source: string): boolean {
  return /^-?\d+$/u.test(source);
}
