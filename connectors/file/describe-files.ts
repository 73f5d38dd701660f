/** The columns of files that are read alike, by looking into them. */
import type {
  CsvDialect,
  DataType,
  Field,
  Scanner,
  ScanFile,
  ScanQuestion,
} from "../../src/connector.ts";
import type { FileSettings } from "./config.ts";
import type { CsvLayout } from "./csv/read-layout.ts";
import type { FileLayout, Inspected, JsonLayoutFound, ParquetLayout } from "./inspect-file.ts";
import type { Compression } from "./read-pieces.ts";
import { smallScan } from "./scan-bounds.ts";
import { unifyFields } from "./unify-fields.ts";

/** A file as DuckDB reads it, which may be a copy. */
export interface ReadableFile {
  readonly inspected: Inspected;
  /** Absolute. */
  readonly path: string;
  readonly compression: Compression;
}

/** Files that are read alike, at least one. */
export interface FileGroup {
  readonly layout: FileLayout;
  readonly files: readonly ReadableFile[];
}

/** Files of which CSV columns are guessed, spread over all. */
export const sampleFilesMax = 16;

/** Rows of them that are looked at: as many as DuckDB's own sniffer takes. */
const sampleRows = 20_480;

/** Most files that one question to the scanner names: as many as a small scan has. */
const questionFilesMax = smallScan.filesMax;

/** What the same text means for two files that are to be read together. */
export function layoutKey(layout: FileLayout, compression: Compression): string {
  switch (layout.kind) {
    case "csv": {
      // Each file has its own line ends.
      const { newline: _, ...dialect }: CsvDialect = layout.dialect;
      return JSON.stringify(["csv", compression, dialect, layout.names]);
    }
    case "json":
      return JSON.stringify(["json", compression, layout.shape, layout.cut]);
    case "parquet":
      return JSON.stringify(["parquet", layout.schemaKey]);
  }
}

/** The files as a scan names them. */
export function scanFilesOf(files: readonly ReadableFile[]): readonly ScanFile[] {
  return files.map(({ path, compression, inspected }) => ({
    path,
    name: inspected.file.name,
    compression,
  }));
}

/** What is asked with. */
export interface DescribeContext {
  readonly scanner: Scanner;
  readonly signal: AbortSignal;
  readonly settings: FileSettings;
}

/** How closely to look: `quick` and `sample` at some rows of some files, `whole` at all. */
export type Depth = "quick" | "sample" | "whole";

/** What was found in files. */
export interface FilesDescription {
  readonly fields: readonly Field[];
  /** Whether JSON has numbers that have to be taken as they are written. */
  readonly isWritten: boolean;
  /** Names of columns of which nanoseconds are cut off. */
  readonly cut: readonly string[];
}

/**
 * The columns of a group in the order of its files. But for a `quick` answer all rows of JSON are
 * looked at: a member that is met later would be left out without a word, where a CSV value that
 * doesn't fit is an error. Throws what the scanner throws.
 */
export async function describeFiles(
  group: FileGroup,
  depth: Depth,
  context: DescribeContext,
): Promise<FilesDescription> {
  const { layout } = group;
  const { settings } = context;
  const isQuick = depth === "quick";
  switch (layout.kind) {
    case "csv": {
      const told = layout.names.map((name) => settings.types.get(name));
      if (told.every((type) => type !== undefined)) {
        return { fields: namedFields(layout, told), isWritten: false, cut: [] };
      }
      const found = await lookInto(layout, group, depth !== "whole", context);
      const types = told.map((type, index) => type ?? found.fields[index]?.type ?? textType);
      return { fields: namedFields(layout, types), isWritten: false, cut: [] };
    }
    case "json": {
      const { fields, isWritten } = await lookInto(layout, group, isQuick, context);
      const told = fields.map(({ name, type }) => ({
        name,
        type: jsonType(name, type, layout, settings),
        nullable: true,
      }));
      return { fields: told, isWritten, cut: [] };
    }
    case "parquet": {
      return parquetFields(group, isQuick, context);
    }
  }
}

/** All files have the same schema, but some may have times that only a text holds. */
async function parquetFields(
  { files }: FileGroup,
  isQuick: boolean,
  { scanner, signal }: DescribeContext,
): Promise<FilesDescription> {
  const all = scanFilesOf(files);
  let cut: readonly string[] = [];
  const answers: (readonly Field[])[] = [];
  for (let at = 0; at < all.length; at += at === 0 ? 1 : questionFilesMax) {
    const some = all.slice(at, at === 0 ? 1 : at + questionFilesMax);
    const question = { kind: "parquet", files: some } as const;
    const { schema, cut: found = [] } = await scanner.describe(question, signal);
    answers.push(schema.fields);
    cut = found;
    const hasTimes = schema.fields.some(({ type }) => type.kind === "timestamp" && !type.zoned);
    if (isQuick || !hasTimes) break;
  }
  return { fields: unifyFields(answers, () => textType), isWritten: false, cut };
}

const textType: DataType = { kind: "text" };

function namedFields({ names }: CsvLayout, types: readonly DataType[]): readonly Field[] {
  return names.map((name, index) => ({
    name,
    type: types[index] ?? { kind: "text" },
    nullable: true,
  }));
}

/** Keys are text whatever they look like: another file may have others. */
function jsonType(
  name: string,
  found: DataType,
  layout: JsonLayoutFound,
  { types, keyColumn }: FileSettings,
): DataType {
  const told = types.get(name);
  if (told !== undefined) return told;
  return layout.cut === "items" && name === keyColumn ? { kind: "text" } : found;
}

/** Asks about text files, so many at a time as one question may name. */
async function lookInto(
  layout: Exclude<FileLayout, ParquetLayout>,
  group: FileGroup,
  isSample: boolean,
  { scanner, signal }: DescribeContext,
): Promise<Omit<FilesDescription, "cut">> {
  const all = scanFilesOf(group.files);
  const files = isSample ? spread(all, sampleFilesMax) : all;
  const rows = isSample ? sampleRows : null;
  const answers: (readonly Field[])[] = [];
  let isWritten = false;
  for (let at = 0; at < files.length; at += questionFilesMax) {
    const some = files.slice(at, at + questionFilesMax);
    const answer = await scanner.describe(questionOf(layout, some, rows), signal);
    answers.push(answer.schema.fields);
    isWritten ||= answer.isWritten ?? false;
  }
  if (layout.kind === "json") {
    return { fields: unifyFields(answers, () => ({ kind: "json" })), isWritten };
  }
  // By place: the scanner has names of its own for columns of one name.
  const placed = answers.map((fields) =>
    fields.map((field, index) => ({ ...field, name: String(index) })),
  );
  return { fields: unifyFields(placed, () => textType), isWritten };
}

function questionOf(
  layout: Exclude<FileLayout, ParquetLayout>,
  files: readonly ScanFile[],
  rows: number | null,
): ScanQuestion {
  if (layout.kind === "csv") {
    const { dialect, names } = layout;
    return { kind: "csv", files, dialect, names, sampleRows: rows };
  }
  const shape = { shape: layout.shape, pointer: "", keyColumn: null };
  return { kind: "json", files, layout: shape, sampleRows: rows };
}

/** At most `max` items, the first and the last among them, at even distances. */
export function spread<T>(items: readonly T[], max: number): readonly T[] {
  if (items.length <= max) return items;
  const step = (items.length - 1) / (max - 1);
  const places = new Set(Array.from({ length: max }, (_, index) => Math.round(index * step)));
  return items.filter((_, index) => places.has(index));
}
