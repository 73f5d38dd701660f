/** What a file is, by its name, its first bytes and the settings. */
import { basename, extname } from "node:path";
import { TextDecoder } from "node:util";
import { nearest, usageError, type CsvDialect } from "../../src/connector.ts";
import type { FileFormat, FileSettings } from "./config.ts";
import { hasMixedLineEnds } from "./csv/line-ends.ts";
import { readCsvLayout, type CsvLayout } from "./csv/read-layout.ts";
import { encodingOf, type KnownEncoding } from "./encoding.ts";
import { fileError } from "./file-error.ts";
import type { InputFile } from "./input-file.ts";
import { findShape } from "./json/find-shape.ts";
import { readSchemaKey } from "./parquet/read-schema.ts";
import { compressionOf, decompress, rawPieces, type Compression } from "./read-pieces.ts";
import { badEncoding } from "./scratch-copy.ts";

/** How a JSON file is read. */
export interface JsonLayoutFound {
  readonly kind: "json";
  readonly shape: "array" | "lines" | "documents";
  /** What to cut out before, so that the shape is `lines`; null reads the file as it is. */
  readonly cut: "items" | "one" | null;
}

/** How a file is read. */
export type FileLayout = CsvLayout | JsonLayoutFound | ParquetLayout;

/** How a Parquet file is read. */
export interface ParquetLayout {
  readonly kind: "parquet";
  /** Equal for files of the same columns. */
  readonly schemaKey: string;
}

/** A file that was looked into. */
export interface Inspected {
  readonly file: InputFile;
  /** As the bytes say, whatever the file is called. */
  readonly compression: Compression;
  readonly encoding: KnownEncoding;
  /** Null for a file without a single byte of content, which has no columns either. */
  readonly layout: FileLayout | null;
  readonly hasRows: boolean;
  /** Whether DuckDB needs a copy in place of the file. */
  readonly needsCopy: boolean;
  /** Whether the lines of CSV end in several ways. */
  readonly hasMixedLineEnds: boolean;
}

/** Bytes that are looked at, after decompression; the second where the first don't do. */
const headBytes = [64 * 1024, 4 * 1024 * 1024] as const;

/**
 * Looks into a file. `known` are CSV layouts found before, the latest first. Throws Permanent
 * `file.unreadable`, `file.damaged`, `file.bad_encoding`, `file.unknown_compression`,
 * `file.no_parquet`, `file.bad_json`, `file.long_line`, and `usage.unknown_format`.
 */
export async function inspectFile(
  file: InputFile,
  settings: FileSettings,
  known: readonly CsvLayout[],
  signal: AbortSignal,
): Promise<Inspected> {
  const format = settings.format ?? formatOf(file.name);
  const isWhole = settings.pointer === "" && settings.rows === "auto";
  if (format !== "json" && !isWhole) throw noDocument(file.name);
  if (format === "parquet") return inspectParquet(file);
  for (const bytesMax of headBytes) {
    const head = await readHead(file, bytesMax, signal);
    const found = inspectText({ file, head, format, settings, known });
    if (found !== null) return found;
  }
  throw fileError("long_line", file.name, {
    message: `expected the first row of '${file.name}' within ${headBytes[1]} bytes, got none`,
    hint: "check the file's format, quote and encoding",
  });
}

const formats: Readonly<Record<string, FileFormat>> = {
  ".csv": "csv",
  ".tsv": "csv",
  ".psv": "csv",
  ".txt": "csv",
  ".json": "json",
  ".geojson": "json",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".parquet": "parquet",
  ".pq": "parquet",
};

/** The ending of a name without that of a compression, in lower case: `.csv` for `A.CSV.gz`. */
function extensionOf(name: string): string {
  return extname(basename(name).replace(/\.(?:gz|gzip|zst|zstd)$/iu, "")).toLowerCase();
}

function formatOf(name: string): FileFormat {
  const extension = extensionOf(name);
  const format = formats[extension];
  if (format !== undefined) return format;
  const near = nearest(extension, Object.keys(formats));
  throw usageError(
    "unknown_format",
    `expected a file that ends in ${Object.keys(formats).join(", ")}, with .gz or .zst or without, ` +
      `got '${name}'`,
    near === null
      ? 'say what it is: format = "csv", or narrow the pattern so that it leaves the file out'
      : `did you mean '${near}'? Else say what it is: format = "csv"`,
  );
}

function noDocument(name: string): Error {
  return usageError(
    "invalid_config",
    `expected pointer and rows for JSON documents only, but '${name}' is none`,
    'say format = "json" where it is one, or leave them out',
  );
}

/** The beginning of a file's content. */
interface Head {
  readonly bytes: Uint8Array;
  readonly compression: Compression;
  /** Whether that is all of the content. */
  readonly isWhole: boolean;
}

/** Thrown inside of a head that has enough bytes. */
class EnoughBytes extends Error {}

