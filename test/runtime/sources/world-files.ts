/** The streams of files of a made-up system: one more file a version, the one before it changed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scan } from "../../../src/core/scan.ts";
import type { Field } from "../../../src/core/type.ts";
import { csvScanOf } from "../../context/scan/csv-scan.ts";
import type { RowTexts, StreamWorld, World } from "./world.ts";

/** A file as it is at a version. */
export interface WorldFile {
  /** As `_hakiri_file` says. */
  readonly name: string;
  /** The version that wrote it last. */
  readonly version: number;
  readonly rows: readonly RowTexts[];
}

/** The columns of a file that a version wrote: two, and those that the stream names. */
export function fileFieldsOf(stream: StreamWorld, version: number): readonly Field[] {
  const more = (stream.columns ?? []).flatMap(({ name, types }): readonly Field[] => {
    const type = types.findLast(({ from }) => from <= version)?.type;
    return type === undefined ? [] : [{ name, type, nullable: true }];
  });
  return [
    { name: "id", type: { kind: "int", bits: 64, signed: true }, nullable: true },
    { name: "name", type: { kind: "text" }, nullable: true },
    ...more,
  ];
}

/** The files that are there at the world's version, by name. */
export function filesAt(world: World, stream: StreamWorld): readonly WorldFile[] {
  return Array.from({ length: world.version }, (_, index): WorldFile => {
    const number = index + 1;
    const version = Math.min(world.version, number + 1);
    const rows = stream.rows + (version > number ? 1 : 0);
    return {
      name: `${stream.name}/${String(number).padStart(4, "0")}.csv`,
      version,
      rows: Array.from({ length: rows }, (__, row) => rowOf(stream, { number, row, version })),
    };
  });
}

function rowOf(
  stream: StreamWorld,
  of: { readonly number: number; readonly row: number; readonly version: number },
): RowTexts {
  const values = fileFieldsOf(stream, of.version).map(({ name, type }) => {
    const number = of.number * 1000 + of.row;
    if (name === "id") return [name, String(number)];
    if (name === "name") return [name, `row ${of.row} of version ${of.version}`];
    return [name, type.kind === "float" ? `${number}.5` : String(number)];
  });
  return Object.fromEntries(values) as RowTexts; // pairs of texts
}

/** What a cursor's boundary says of a file that was read. */
export const lineOf = ({ name, version }: WorldFile): string => `${name}\t${version}`;

/** Writes a file and answers the scan that reads it. */
export function scanOf(world: World, stream: StreamWorld, written: WorldFile): Scan {
  const { name, rows, version } = written;
  const fields = fileFieldsOf(stream, version);
  if (world.folder === undefined) throw new Error("a world with files has a folder");
  const path = join(world.folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  const names = fields.map((field) => field.name);
  const lines = rows.map((row) => `${names.map((field) => row[field] ?? "").join(",")}\n`);
  writeFileSync(path, `${names.join(",")}\n${lines.join("")}`);
  return csvScanOf({ path, name }, fields);
}
