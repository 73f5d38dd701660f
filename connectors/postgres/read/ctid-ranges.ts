/**
 * Splits a table by the pages of its file, of which a scan by `ctid` reads one range (TID range
 * scans, since PostgreSQL 14). Only the rows of one snapshot stay where they are.
 *
 *   C1. The last range is open: pages that are added after the split hold no row of the snapshot,
 *       and none that is of it is missed.
 */
import { quoteText, type Partition } from "../../../src/connector.ts";
import type { Relation } from "../discover/find-relations.ts";
import type { PgConnection } from "../wire/connection.ts";

/** The first version that reads a range of pages without reading the others. */
const rangeScansSince = 140_000;

/** A table smaller than this is read whole. */
const splitBytesMin = 256 * 1024 * 1024;

/** Most ranges that `auto` makes. */
const autoRangesMax = 4;

/** What decides about a split. */
export interface SplitRequest {
  readonly relation: Relation;
  readonly split: "auto" | number;
  /** Of this machine. */
  readonly cores: number;
  readonly signal: AbortSignal;
}

/** How many ranges a large table is read in, from 1. */
export function rangesWanted(split: SplitRequest["split"], cores: number): number {
  return split === "auto" ? Math.max(1, Math.min(autoRangesMax, Math.floor(cores / 2))) : split;
}

/** The ranges of a table; none where it is read whole. */
export async function ctidRanges(
  connection: PgConnection,
  { relation, split, cores, signal }: SplitRequest,
): Promise<readonly Partition[]> {
  const wanted = rangesWanted(split, cores);
  if (wanted < 2 || relation.kind !== "table") return [];
  const { rows } = await connection.query(
    "SELECT pg_catalog.current_setting('server_version_num'), " +
      "pg_catalog.current_setting('block_size'), " +
      `pg_catalog.pg_relation_size(${quoteText(relation.from)}::pg_catalog.regclass)`,
    signal,
  );
  const [version = 0, blockBytes = 8192, sizeBytes = 0] = (rows[0] ?? []).map(Number);
  if (version < rangeScansSince) return [];
  if (split === "auto" && sizeBytes < splitBytesMin) return [];
  const pages = Math.ceil(sizeBytes / blockBytes);
  const step = Math.max(1, Math.ceil(pages / wanted));
  const starts = Array.from({ length: Math.ceil(pages / step) }, (_, index) => index * step);
  if (starts.length < 2) return [];
  return starts.map((from, index) => {
    const to = starts[index + 1];
    // C1.
    return to === undefined
      ? { id: `page-${from}`, token: `${from}` }
      : { id: `page-${from}-${to}`, token: `${from} ${to}` };
  });
}

/** The conditions of a range. */
export function rangeConditions({ token }: Partition): readonly string[] {
  const [from, to] = token.split(" ");
  const above = `ctid >= '(${Number(from)},0)'`;
  return to === undefined ? [above] : [above, `ctid < '(${Number(to)},0)'`];
}