async function readHead(file: InputFile, bytesMax: number, signal: AbortSignal): Promise<Head> {
  const pieces = rawPieces(file, signal, headBytes[0]);
  const first = await pieces.next();
  if (first.done === true) return { bytes: new Uint8Array(), compression: "none", isWhole: true };
  const compression = compressionOf(first.value);
  if (compression === null) {
    await pieces.return();
    throw fileError("unknown_compression", file.name, {
      message: `expected '${file.name}' as it is, or compressed by gzip or zstd, got another archive`,
      hint: "unpack it first",
    });
  }
  const taken: Buffer[] = [];
  let sizeBytes = 0;
  try {
    await decompress(after(first.value, pieces), compression, file.name, (piece) => {
      // A copy: the piece's buffer is used again.
      taken.push(Buffer.from(piece));
      sizeBytes += piece.length;
      if (sizeBytes > bytesMax) throw new EnoughBytes();
    });
    return { bytes: Buffer.concat(taken), compression, isWhole: true };
  } catch (error) {
    if (!(error instanceof EnoughBytes)) throw error;
    return { bytes: Buffer.concat(taken).subarray(0, bytesMax), compression, isWhole: false };
  } finally {
    // Whoever stops at the first piece never came to the others, and so doesn't close the file.
    await pieces.return();
  }
}

async function* after(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield first;
  yield* rest;
}

async function inspectParquet(file: InputFile): Promise<Inspected> {
  const encoding = { kind: "native", name: "utf-8", bomBytes: 0 } as const;
  const layout = { kind: "parquet", schemaKey: await readSchemaKey(file) } as const;
  const asItIs = { compression: "none", needsCopy: false, hasMixedLineEnds: false } as const;
  return { file, ...asItIs, encoding, layout, hasRows: true };
}

/** What a text file is found out from. */
interface TextInspection {
  readonly file: InputFile;
  readonly head: Head;
  readonly format: Exclude<FileFormat, "parquet">;
  readonly settings: FileSettings;
  readonly known: readonly CsvLayout[];
}

/** Null where the head is too short. */
function inspectText(inspection: TextInspection): Inspected | null {
  const { file, head, settings } = inspection;
  const encoding = encodingOf(head.bytes, settings.encoding);
  if (encoding.kind === "unknown") throw badEncoding(file.name, "utf-8 or utf-16");
  const text = decodeHead(inspection, encoding);
  const common = { file, compression: head.compression, encoding, hasMixedLineEnds: false };
  if (head.isWhole && text.trim() === "") {
    return { ...common, layout: null, hasRows: false, needsCopy: false };
  }
  return inspection.format === "csv"
    ? inspectCsv(inspection, text, common)
    : inspectJson(inspection, text, common);
}

type CommonParts = Pick<Inspected, "file" | "compression" | "encoding" | "hasMixedLineEnds">;

function inspectCsv(
  { file, head, settings, known }: TextInspection,
  text: string,
  common: CommonParts,
): Inspected | null {
  const { encoding } = common;
  const needsCopy = encoding.kind !== "native";
  const told: CsvDialect["encoding"] = encoding.kind === "native" ? encoding.name : "utf-8";
  const textHead = { text, isWhole: head.isWhole, extension: extensionOf(file.name) };
  const reading = readCsvLayout(textHead, settings.dialect, told, known);
  if (reading === null) return null;
  const { layout, hasRows } = reading;
  const isMixed = hasMixedLineEnds(text, layout.dialect);
  const copies = { needsCopy: needsCopy || isMixed, hasMixedLineEnds: isMixed };
  return { ...common, ...copies, layout, hasRows };
}

function inspectJson(
  { file, head, format, settings }: TextInspection,
  text: string,
  common: CommonParts,
): Inspected | null {
  const { encoding } = common;
  const isPlain =
    encoding.kind === "native" && encoding.name === "utf-8" && encoding.bomBytes === 0;
  const shape = findShape(
    { text, isWhole: head.isWhole },
    { ...settings, isLines: format === "jsonl" },
  );
  switch (shape?.kind) {
    case undefined:
      return null;
    case "empty":
      return { ...common, layout: null, hasRows: false, needsCopy: false };
    case "scalar":
      throw fileError("bad_json", file.name, {
        message: `expected a list or an object in '${file.name}', got ${JSON.stringify(text.slice(0, 40))}`,
        hint: "check the file's format; rows may also come one a line, as .jsonl",
      });
    case "cut": {
      const layout = { kind: "json", shape: "lines", cut: shape.rows } as const;
      return { ...common, layout, hasRows: true, needsCopy: true };
    }
    case "array":
    case "lines":
    case "documents": {
      const layout = { kind: "json", shape: shape.kind, cut: null } as const;
      return { ...common, layout, hasRows: true, needsCopy: !isPlain };
    }
  }
}

/** Text that isn't in its encoding is an error here unless bad rows are put aside. */
function decodeHead({ file, head, settings }: TextInspection, encoding: KnownEncoding): string {
  if (encoding.kind === "native" && encoding.name === "latin-1") {
    return Buffer.from(head.bytes).toString("latin1");
  }
  const label = encoding.kind === "native" ? encoding.name : encoding.label;
  const isLenient = encoding.kind === "native" && settings.onBadRow === "quarantine";
  const decoder = new TextDecoder(label, { fatal: !isLenient });
  try {
    return decoder.decode(head.bytes, { stream: !head.isWhole });
  } catch (error) {
    if (error instanceof TypeError) throw badEncoding(file.name, label, error);
    throw error;
  }
}
