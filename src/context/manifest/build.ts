/**
 * Makes a run's manifest of its journal: everything that its commit makes true.
 *
 *   Owns:    which tables change and how, and which cursors move.
 *   Doesn't: compute position deletes; who does passes their files in.
 *
 * B1. A run is whole or not committed: every partition that began has its end, with every batch.
 * B2. A cursor comes from the end of its partition only. A stream that ended leaves no cursor
 *     behind that it didn't renew.
 * B3. A table's entries stand in the order of its schema's versions, one for each new version, so
 *     that every version a file was written under is known.
 */
import type { JournalEntry } from "../../core/journal.ts";
import type { Disposition } from "../../core/pipeline.ts";
import type { TableSchema } from "../../core/schema.ts";
import type { CursorEntry, Manifest, TableChange, TableFile } from "../../core/snapshot.ts";

/** A table that the run may have changed, the quarantine tables of its streams included. */
export interface ManifestTable {
  readonly tableId: string;
  readonly namespace: string;
  readonly name: string;
  /** Set where the run makes the table. */
  readonly created: TableChange["created"];
  /** Of the snapshot that the run started from; 0 where it makes the table. */
  readonly baseSchemaVersion: number;
  /** Position deletes that were computed against the base sequence. */
  readonly deletes: readonly TableFile[];
  /** Ids of files that the run takes out whole. */
  readonly removed: readonly number[];
}

/** What a manifest is made of. */
export interface ManifestInput {
  readonly run: Omit<Manifest, "kind" | "tables" | "cursors">;
  /** The journal's lines, adopted ones included; a header is passed over. */
  readonly entries: readonly JournalEntry[];
  /** At least every table of the journal's lines. */
  readonly tables: readonly ManifestTable[];
  /** `move` sets the streams' cursors; `leave` is for a run that was limited by hand. */
  readonly cursors:
    | { readonly kind: "move"; readonly before: readonly PartitionName[] }
    | { readonly kind: "leave" };
}

/** A partition of a stream by its names. */
export interface PartitionName {
  readonly stream: string;
  readonly partition: string;
}

type Begin = Extract<JournalEntry, { kind: "stream_begin" }>;
type End = Extract<JournalEntry, { kind: "stream_end" }>;
type Batch = Extract<JournalEntry, { kind: "batch" }>;

/**
 * The manifest of a run that ended. Its kind is `cursor` where no table changes. Throws a plain
 * Error for a journal that isn't whole or a table that isn't passed in: defects of the runner.
 */
export function buildManifest(input: ManifestInput): Manifest {
  const streams = endedStreams(input.entries);
  const tables = input.tables.flatMap((table) => changesOf(table, input.entries, streams));
  for (const tableId of tableIdsOf(input.entries)) {
    if (!input.tables.some((table) => table.tableId === tableId)) {
      throw new Error(`the table ${tableId} of the journal has no name`);
    }
  }
  const cursors = input.cursors.kind === "leave" ? [] : cursorsOf(streams, input.cursors.before);
  return { ...input.run, kind: tables.length === 0 ? "cursor" : "run", tables, cursors };
}

interface EndedStream {
  readonly begin: Begin;
  readonly end: End;
}

/** B1. */
function endedStreams(entries: readonly JournalEntry[]): readonly EndedStream[] {
  const ends = entries.filter((entry) => entry.kind === "stream_end");
  const batches = entries.filter((entry) => entry.kind === "batch");
  return entries
    .filter((entry) => entry.kind === "stream_begin")
    .map((begin) => {
      const end = ends.find((entry) => isSame(entry, begin));
      const found = batches.filter((entry) => isSame(entry, begin)).length;
      if (end?.batches === found) return { begin, end };
      const place = `'${begin.stream}' '${begin.partition}'`;
      throw new Error(`the partition ${place} has ${found} batches and hasn't ended with as many`);
    });
}

function isSame(a: PartitionName, b: PartitionName): boolean {
  return a.stream === b.stream && a.partition === b.partition;
}

function tableIdsOf(entries: readonly JournalEntry[]): ReadonlySet<string> {
  return new Set(
    entries.flatMap((entry) => {
      if (entry.kind === "schema" || entry.kind === "stream_begin") return [entry.tableId];
      return [];
    }),
  );
}

