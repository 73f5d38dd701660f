/** What a read of a stream selects: columns, their order, and the cursors that come with them. */
import {
  boundaryKeysMax,
  HakiriError,
  nearest,
  typeName,
  usageError,
  type OpenRequest,
  type Partition,
  type ReadCursor,
  type StoredCursor,
  type StreamSchema,
} from "../../../src/connector.ts";
import type { Relation } from "../discover/find-relations.ts";
import type { SharedState } from "../shared-snapshot.ts";
import type { ColumnPlan } from "../types/column-plan.ts";
import type { PgConnection } from "../wire/connection.ts";
import { withColumns, type CopyRead } from "./copy-reader.ts";
import { rangeConditions } from "./ctid-ranges.ts";
import { DeliveredRows } from "./delivered-rows.ts";
import { checkCollation } from "./check-collation.ts";
import { incrementalBounds } from "./incremental-bounds.ts";
import { parseLag } from "./lag.ts";
import { copySql } from "./select-sql.ts";

/** What the settings say about incremental reads. */
export interface IncrementalSettings {
  /** As `parseLag` reads it. */
  readonly lag: string;
  readonly nullCursor: "include" | "exclude" | "error";
  readonly lateCommits: "lag" | "hold_back";
}

/** A full read. */
export function planFullRead(
  relation: Relation,
  request: OpenRequest,
  shared: SharedState | null,
): CopyRead {
  const columns = chosenColumns(relation, request);
  // Of a snapshot that others share, all that was read of it goes when it is lost.
  const resume = shared === null ? "none" : "same_read";
  const stored = storedCursor(request.stream, null);
  return {
    sql: copySql({
      relation,
      columns,
      where: conditionsOf(request.partition),
      orderBy: null,
      rowsMax: request.limits.rowsMax,
    }),
    columns,
    schema: schemaOf(relation, columns),
    deliver: (batch) => batch,
    cursor: () => ({ resume, stored, boundaryLines: null }),
    lastCursor: () => null,
  };
}

function conditionsOf(partition: Partition | null): readonly string[] {
  return partition === null ? [] : rangeConditions(partition);
}

/**
 * A read from a cursor, by a column. In the order of the column where an index has it, so that it
 * can be gone on from in the middle; else in any order, and its watermark is told at the end.
 */
export async function planIncrementalRead(
  connection: PgConnection,
  relation: Relation,
  request: OpenRequest,
  options: IncrementalSettings & { readonly heldBackAt: string | null },
): Promise<CopyRead> {
  const { incremental: column, cursor: start, stream } = request;
  if (column === null) throw new Error("expected a column of an incremental read");
  const delivered = chosenColumns(relation, request);
  const ordering = orderingColumn(relation, column);
  const { type, nullable } = ordering.field;
  if (options.heldBackAt !== null) checkHoldsBack(ordering, stream);
  if (type.kind === "text") await checkCollation(connection, relation, ordering, request);
  const lag = parseLag(options.lag, type, column);
  const { where, hasOnce } = await incrementalBounds(connection, {
    relation,
    column,
    type,
    isNullable: nullable,
    lag,
    nullCursor: options.nullCursor,
    heldBackAt: options.heldBackAt,
    request,
  });
  // Where rows of one key are one row, it comes again if anything of it is another.
  const key = request.isKeyed ? [] : keyColumns(relation);
  const columns = [...new Set([...delivered, ordering, ...key])];
  const isOrdered = type.kind === "text" || (start !== null && relation.indexed.includes(column));
  const rows = new DeliveredRows({
    fields: columns.map(({ field }) => field),
    column: columns.indexOf(ordering),
    key: key.map((plan) => columns.indexOf(plan)),
    lag,
    isKeyed: request.isKeyed,
    isOrdered,
    start,
  });
  const places = delivered.map((plan) => columns.indexOf(plan));
  const valueType = typeName(type);
  const cursorAt = (resume: ReadCursor["resume"]): ReadCursor | null =>
    cursorOf(rows, { request, column, valueType, resume });
  return {
    sql: copySql({
      relation,
      columns,
      where,
      orderBy: isOrdered ? column : null,
      rowsMax: request.limits.rowsMax,
    }),
    columns,
    schema: schemaOf(relation, delivered),
    deliver: (batch) => withColumns(rows.take(batch), places),
    cursor: () =>
      (isOrdered && !hasOnce && !rows.isOverfull ? cursorAt("any") : null) ?? {
        resume: "none",
        stored: storedCursor(stream, column),
        boundaryLines: null,
      },
    lastCursor: () => {
      if (rows.isOverfull && !request.isKeyed) throw tooManyAtEdge(stream, column);
      return cursorAt("any");
    },
  };
}

