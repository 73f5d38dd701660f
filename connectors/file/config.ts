/** The settings of a source of files: the schema of `[source]`, and what is meant by silence. */
import { z } from "zod";
import {
  nearest,
  reservedPrefix,
  settingsError,
  type DataType,
  type OnBadRow,
} from "../../src/connector.ts";
import { isKnownEncoding } from "./encoding.ts";
import { typeOfWord, typeWords } from "./types.ts";

/** Most paths, and most patterns, that settings name. */
export const patternsMax = 1000;
const textMax = 4096;
const columnsMax = 10_000;
const nullTextsMax = 100;
const skipLinesMax = 1_000_000;

const text = z.string().min(1).max(textMax);
const name = z.string().min(1).max(255);
const format = z.string().min(1).max(100);

const places = z
  .union([text, z.array(text).min(1).max(patternsMax)])
  .transform((value) => (typeof value === "string" ? [value] : value));

/** The schema of the settings. What it parses to keeps the file's keys. */
export const fileSettingsSchema = z
  .strictObject({
    path: places.optional().describe("A file, or several, relative to the project."),
    glob: places
      .optional()
      .describe("A pattern, or several, with *, ?, [..], {..} and **, relative to the project."),
    format: z
      .enum(["auto", "csv", "json", "jsonl", "parquet"])
      .default("auto")
      .describe("What the files are; `auto` goes by their endings."),
    stream: name.optional().describe("Name of the one stream; made of the files' name without."),
    stream_per_file: z
      .boolean()
      .default(false)
      .describe("Whether each file is a stream of its own."),
    on_bad_row: z
      .enum(["error", "quarantine"])
      .default("error")
      .describe("What happens to a row that isn't what its columns promise."),
    types: z
      .record(name, text)
      .refine((types) => Object.keys(types).length <= columnsMax, `at most ${columnsMax} columns`)
      .default({})
      .describe('Types of columns by name, such as "text" or "decimal(10,2)"; guessed without.'),
    pointer: z
      .string()
      .max(textMax)
      .regex(/^(?:\/(?:[^~]|~[01])*)?$/su, 'a JSON pointer such as "/data/items"')
      .default("")
      .describe("JSON: where the rows are within each document."),
    rows: z
      .enum(["auto", "items", "one"])
      .default("auto")
      .describe("JSON: `items` takes each item or member for a row, `one` the whole for one."),
    key_column: name
      .refine((value) => !value.toLowerCase().startsWith(reservedPrefix), "a name of yours")
      .default("_key")
      .describe("JSON: the column that the keys of an object of rows become."),
    delimiter: z.string().min(1).max(4).optional().describe("CSV: what separates fields."),
    quote: z.string().max(1).optional().describe("CSV: what surrounds a field; empty for none."),
    escape: z.string().max(1).optional().describe("CSV: what stands before a quote in a field."),
    header: z.boolean().optional().describe("CSV: whether the first line has the names."),
    skip_lines: z
      .int()
      .min(0)
      .max(skipLinesMax)
      .default(0)
      .describe("CSV: lines before the header or the first row."),
    encoding: z
      .string()
      .max(40)
      .refine(isKnownEncoding, 'an encoding such as "utf-8", "utf-16", "latin-1", "windows-1252"')
      .optional()
      .describe("CSV and JSON: how text is stored; found out where it is UTF-8 or UTF-16."),
    null_texts: z
      .array(z.string().max(100))
      .max(nullTextsMax)
      .default([])
      .describe("CSV: texts that mean a missing value, beside the empty field."),
    date_format: format.optional().describe("CSV: how dates are written, as `%d.%m.%Y`."),
    timestamp_format: format.optional().describe("CSV: how timestamps are written."),
  })
  .superRefine((value, context) => {
    for (const [key, message] of faultsOf(value)) {
      context.addIssue({ code: "custom", path: [key], message, input: value });
    }
  })
  .meta({ title: "hakiri source: files" });

type ParsedSettings = z.output<typeof fileSettingsSchema>;

function faultsOf(value: {
  readonly path?: readonly string[] | undefined;
  readonly glob?: readonly string[] | undefined;
  readonly stream?: string | undefined;
  readonly stream_per_file: boolean;
  readonly types: Readonly<Record<string, string>>;
}): readonly (readonly [key: string, message: string])[] {
  const faults: (readonly [string, string])[] = [];
  if (value.path === undefined && value.glob === undefined) {
    faults.push(["path", "a file as path, or a pattern as glob"]);
  }
  if (value.stream !== undefined && value.stream_per_file) {
    faults.push(["stream", "no name of a stream beside stream_per_file = true"]);
  }
  for (const [column, word] of Object.entries(value.types)) {
    if (typeOfWord(word) !== null) continue;
    const near = nearest(word, typeWords);
    const meant = near === null ? "" : ` (did you mean "${near}"?)`;
    faults.push([
      "types",
      `a type for ${JSON.stringify(column)}, not ${JSON.stringify(word)}${meant}`,
    ]);
  }
  return faults;
}

/** What a format of files is called. */
export type FileFormat = Exclude<ParsedSettings["format"], "auto">;

/** The parts of a CSV dialect that somebody fixed; what is null is found out for each file. */
export interface DialectSettings {
  readonly delimiter: string | null;
  readonly quote: string | null;
  readonly escape: string | null;
  readonly header: boolean | null;
  readonly skipLines: number;
  readonly nullTexts: readonly string[];
  readonly dateFormat: string | null;
  readonly timestampFormat: string | null;
}

/** Settings as they are meant. */
export interface FileSettings {
  /** Taken literally. */
  readonly paths: readonly string[];
  readonly globs: readonly string[];
  /** Null goes by each file's ending. */
  readonly format: FileFormat | null;
  readonly stream: string | null;
  readonly streamPerFile: boolean;
  readonly onBadRow: OnBadRow;
  readonly types: ReadonlyMap<string, DataType>;
  readonly pointer: string;
  readonly rows: "auto" | "items" | "one";
  readonly keyColumn: string;
  /** Null finds out. */
  readonly encoding: string | null;
  readonly dialect: DialectSettings;
}

/** Reads settings. Throws `usage.invalid_config` or `usage.unknown_key`, which say every fault. */
export function parseFileSettings(settings: unknown): FileSettings {
  const parsed = fileSettingsSchema.safeParse(settings);
  if (!parsed.success)
    throw settingsError(parsed.error.issues, {
      of: "files",
      known: Object.keys(fileSettingsSchema.shape),
      least: 'the least is path = "orders.csv", or glob = "orders-*.csv"',
    });
  const { data } = parsed;
  const types = Object.entries(data.types).flatMap(([column, word]) => {
    const type = typeOfWord(word);
    return type === null ? [] : [[column, type] as const];
  });
  return {
    paths: data.path ?? [],
    globs: data.glob ?? [],
    format: data.format === "auto" ? null : data.format,
    stream: data.stream ?? null,
    streamPerFile: data.stream_per_file,
    onBadRow: data.on_bad_row,
    types: new Map(types),
    pointer: data.pointer,
    rows: data.rows,
    keyColumn: data.key_column,
    encoding: data.encoding ?? null,
    dialect: {
      delimiter: data.delimiter ?? null,
      quote: data.quote ?? null,
      escape: data.escape ?? null,
      header: data.header ?? null,
      skipLines: data.skip_lines,
      nullTexts: data.null_texts,
      dateFormat: data.date_format ?? null,
      timestampFormat: data.timestamp_format ?? null,
    },
  };
}