function changesOf(
  table: ManifestTable,
  entries: readonly JournalEntry[],
  streams: readonly EndedStream[],
): readonly TableChange[] {
  const disposition = dispositionOf(table.tableId, streams);
  const removed = disposition === "replace" ? "all" : table.removed;
  const added = [...filesOf(table.tableId, entries), ...table.deletes];
  const schemas = newSchemas(table, entries);
  const { tableId, namespace, name } = table;
  const last = schemas.at(-1)?.version ?? table.baseSchemaVersion;
  const same = { tableId, namespace, name, disposition };
  const changes = schemas.map((schema, index): TableChange => {
    const files = added.filter(({ schemaVersion }) =>
      index === 0 ? schemaVersion <= schema.version : schemaVersion === schema.version,
    );
    return index === 0
      ? { ...same, created: table.created, schema, added: files, removed }
      : { ...same, created: null, schema, added: files, removed: [] };
  });
  const stray = added.find(({ schemaVersion }) => schemaVersion > last);
  if (last === 0 || stray !== undefined) return missingSchema(table, added);
  if (changes.length > 0) return changes;
  const isSameAsBefore = added.length === 0 && removed.length === 0;
  return isSameAsBefore ? [] : [{ ...same, created: null, schema: null, added, removed }];
}

/** A table that nothing was ever known of isn't made. One with files and no schema is a defect. */
function missingSchema(table: ManifestTable, added: readonly TableFile[]): readonly TableChange[] {
  if (added.length === 0) return [];
  throw new Error(`the table ${table.tableId} has files of a schema that the journal doesn't have`);
}

function dispositionOf(tableId: string, streams: readonly EndedStream[]): Disposition {
  const beside = streams.filter(({ begin }) => begin.quarantineTableId === tableId);
  const found = new Set(
    [...streams.filter(({ begin }) => begin.tableId === tableId), ...beside].map(
      ({ begin }) => begin.disposition,
    ),
  );
  if (found.size > 1) throw new Error(`the streams of table ${tableId} don't agree on what to do`);
  const [disposition = "append"] = found;
  // Rows that are put aside have no key.
  return beside.length > 0 && disposition === "merge" ? "append" : disposition;
}

/** B3. */
function newSchemas(
  table: ManifestTable,
  entries: readonly JournalEntry[],
): readonly TableSchema[] {
  const byVersion = new Map<number, TableSchema>();
  for (const entry of entries) {
    if (entry.kind !== "schema" || entry.tableId !== table.tableId) continue;
    if (entry.schema.version > table.baseSchemaVersion) {
      byVersion.set(entry.schema.version, entry.schema);
    }
  }
  return [...byVersion.values()].toSorted((a, b) => a.version - b.version);
}

function filesOf(tableId: string, entries: readonly JournalEntry[]): readonly TableFile[] {
  const begins = entries.filter((entry) => entry.kind === "stream_begin");
  return entries
    .filter((entry) => entry.kind === "batch")
    .flatMap((batch: Batch) => {
      const begin = begins.find((entry) => isSame(entry, batch));
      const files = batch.tableId === tableId ? batch.files : [];
      const refused = begin?.quarantineTableId === tableId ? batch.quarantineFiles : [];
      return [...files, ...refused];
    });
}

/** B2. */
function cursorsOf(
  streams: readonly EndedStream[],
  before: readonly PartitionName[],
): readonly CursorEntry[] {
  const moved = streams.flatMap(({ end }): readonly CursorEntry[] => {
    if (end.cursor === null) return [];
    const { stored, boundaryPath } = end.cursor;
    const { stream, partition } = end;
    return [{ stream, partition, cursor: stored, boundaryPath }];
  });
  const ended = new Set(streams.map(({ end }) => end.stream));
  const dropped = before
    .filter(({ stream }) => ended.has(stream))
    .filter((name) => !moved.some((entry) => isSame(entry, name)))
    .map(({ stream, partition }) => ({ stream, partition, cursor: null, boundaryPath: null }));
  return [...moved, ...dropped];
}
