/**
 * The conditions of an incremental read: from the watermark, or a lag before it, up to where
 * nothing can be committed any more.
 *
 *   B1. The upper bound is the snapshot that the read sees, and below that where rows may still be
 *       on their way: `hold_back`, and a value that more rows share than can be remembered.
 *   B2. Rows without a value are never behind a watermark: `null_cursor` says what becomes of them.
 *       A timestamp of infinity is such a value, since nothing could be above it.
 */
import {
  boundaryKeysMax,
  HakiriError,
  quoteIdentifier,
  quoteText,
  usageError,
  type DataType,
  type OpenRequest,
  type StoredCursor,
} from "../../../src/connector.ts";
import type { Relation } from "../discover/find-relations.ts";
import { unknownStart } from "../shared-snapshot.ts";
import type { PgConnection } from "../wire/connection.ts";
import { comparableOf, serverText } from "./cursor-values.ts";
import { knownSince } from "./known-since.ts";
import type { Lag } from "./lag.ts";

/** What is asked of a read by a cursor column. */
export interface BoundsRequest {
  readonly relation: Relation;
  readonly column: string;
  readonly type: DataType;
  readonly isNullable: boolean;
  readonly lag: Lag;
  readonly nullCursor: "include" | "exclude" | "error";
  /** When the oldest transaction began that ran before the snapshot; null for no such bound. */
  readonly heldBackAt: string | null;
  readonly request: Pick<
    OpenRequest,
    "cursor" | "range" | "isKeyed" | "stream" | "signal" | "notice"
  >;
}

/** Which rows a read wants. */
export interface Bounds {
  /** Conditions that all hold. */
  readonly where: readonly string[];
  /** Whether rows are among them that only this read wants: a later one goes on without them. */
  readonly hasOnce: boolean;
}

/** Answers the conditions. Throws what B2's check finds, and for values that aren't the type's. */
export async function incrementalBounds(
  connection: PgConnection,
  bounds: BoundsRequest,
): Promise<Bounds> {
  const { column, type, request, heldBackAt } = bounds;
  const name = quoteIdentifier(column);
  const above = [...fromCursor(bounds, name), ...fromRange(bounds, name)];
  const held = heldBackAt === null ? [] : [`${name} < ${momentSql(heldBackAt, type)}`];
  if (heldBackAt === unknownStart) {
    request.notice?.(
      `${request.stream}: nothing is read while there is a prepared transaction, since the server ` +
        "doesn't tell when it began (late_commits = hold_back; see pg_prepared_xacts)",
    );
  }
  const finite = hasInfinity(type) ? [`${name} < 'infinity'`] : [];
  const known = [...above, ...held, ...finite];
  const within = [...known, ...(await crowdedValue(connection, bounds, known))];
  const open = [
    ...(bounds.isNullable ? [`${name} IS NULL`] : []),
    ...(hasInfinity(type) ? [`${name} = 'infinity'`] : []),
  ];
  if (open.length === 0 || request.range !== null || bounds.nullCursor === "exclude")
    return { where: within, hasOnce: false };
  if (bounds.nullCursor === "error") {
    await checkNone(connection, bounds, open);
    return { where: within, hasOnce: false };
  }
  // Rows that nothing tells apart from delivered ones are read once, or where a key does.
  const isWanted = request.cursor === null || request.isKeyed;
  if (!isWanted) return { where: within, hasOnce: false };
  const all = within.length === 0 ? "true" : within.join(" AND ");
  return { where: [`((${all}) OR ${open.join(" OR ")})`], hasOnce: !request.isKeyed };
}

function fromCursor(
  { type, lag, request, column }: BoundsRequest,
  name: string,
): readonly string[] {
  const { cursor } = request;
  const value = cursor?.stored.value ?? null;
  if (cursor === null || value === null) return [];
  if (cursor.stored.column !== column) throw otherColumn(cursor.stored, column);
  if (comparableOf(type, value) === null) {
    throw new HakiriError({
      kind: "SchemaIncompatible",
      code: "cursor.other_type",
      message:
        `expected the cursor of stream '${request.stream}' to be a value of column '${column}', ` +
        `got '${value.slice(0, 100)}'`,
      hint:
        "set it to such a value: hakiri state set PIPELINE STREAM --value VALUE; if the column's " +
        "type has changed, read the stream anew: hakiri state rewind PIPELINE --stream STREAM",
    });
  }
  const literal = valueSql(value, type);
  const edges = [behind(literal, lag)];
  const since = request.isKeyed ? null : knownSince(cursor, type, column);
  // Of two, since the server tells which is the later one as it does all else.
  if (since !== null && lag.sql !== null)
    edges.push(behind(valueSql(since.value, type), since.lag));
  return edges.map((edge) => `${name} >= ${edge}`);
}

