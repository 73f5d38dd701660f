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
    isKeyed: false,
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
    const select = scan.fields.map(({ type }, place) => selected(fieldColumn(place), type));
    const found = await open.rows(
      `SELECT ${select.join(", ")} FROM (${relation}) LIMIT ${rowsMax}`,
    );
    const rows = found.map((row) =>
      Object.fromEntries(
        scan.fields.map(({ name, type }, place) => [
          name,
          asInQuery(row[fieldColumn(place)] ?? null, type),
        ]),
      ),
    );
    return { fields: scan.fields, rows };
  } catch (error) {
    const bad = isBadValue(error) ? await findBadValue(open, scan) : null;
    throw bad === null ? scanFault(error, scan) : badValueError(bad, error);
  }
}

function selected(column: string, { kind }: DataType): string {
  return kind === "binary" ? `to_base64(${column}) AS ${column}` : column;
}

const moment =
  /^(?<date>[+-]?\d{4,6}-\d\d-\d\d)[ T](?<time>\d\d:\d\d:\d\d)(?:\.(?<fraction>\d{1,6}))?/u;

/** Moments as `hakiri query` spells them; all else is spelled so already. */
function asInQuery(value: Json, type: DataType): Json {
  if (typeof value !== "string" || type.kind !== "timestamp") return value;
  const { date, time, fraction = "" } = moment.exec(value)?.groups ?? {};
  if (date === undefined || time === undefined) return value;
  return `${date}T${time}.${fraction.padEnd(6, "0")}${type.zoned ? "Z" : ""}`;
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
  const value = JSON.parse(text, (_, found: unknown, at?: { readonly source?: string }) => {
    if (typeof found !== "number" || at?.source === undefined) return found;
    return String(found) === at.source || !isWhole(at.source) ? found : at.source;
  }) as Json;
  const isBytes = type.kind === "binary" && typeof value === "string";
  return isBytes ? Buffer.from(value, "hex").toString("base64") : asInQuery(value, type);
}

function isWhole(source: string): boolean {
  return /^-?\d+$/u.test(source);
}
