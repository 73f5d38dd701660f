/** Reads tables and queries from a real server: by COPY as hakiri does, and as it prints them. */
import { Client, type Connection, type Submittable } from "pg";
import type { RecordBatch } from "../../../../src/connector.ts";
import { CopyDecoder, type CopyLimits } from "../../../../connectors/postgres/copy/copy-decoder.ts";
import {
  columnPlan,
  type ColumnPlan,
  type PgColumn,
} from "../../../../connectors/postgres/types/column-plan.ts";
import { readTypes, typesQuery } from "../../../../connectors/postgres/types/pg-type.ts";
import type { TypeSettings } from "../../../../connectors/postgres/types/type-settings.ts";
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

/** A session with the settings that every read has. */
export async function openSession(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`SET IntervalStyle=postgres; SET DateStyle=ISO; SET TimeZone='UTC';
    SET extra_float_digits=1; SET bytea_output=hex; SET client_encoding='UTF8'`);
  return client;
}

/** Reads it whole. */
export async function readBoth(
  client: Client,
  what: Readable,
  settings: Partial<TypeSettings> = {},
): Promise<ReadResult> {
  const plans = await plansOf(client, what, { ...defaults, ...settings });
  const batches = decodeAll(plans, await copyPieces(client, copyOf(what, plans)));
  const found = batches.flatMap((batch) =>
    Array.from({ length: batch.rows }, (_, row) =>
      batch.columns.map((column) => printValue(column, row)),
    ),
  );
  return { plans, batches, found, printed: await textRows(client, selectOf(what, ["*"])) };
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
  client: Client,
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
  client: Client,
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
  client: Client,
  { query }: { readonly query: string },
): Promise<readonly PgColumn[]> {
  const { fields } = await client.query(`SELECT * FROM (${query}) AS q LIMIT 0`);
  return fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
    name,
    typeOid: dataTypeID,
    typmod: dataTypeModifier,
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

/** The rows of a query, each value as the server prints it. */
async function textRows(
  client: Client,
  text: string,
): Promise<readonly (readonly (string | null)[])[]> {
  const types = { getTypeParser: () => (value: unknown) => value };
  const { rows: found } = await client.query<(string | null)[]>({ text, rowMode: "array", types });
  return found;
}

/** The payloads of the messages of a COPY. */
export async function copyPieces(client: Client, sql: string): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // What node-postgres calls of a query; it has no COPY of its own.
  const copy: Submittable & Record<string, unknown> = {
    submit: (connection: Connection) => connection.query(sql),
    handleCopyData: ({ chunk }: { readonly chunk: Uint8Array }) =>
      pieces.push(new Uint8Array(chunk)),
    handleCommandComplete: () => undefined,
    handleReadyForQuery: () => resolve(),
    handleError: (error: Error) => reject(error),
  };
  client.query(copy);
  await promise;
  return pieces;
}
