/** Reads tables and queries from a real server: by COPY as hakiri does, and as it prints them. */
import type { RecordBatch } from "../../../../src/connector.ts";
import { CopyDecoder, type CopyLimits } from "../../../../connectors/postgres/copy/copy-decoder.ts";
import {
  columnPlan,
  type ColumnPlan,
  type PgColumn,
} from "../../../../connectors/postgres/types/column-plan.ts";
import { readTypes, typesQuery } from "../../../../connectors/postgres/types/pg-type.ts";
import type { TypeSettings } from "../../../../connectors/postgres/types/type-settings.ts";
import { connectPostgres } from "../../../../connectors/postgres/wire/connect-postgres.ts";
import type { PgConnection } from "../../../../connectors/postgres/wire/connection.ts";
import { optionsFor } from "../wire/connect-to.ts";
import { KeepingSink } from "../wire/counting-sink.ts";
import { printValue } from "./print-value.ts";

/** A relation by its quoted name, or a query. */
export type Readable = { readonly relation: string } | { readonly query: string };

/** What was read, in both ways. */
export interface ReadResult {
  readonly plans: readonly ColumnPlan[];
  readonly batches: readonly RecordBatch[];
  /** The batches' values, printed as the server would. */
  readonly found: readonly (readonly (string | null)[])[];
  /** What the server printed. */
  readonly printed: readonly (readonly (string | null)[])[];
}

const defaults: TypeSettings = { numeric: "auto", arrays: "list" };
const defaultLimits: CopyLimits = { rowsMax: 65_536, bytesMax: 8 * 2 ** 20 };

/** What every session of a read is set to. */
const session = {
  IntervalStyle: "postgres",
  DateStyle: "ISO",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
};
const signal = new AbortController().signal;

/** A session with the settings that every read has. */
export function openSession(
  server: { readonly port: number },
  database = "postgres",
): Promise<PgConnection> {
  return connectPostgres(optionsFor(server, { session, endpoint: { database } }), signal);
}

/** Reads it whole. */
export async function readBoth(
  client: PgConnection,
  what: Readable,
  settings: Partial<TypeSettings> = {},
): Promise<ReadResult> {
  const plans = await plansOf(client, what, { ...defaults, ...settings });
  const batches = await copyAll(client, copyOf(what, plans), plans);
  const found = batches.flatMap((batch) =>
    Array.from({ length: batch.rows }, (_, row) =>
      batch.columns.map((column) => printValue(column, row)),
    ),
  );
  return { plans, batches, found, printed: await textRows(client, selectOf(what, ["*"])) };
}

async function copyAll(
  client: PgConnection,
  sql: string,
  plans: readonly ColumnPlan[],
): Promise<readonly RecordBatch[]> {
  const decoder = new CopyDecoder(plans, defaultLimits);
  const copy = client.copyOut(sql, decoder);
  const batches: RecordBatch[] = [];
  for (let end = await copy.pump(signal); ; end = await copy.pump(signal)) {
    for (let batch = decoder.take(); batch !== null; batch = decoder.take()) batches.push(batch);
    if (end === "end") break;
  }
  const last = decoder.end();
  return last === null ? batches : [...batches, last];
}

/** The batches of a COPY that came in these pieces. */
export function decodeAll(
  plans: readonly ColumnPlan[],
  pieces: readonly Uint8Array[],
  limits = defaultLimits,
): readonly RecordBatch[] {
  const decoder = new CopyDecoder(plans, limits);
  const batches: RecordBatch[] = [];
  for (const piece of pieces) {
    decoder.push(piece, 0, piece.byteLength);
    for (let batch = decoder.take(); batch !== null; batch = decoder.take()) batches.push(batch);
  }
  const last = decoder.end();
  return last === null ? batches : [...batches, last];
}

/** The statement that copies these columns. */
export function copyOf(what: Readable, plans: readonly ColumnPlan[]): string {
  const columns = plans.map(({ name, select }) => select(quoted(name)));
  return `COPY (${selectOf(what, columns)}) TO STDOUT (FORMAT binary)`;
}

/** The plans of all columns. */
export async function plansOf(
  client: PgConnection,
  what: Readable,
  settings: TypeSettings = defaults,
): Promise<readonly ColumnPlan[]> {
  const columns =
    "relation" in what ? await relationColumns(client, what) : await queryColumns(client, what);
  const oids = columns.map(({ typeOid }) => typeOid);
  const types = readTypes(await textRows(client, typesQuery(oids)));
  return columns.map((column) => columnPlan(column, types, settings));
}

async function relationColumns(
  client: PgConnection,
  { relation }: { readonly relation: string },
): Promise<readonly PgColumn[]> {
  const found = await textRows(
    client,
    `SELECT attname, atttypid, atttypmod, attndims, attnotnull FROM pg_attribute
     WHERE attrelid = '${relation}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
  );
  return found.map(([name, oid, typmod, dimensions, notNull]) => ({
    name: name ?? "",
    typeOid: Number(oid),
    typmod: Number(typmod),
    dimensions: Number(dimensions),
    nullable: notNull !== "t",
  }));
}

async function queryColumns(
  client: PgConnection,
  { query }: { readonly query: string },
): Promise<readonly PgColumn[]> {
  const { fields } = await client.query(`SELECT * FROM (${query}) AS q LIMIT 0`);
  return fields.map(({ name, typeOid, typmod }) => ({
    name,
    typeOid,
    typmod,
    dimensions: 0,
    nullable: true,
  }));
}

function selectOf(what: Readable, columns: readonly string[]): string {
  const from = "relation" in what ? what.relation : `(${what.query}) AS q`;
  return `SELECT ${columns.join(", ")} FROM ${from}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

async function textRows(
  client: PgConnection,
  sql: string,
): Promise<readonly (readonly (string | null)[])[]> {
  return (await client.query(sql)).rows;
}

/** The bytes of a COPY as they are. */
export async function copyBytes(client: PgConnection, sql: string): Promise<Buffer> {
  const sink = new KeepingSink();
  await client.copyOut(sql, sink).pump(signal);
  return sink.bytes();
}
