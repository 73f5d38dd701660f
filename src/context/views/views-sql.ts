/**
 * The text of `views.sql`: every table of a snapshot as a view of DuckDB's (docs/format/views.md).
 * It is made of blocks, one a table, so that a commit rewrites only the tables that it changed.
 */
import { crc32c } from "../../core/crc32c.ts";
import { quoteIdentifier, quoteText } from "../../core/identifier.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { TableState } from "../../core/snapshot.ts";
import { tableRelation } from "./table-relation.ts";

/** A table with every version of its schema that its files name. */
export interface ViewedTable {
  readonly table: TableState;
  readonly schemas: readonly TableSchema[];
}

/** A table's part of the file. */
export interface ViewBlock {
  readonly tableId: string;
  /** The newest sequence that changed the table when the block was written. */
  readonly sequence: number;
  /** Statements, each ended by a semicolon and a line end. */
  readonly statements: string;
}

/** What a file says. */
export interface ViewsFile {
  /** Of the snapshot that it shows. */
  readonly sequence: number;
  readonly blocks: readonly ViewBlock[];
}

/** The version of the file's format. A file of another one is written anew. */
const formatVersion = 1;

/** The statements that make a table's view and its namespace; `root` as for `tableRelation`. */
export function viewStatements({ table, schemas }: ViewedTable, root: string): string {
  const namespace = quoteIdentifier(table.namespace);
  return (
    `CREATE SCHEMA IF NOT EXISTS ${namespace};\n` +
    `CREATE OR REPLACE VIEW ${namespace}.${quoteIdentifier(table.name)} AS\n` +
    `${tableRelation({ table, schemas, root })};\n`
  );
}

/**
 * The whole text. Its paths begin with `.hakiri/`, so the first statement checks that DuckDB was
 * started in the folder above.
 */
export function formatViews({ sequence, blocks }: ViewsFile): string {
  const where = quoteText(
    "expected DuckDB to be started in the folder that contains .hakiri: " +
      "cd there and type: duckdb -init .hakiri/views.sql",
  );
  const head =
    `-- hakiri views, format ${formatVersion}, sequence ${sequence}\n` +
    `SET VARIABLE hakiri = (SELECT CASE WHEN count(*) = 0 THEN error(${where}) END\n` +
    "FROM glob('.hakiri/empty.parquet'));\n";
  const body = head + blocks.map(formatBlock).join("");
  return `${body}-- end, crc32c ${checksum(body)}\n`;
}

function formatBlock({ tableId, sequence, statements }: ViewBlock): string {
  const { length } = statements;
  return `-- table ${tableId}, sequence ${sequence}, characters ${length}\n${statements}`;
}

function checksum(text: string): string {
  return crc32c(new TextEncoder().encode(text)).toString(16).padStart(8, "0");
}

const headLine = /^-- hakiri views, format (?<format>\d+), sequence (?<sequence>\d+)\n/u;
const endLine = /^-- end, crc32c (?<crc>[0-9a-f]{8})\n$/u;
const endLength = "-- end, crc32c 00000000\n".length;
const blockMark = "-- table ";
const blockLine =
  /-- table (?<table>[0-9a-z]{26}), sequence (?<sequence>\d+), characters (?<length>\d+)\n/uy;

/**
 * What a text of `formatViews` says; null where it is none of this format, or was changed since.
 * Blocks are told apart by their lengths: a name within a statement may look like the first line of
 * another block.
 */
export function parseViews(text: string): ViewsFile | null {
  const head = headLine.exec(text)?.groups;
  if (head === undefined || Number(head["format"]) !== formatVersion) return null;
  const body = text.slice(0, -endLength);
  const crc = endLine.exec(text.slice(-endLength))?.groups?.["crc"];
  if (crc !== checksum(body)) return null;
  const blocks = parseBlocks(body);
  return blocks === null ? null : { sequence: Number(head["sequence"]), blocks };
}

function parseBlocks(body: string): readonly ViewBlock[] | null {
  const blocks: ViewBlock[] = [];
  const first = body.indexOf(blockMark);
  let at = first === -1 ? body.length : first;
  while (at < body.length) {
    blockLine.lastIndex = at;
    const groups = blockLine.exec(body)?.groups;
    if (groups === undefined) return null;
    const start = blockLine.lastIndex;
    at = start + Number(groups["length"]);
    blocks.push({
      tableId: groups["table"] ?? "",
      sequence: Number(groups["sequence"]),
      statements: body.slice(start, at),
    });
  }
  return blocks;
}