function behind(literal: string, { sql }: Lag): string {
  return sql === null ? literal : `(${literal} - ${sql})`;
}

/** A value of one column says nothing of another, which may have smaller ones in new rows. */
function otherColumn({ stream, column }: StoredCursor, wanted: string): HakiriError {
  return new HakiriError({
    kind: "SchemaIncompatible",
    code: "cursor.other_column",
    message:
      `expected the cursor of stream '${stream}' to be of column '${wanted}', ` +
      `got one of '${column ?? ""}'`,
    hint:
      `to read it anew: hakiri state rewind PIPELINE --stream ${stream}; ` +
      `or read it by '${column ?? ""}' as before`,
  });
}

function fromRange({ type, request, column }: BoundsRequest, name: string): readonly string[] {
  const { from = null, to = null } = request.range ?? {};
  const sides = [
    { text: from, operator: ">=", option: "--from" },
    { text: to, operator: "<", option: "--to" },
  ];
  return sides.flatMap(({ text, operator, option }) => {
    if (text === null) return [];
    if (comparableOf(type, text) === null) {
      throw usageError(
        "invalid_range",
        `expected a value of column '${column}' for ${option}, got '${text.slice(0, 100)}'`,
        type.kind === "timestamp" ? "write it as 2026-01-31 or 2026-01-31T10:00:00" : "check it",
      );
    }
    return [`${name} ${operator} ${valueSql(text, type)}`];
  });
}

/** A value as SQL of the column's own type, so that its index serves. */
function valueSql(text: string, type: DataType): string {
  switch (type.kind) {
    case "int":
      return `${quoteText(text)}::pg_catalog.int8`;
    case "decimal":
      return `${quoteText(text)}::pg_catalog.numeric`;
    case "date":
      return `${quoteText(serverText(text))}::pg_catalog.date`;
    case "timestamp":
      return `${quoteText(serverText(text))}::pg_catalog.timestamp${type.zoned ? "tz" : ""}`;
    default:
      return quoteText(text);
  }
}

function momentSql(text: string, type: DataType): string {
  const moment = `${quoteText(text)}::pg_catalog.timestamptz`;
  const isZoned = type.kind === "timestamp" && type.zoned;
  return isZoned ? moment : `(${moment} AT TIME ZONE 'UTC')`;
}

function hasInfinity({ kind }: DataType): boolean {
  return kind === "date" || kind === "timestamp";
}

/** B1: what can't be remembered waits until a larger value appears. */
async function crowdedValue(
  connection: PgConnection,
  { relation, column, request }: BoundsRequest,
  within: readonly string[],
): Promise<readonly string[]> {
  if (request.isKeyed || request.range !== null) return [];
  const name = quoteIdentifier(column);
  const where = [`${name} IS NOT NULL`, ...within].join(" AND ");
  const edge = `SELECT ${name} AS v FROM ${relation.from} WHERE ${where} ORDER BY 1 DESC`;
  const { rows } = await connection.query(
    `SELECT a.v::text FROM (${edge} LIMIT 1) AS a, ` +
      `(${edge} OFFSET ${boundaryKeysMax} LIMIT 1) AS b WHERE a.v = b.v`,
    request.signal,
  );
  const value = rows[0]?.[0] ?? null;
  if (value === null) return [];
  request.notice?.(
    `${request.stream}: more than ${boundaryKeysMax} rows have ${column} = '${value}', the largest ` +
      "value; they are read once there is a larger one",
  );
  return [`${name} < ${quoteText(value)}`];
}

/** B2. */
async function checkNone(
  connection: PgConnection,
  { relation, column, request }: BoundsRequest,
  open: readonly string[],
): Promise<void> {
  const { rows } = await connection.query(
    `SELECT EXISTS (SELECT 1 FROM ${relation.from} WHERE ${open.join(" OR ")})`,
    request.signal,
  );
  if (rows[0]?.[0] !== "t") return;
  throw new HakiriError({
    kind: "SchemaIncompatible",
    code: "cursor.null_value",
    message:
      `expected a value in column '${column}' of every row of stream '${request.stream}', ` +
      "got rows with NULL or infinity, which no watermark passes",
    hint:
      "--set null_cursor=include reads them with the first run and with every merge, " +
      "--set null_cursor=exclude leaves them out",
  });
}