/** What isn't remembered would come twice, and nothing says which of the two is to go. */
function tooManyAtEdge(stream: string, column: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "cursor.too_many_at_edge",
    message:
      `expected at most ${boundaryKeysMax} rows of stream '${stream}' within the lag of its ` +
      `newest '${column}', got more`,
    hint: "merge by a primary key (--mode merge), or set a smaller source.lag",
  });
}

interface CursorRequest {
  readonly request: OpenRequest;
  readonly column: string;
  readonly valueType: string;
  readonly resume: ReadCursor["resume"];
}

/** Null before there was any value. */
function cursorOf(
  rows: DeliveredRows,
  { request, column, valueType, resume }: CursorRequest,
): ReadCursor | null {
  const { watermark } = rows;
  const { cursor: start, stream } = request;
  if (watermark === null) {
    return start === null ? null : { resume, stored: start.stored, boundaryLines: null };
  }
  const lines = watermark.lines ?? [];
  const isAsBefore =
    start !== null &&
    start.stored.value === watermark.text &&
    start.stored.type === valueType &&
    start.stored.column === column &&
    start.boundaryLines.join("\n") === lines.join("\n");
  if (isAsBefore) return { resume, stored: start.stored, boundaryLines: null };
  return {
    resume,
    stored: { ...storedCursor(stream, column), type: valueType, value: watermark.text },
    boundaryLines: lines,
  };
}

function storedCursor(stream: string, column: string | null): StoredCursor {
  return {
    version: 1,
    connector: "postgres",
    stream,
    column,
    type: null,
    value: null,
    boundary: null,
  };
}

/** In the relation's order. */
function chosenColumns(relation: Relation, { columns }: OpenRequest): readonly ColumnPlan[] {
  if (columns === null) return relation.columns;
  const wanted = new Set(columns);
  return relation.columns.filter(({ name }) => wanted.has(name));
}

function orderingColumn(relation: Relation, column: string): ColumnPlan {
  const { cursorColumns, stream } = relation.description;
  const found = relation.columns.find(({ name }) => name === column);
  if (found !== undefined && cursorColumns.includes(column)) return found;
  throw noCursorColumn(stream, column, { found, cursorColumns });
}

/** Of other columns nobody can tell which values a running transaction may still commit. */
function checkHoldsBack({ name, field, typeName: serverType }: ColumnPlan, stream: string): void {
  if (field.type.kind === "timestamp") return;
  throw usageError(
    "no_hold_back",
    `expected a column of timestamps for late_commits = hold_back in stream '${stream}', ` +
      `got '${name}', which is ${serverType}`,
    "use late_commits = lag with a lag, or another column",
  );
}

function noCursorColumn(
  stream: string,
  column: string,
  known: {
    readonly found: ColumnPlan | undefined;
    readonly cursorColumns: readonly string[];
  },
): HakiriError {
  const { found, cursorColumns } = known;
  const near = found === undefined ? nearest(column, cursorColumns) : null;
  return usageError(
    "no_cursor_column",
    `expected a column of numbers, dates, timestamps, uuids or text to order stream '${stream}' ` +
      `by, got '${column}'${found === undefined ? "" : `, which is ${found.typeName}`}`,
    near === null
      ? `columns that do: ${cursorColumns.slice(0, 20).join(", ") || "none"}`
      : `did you mean '${near}'?`,
  );
}

/** Of the table's own key, whatever the pipeline calls one: it is what the server keeps unique. */
function keyColumns(relation: Relation): readonly ColumnPlan[] {
  const { primaryKey } = relation.description.schema;
  return primaryKey.flatMap((name) => relation.columns.find((plan) => plan.name === name) ?? []);
}

function schemaOf(relation: Relation, columns: readonly ColumnPlan[]): StreamSchema {
  const fields = columns.map(({ field }) => field);
  const names = new Set(fields.map(({ name }) => name));
  const { primaryKey } = relation.description.schema;
  return { fields, primaryKey: primaryKey.every((name) => names.has(name)) ? primaryKey : [] };
}
