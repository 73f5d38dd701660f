/**
 * A made-up system whose every version follows from its number, so that what a run must have stored
 * can be worked out without reading anything. Its streams are read in all the ways that the port
 * knows, and small, so that a run has many parts.
 */
import type { DataType, Field } from "../../../src/core/type.ts";

/** A row as texts by column, as DuckDB prints them; null where there is no value. */
export type RowTexts = readonly (string | null)[];

/** Names of the streams, which are those of their tables. */
export const streamNames = ["events", "files", "notes", "orders", "prices", "rates"] as const;

/** A stream's name. */
export type StreamName = (typeof streamNames)[number];

const int32: DataType = { kind: "int", bits: 32, signed: true };
const int64: DataType = { kind: "int", bits: 64, signed: true };
const text: DataType = { kind: "text" };
const amount: DataType = { kind: "decimal", precision: 12, scale: 2 };

const field = (name: string, type: DataType, nullable = true): Field => ({ name, type, nullable });

/** The version from which on orders have one more column, and events a wider one. */
const evolvedVersion = 3;

/** The columns of a stream as of a version; the first one tells its rows apart. */
export function fieldsOf(stream: StreamName, version: number): readonly Field[] {
  const isEvolved = version >= evolvedVersion;
  switch (stream) {
    case "events":
      return [
        field("id", isEvolved ? int64 : int32, false),
        field("kind", text),
        field("amount", amount),
      ];
    case "files":
      return [field("id", int64), field("name", text)];
    case "notes":
      return [field("id", int64, false), field("note", text)];
    case "orders":
      return [
        field("id", int64, false),
        field("changed", int64, false),
        field("state", text),
        field("total", amount),
        ...(isEvolved ? [field("priority", text)] : []),
      ];
    case "prices":
      return [field("id", int64, false), field("price", amount), field("of_version", int64)];
    case "rates":
      return [field("id", int64, false), field("rate", text)];
  }
}

/** The rows of a stream that lives at a version, in the order of their first column. */
export function livingRows(stream: StreamName, version: number): readonly RowTexts[] {
  switch (stream) {
    case "events":
      return eventRows(0, version * eventsPerVersion);
    case "files":
      return filesAt(version).flatMap(fileRows);
    case "notes":
      return range(8).map((id) => [String(id), `note ${id} of version ${version}`]);
    case "orders":
      return livingOrders(version);
    case "prices":
      return range(24).map((id) => priceRow(id, version));
    case "rates":
      // At times there is none: the table must be empty then.
      return version % 4 === 0 ? [] : range(36).map((id) => [String(id), `${id} at ${version}`]);
  }
}

const eventsPerVersion = 30;

/** Events after one, up to another: they never change. */
function eventRows(after: number, last: number): readonly RowTexts[] {
  return range(last - after).map((index) => {
    const id = after + index + 1;
    const kind = id % 7 === 0 ? null : `kind '${id % 5}' ü`;
    return [String(id), kind, (id * 0.37).toFixed(2)];
  });
}

/** The events of a version that come after one with this id. */
export function eventsAfter(id: number, version: number): readonly RowTexts[] {
  return eventRows(id, version * eventsPerVersion);
}

function priceRow(id: number, version: number): RowTexts {
  return [String(id), (id + version / 100).toFixed(2), String(version)];
}

/** An entry of the log of orders. */
export interface OrderChange {
  /** From 1, by one: the place in the log. */
  readonly changed: number;
  readonly id: number;
  readonly version: number;
  readonly deleted: boolean;
}

const ordersAtFirst = 20;

/** All that happened to orders up to a version: some of one version more than once to one order. */
export function orderLog(version: number): readonly OrderChange[] {
  const log: OrderChange[] = [];
  let ids = 0;
  const add = (id: number, of: number, deleted: boolean): void => {
    log.push({ changed: log.length + 1, id, version: of, deleted });
  };
  for (let of = 1; of <= version; of += 1) {
    for (const index of range(6)) {
      if (ids > 0) add(((of * 13 + index * 7) % ids) + 1, of, index % 3 === 2);
    }
    const inserts = of === 1 ? ordersAtFirst : 4;
    for (const index of range(inserts)) {
      ids += 1;
      add(ids, of, false);
      if (index === 1) add(ids, of, false);
      if (index === 2 && of % 2 === 0) add(ids, of, true);
    }
  }
  return log;
}

/** The texts of an order's row in the columns of a version. */
export function orderRow(change: OrderChange, version: number): RowTexts {
  const { id, changed, deleted } = change;
  const priority = change.version < evolvedVersion || deleted ? null : `priority ${id % 3}`;
  const state = deleted ? null : `state of ${change.version}`;
  const row = [String(id), String(changed), state, deleted ? null : (changed / 4).toFixed(2)];
  return version < evolvedVersion ? row : [...row, priority];
}

function livingOrders(version: number): readonly RowTexts[] {
  const last = new Map(orderLog(version).map((change) => [change.id, change]));
  return [...last.values()]
    .filter(({ deleted }) => !deleted)
    .toSorted((a, b) => a.id - b.id)
    .map((change) => orderRow(change, version));
}

/** An input file as it is at a version. */
export interface WorldFile {
  readonly number: number;
  /** As `_hakiri_file` says. */
  readonly name: string;
  /** How often it was written: its second content differs from its first. */
  readonly content: number;
}

/** The files that are there: each version adds one, changes the last one, and takes an old one. */
export function filesAt(version: number): readonly WorldFile[] {
  const first = Math.max(1, version - 3);
  return range(version - first + 1).map((index) => {
    const number = first + index;
    const name = `${String(number).padStart(4, "0")}.csv`;
    return { number, name, content: version > number ? 2 : 1 };
  });
}

/** The rows of a file. */
export function fileRows({ number, content }: WorldFile): readonly RowTexts[] {
  return range(2 + (number % 3) + content).map((index) => [
    String(number * 100 + index),
    `row ${index} of content ${content}`,
  ]);
}

/** 0 to `count` - 1. */
function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
