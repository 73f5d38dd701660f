/**
 * The tables of a catalog, as docs/format/catalog.md describes them. A change of this text is a new
 * format version.
 */
import type { SqlDatabase } from "./sql-database.ts";

/** The version of the tables that this code reads and writes. */
export const formatVersion = 1;

/** Creates every table of an empty database. */
export const tableDefinitions = `
create table store (
  id integer primary key check (id = 1),
  format_version integer not null,
  store_id text not null,
  incarnation integer not null,
  position integer not null,
  restoring integer not null check (restoring in (0, 1)),
  head_sequence integer not null,
  head_sha256 text,
  head_parent text,
  head_at integer not null
) strict;

create table pipelines (
  pipeline_id text primary key,
  name text not null unique,
  key text unique,
  spec text,
  created_at integer not null,
  epoch integer
) strict, without rowid;

create table runs (
  run_id text primary key,
  number integer not null unique,
  pipeline_id text not null references pipelines,
  what text not null check (what in ('run', 'compaction', 'state', 'gc')),
  phase text not null check (phase in ('active', 'resumable', 'over')),
  state text not null,
  started_at integer not null,
  ended_at integer,
  resume_key text not null,
  resume_parts text not null,
  report text not null,
  error text
) strict, without rowid;
create index runs_by_pipeline on runs (pipeline_id, number);
create index runs_not_over on runs (pipeline_id, phase) where phase <> 'over';

create table attempts (
  run_id text not null references runs,
  stream text not null,
  partition text not null,
  cursor_digest text not null,
  attempts integer not null,
  primary key (run_id, stream, partition, cursor_digest)
) strict, without rowid;

create table spans (
  run_id text not null references runs,
  number integer not null,
  span_id text not null,
  parent_id text,
  name text not null,
  started_at integer not null,
  ended_at integer not null,
  ok integer not null check (ok in (0, 1)),
  attributes text not null,
  primary key (run_id, number),
  unique (run_id, span_id)
) strict, without rowid;

create table commits (
  position integer primary key,
  run_id text not null references runs,
  epoch integer not null,
  sha256 text not null,
  size_bytes integer not null,
  path text not null,
  kind text not null check (kind in ('run', 'cursor', 'compaction')),
  pipeline_id text not null references pipelines,
  base_sequence integer not null,
  sequence integer unique,
  at integer not null,
  parent text,
  unique (run_id, epoch, sha256)
) strict;
create index commits_by_path on commits (path);
create unique index commits_by_time on commits (at) where sequence is not null;

create table snapshots (
  sequence integer primary key references commits (sequence),
  tables text not null
) strict;

create table tables (
  table_id text primary key,
  namespace text not null,
  name text not null,
  key text not null unique,
  naming text not null check (naming in ('source', 'snake_case')),
  shared integer not null check (shared in (0, 1)),
  reserved text not null,
  owner_pipeline_id text not null references pipelines,
  created_sequence integer not null,
  sequence integer not null,
  schema_version integer not null,
  unique (namespace, name)
) strict, without rowid;

create table schemas (
  table_id text not null references tables,
  version integer not null,
  added_sequence integer not null,
  schema text not null,
  primary key (table_id, version)
) strict, without rowid;

create table files (
  file_id integer primary key,
  table_id text not null references tables,
  kind text not null check (kind in ('data', 'deletes')),
  path text not null unique,
  rows integer not null,
  size_bytes integer not null,
  sha256 text not null,
  schema_version integer not null,
  added_sequence integer not null,
  removed_sequence integer,
  unreferenced_since integer,
  deleting integer not null default 0 check (deleting in (0, 1))
) strict;
create index files_by_table on files (table_id, file_id);
create index files_live on files (table_id, file_id) where removed_sequence is null;
create index files_removed on files (removed_sequence)
  where removed_sequence is not null and unreferenced_since is null;
create index files_unreferenced on files (file_id) where unreferenced_since is not null;

create table masks (
  delete_file_id integer not null references files (file_id) on delete cascade,
  data_file_id integer not null,
  rows integer not null,
  primary key (delete_file_id, data_file_id)
) strict, without rowid;
create index masks_by_data_file on masks (data_file_id);

create table cursors (
  pipeline_id text not null references pipelines,
  stream text not null,
  partition text not null,
  since_sequence integer not null,
  until_sequence integer,
  cursor text not null,
  boundary_path text,
  primary key (pipeline_id, stream, partition, since_sequence)
) strict, without rowid;
create unique index cursors_now on cursors (pipeline_id, stream, partition)
  where until_sequence is null;
create index cursors_by_boundary on cursors (boundary_path) where boundary_path is not null;
create index cursors_past on cursors (until_sequence) where until_sequence is not null;
`;

/** Where a new store begins. */
export interface NewStore {
  readonly storeId: string;
  /** Whether it first takes the commits of a lost catalog. */
  readonly restoring: boolean;
}

/** Fills the row of a new store, whose tables were just created: no snapshot, incarnation 0. */
export function insertStore(database: SqlDatabase, store: NewStore): void {
  database.run(
    `insert into store (id, format_version, store_id, incarnation, position, restoring,
       head_sequence, head_sha256, head_parent, head_at)
     values (1, ?, ?, 0, 0, ?, 0, null, null, 0)`,
    formatVersion,
    store.storeId,
    store.restoring ? 1 : 0,
  );
}
