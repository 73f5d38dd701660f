/**
 * A made-up system with tables that change over its versions. All of it follows from a seed, so
 * what a run must have stored can be worked out without reading anything.
 */
import { seededRandom } from "../../platform/seeded-random.ts";
import type { DataType, Field } from "../../../src/core/type.ts";

/** Everything that is out there. */
export interface World {
  readonly seed: number;
  /** From 1; each one changes rows of every stream. */
  readonly version: number;
  readonly streams: readonly StreamWorld[];
  /** Whether reads share a snapshot that a session holds. */
  readonly hasSession?: boolean;
  /** Of a stream of files: where they are written. */
  readonly folder?: string;
}

/** How a stream is read. */
export type StreamKind =
  /** In order of `changed` and `id`; each cursor is `any`. Full reads: in order of `id`, `any`. */
  | "keyset"
  /** In no order; only the last batch's cursor is `any`. */
  | "unordered"
  /** Each cursor is `same_read`. */
  | "snapshot"
  /** Each cursor is `none`. */
  | "plain"
  /** As `keyset` in several partitions by `id`, each cursor `any`. */
  | "partitioned"
  /** CSV files for DuckDB to read, one more a version, an earlier one changed. */
  | "files";

/** One stream. */
export interface StreamWorld {
  readonly name: string;
  readonly kind: StreamKind;
  /** Rows at version 1. */
  readonly rows: number;
  /** Rows that each later version inserts, updates and deletes; 0 where left out. */
  readonly inserts?: number;
  readonly updates?: number;
  readonly deletes?: number;
  readonly columns?: readonly ColumnWorld[];
  readonly batchRows: number;
  readonly partitions?: number;
  /** Scans of a file that can't be read, before each one that can; 0 where left out. */
  readonly brokenScans?: number;
  /** Ids begin after this one; 0 where left out. */
  readonly idBase?: number;
}

/** A column beside `id` and `changed`. */
export interface ColumnWorld {
  readonly name: string;
  /** Its type from a version on, the earliest first. */
  readonly types: readonly { readonly from: number; readonly type: DataType }[];
  /** The last version that has it; every one from its first where left out. */
  readonly until?: number;
}

/** A row as it is at a version. */
export interface WorldRow {
  readonly id: number;
  /** The value that orders changes; rows of several versions may have the same. */
  readonly changed: number;
  /** The version that made it what it is. */
  readonly version: number;
  readonly deleted: boolean;
}

const text: DataType = { kind: "text" };
const int64: DataType = { kind: "int", bits: 64, signed: true };

/** The columns of a stream that says nothing of them. */
const usualColumns: readonly ColumnWorld[] = [
  { name: "name", types: [{ from: 1, type: text }] },
  { name: "amount", types: [{ from: 1, type: { kind: "decimal", precision: 12, scale: 2 } }] },
];

/** A stream's columns at a version, or all that it has had until then. */
export function fieldsOf(
  stream: StreamWorld,
  version: number,
  which: "now" | "ever" = "now",
): readonly Field[] {
  const columns = (stream.columns ?? usualColumns).filter(
    ({ until }) => which === "ever" || until === undefined || version <= until,
  );
  const others = columns.flatMap(({ name, types }): readonly Field[] => {
    const type = types.findLast(({ from }) => from <= version)?.type;
    return type === undefined ? [] : [{ name, type, nullable: true }];
  });
  return [
    { name: "id", type: int64, nullable: false },
    { name: "changed", type: int64, nullable: false },
    ...others,
  ];
}

/** Every row that ever was, deleted ones included, by id. */
export function rowsAt(world: World, stream: StreamWorld): readonly WorldRow[] {
  const rows = new Map<number, WorldRow>();
  const put = (id: number, version: number, more: Partial<WorldRow> = {}): void => {
    rows.set(id, { id, version, deleted: false, changed: version * 10, ...more });
  };
  const { idBase = 0 } = stream;
  for (let number = 1; number <= stream.rows; number += 1) {
    put(idBase + number, 1, { changed: 10 + (number % 3) });
  }
  for (let version = 2; version <= world.version; version += 1) {
    const random = seededRandom(world.seed * 1000 + version * 31 + stream.name.length);
    const living = [...rows.values()].filter(({ deleted }) => !deleted).map(({ id }) => id);
    const pick = (): number | undefined => living.splice(random.below(living.length), 1)[0];
    for (let count = 0; count < (stream.updates ?? 0); count += 1) {
      const id = pick();
      if (id !== undefined) put(id, version, { changed: version * 10 + random.below(3) });
    }
    for (let count = 0; count < (stream.deletes ?? 0); count += 1) {
      const id = pick();
      if (id !== undefined) put(id, version, { deleted: true, changed: version * 10 + 1 });
    }
    for (let count = 0; count < (stream.inserts ?? 0); count += 1) {
      // Every other one comes late: with the value that the version before ended with.
      const changed = count % 2 === 0 ? version * 10 + 2 : version * 10 - 8;
      put(idBase + rows.size + 1, version, { changed });
    }
  }
  return [...rows.values()].toSorted((a, b) => a.id - b.id);
}

/** A row's values by column, as texts that DuckDB prints; null where there is none. */
export type RowTexts = Readonly<Record<string, string | null>>;

/** The texts of a row's values, in every column that the stream has had at a version. */
export function textsOf(stream: StreamWorld, version: number, row: WorldRow): RowTexts {
  return Object.fromEntries(
    fieldsOf(stream, version, "ever").map(({ name }) => [name, valueOf(stream, name, row)]),
  );
}

/** Follows from the row alone, so that a later read of it finds the same. */
function valueOf(stream: StreamWorld, column: string, row: WorldRow): string | null {
  if (column === "id") return String(row.id);
  if (column === "changed") return String(row.changed);
  const found = (stream.columns ?? usualColumns).find(({ name }) => name === column);
  if (found?.until !== undefined && row.version > found.until) return null;
  const type = found?.types.findLast(({ from }) => from <= row.version)?.type;
  const number = row.id * 7 + row.version;
  if (type === undefined || number % 11 === 0) return null;
  switch (type.kind) {
    case "int":
      return type.bits === 64 ? String(BigInt(number) * 10_000_000_000n) : String(number);
    case "float":
      return `${number}.5`;
    case "decimal":
      return (number / 10 ** type.scale).toFixed(type.scale);
    case "bool":
      return String(number % 2 === 0);
    default:
      return `${column} "${number}", it's\n${"x".repeat(number % 5)}`;
  }
}

/** The rows that live at a version, as texts. */
export function livingTexts(world: World, name: string): readonly RowTexts[] {
  const stream = streamOf(world, name);
  return rowsAt(world, stream)
    .filter(({ deleted }) => !deleted)
    .map((row) => textsOf(stream, world.version, row));
}

/** The rows that live at a version, by stream. */
export function livingTables(
  world: World,
  ...names: readonly string[]
): Readonly<Record<string, readonly RowTexts[]>> {
  return Object.fromEntries(names.map((name) => [name, livingTexts(world, name)]));
}

/** A stream of the world. */
export function streamOf(world: World, name: string): StreamWorld {
  const stream = world.streams.find((one) => one.name === name);
  if (stream === undefined) throw new Error(`the world has no stream ${name}`);
  return stream;
}
