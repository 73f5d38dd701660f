// A source for benches: one stream of Parquet files, by scans.

import type { ReadCursor } from "../../src/core/cursor.ts";
import type { Json } from "../../src/core/json.ts";
import type {
  OpenRequest,
  ReadEnd,
  Reader,
  ScanItem,
  Source,
  SourceContext,
  StreamDescription,
} from "../../src/core/ports/source.ts";
import type { ScanFile } from "../../src/core/scan.ts";
import type { SourceSettings } from "../../src/runtime/actor/means.ts";

/** What the settings of a run say; both sides are of one tree. */
export type ParquetSettings = {
  readonly stream: string;
  /** Absolute. */
  readonly files: readonly string[];
  readonly disposition: StreamDescription["disposition"];
  readonly primaryKey: readonly string[];
};

/** Settings as a run's order carries them. */
export function settingsOf(settings: ParquetSettings): { readonly [key: string]: Json } {
  return settings;
}

/** Opens the source. */
export async function openParquetSource({ settings }: SourceSettings): Promise<Source> {
  // Written by `settingsOf` in the same process tree.
  const known = settings as unknown as ParquetSettings;
  return {
    discover: async (context) => [await describe(known, context)],
    open: async (request) => reader(known, request),
    close: () => Promise.resolve(),
  };
}

async function describe(
  { stream, files, disposition, primaryKey }: ParquetSettings,
  { scanner, signal }: SourceContext,
): Promise<StreamDescription> {
  const question = { kind: "parquet", files: filesOf(files) } as const;
  const { schema } = await scanner.describe(question, signal);
  return {
    stream,
    namespace: null,
    schema: { fields: schema.fields, primaryKey },
    disposition,
    hasFiles: true,
    cursorColumns: [],
    comment: "",
  };
}

function filesOf(paths: readonly string[]): readonly ScanFile[] {
  return paths.map((path) => ({ path, name: path, compression: "none" }));
}

async function reader(known: ParquetSettings, request: OpenRequest): Promise<Reader> {
  const { schema } = await describe(known, request);
  const cursor: ReadCursor = {
    resume: "none",
    stored: {
      version: 1,
      connector: "bench",
      stream: known.stream,
      column: null,
      type: null,
      value: known.files.join(","),
      boundary: null,
    },
    boundaryLines: null,
  };
  const scan: ScanItem = {
    kind: "scan",
    scan: {
      kind: "parquet",
      files: filesOf(known.files),
      fields: schema.fields,
      fileFields: schema.fields,
      onBadRow: "error",
      rowsMax: null,
    },
    supersedes: [],
  };
  const end: ReadEnd = { kind: "end", cursor, schema: null, supersedes: [] };
  const items: (ScanItem | ReadEnd)[] = [scan, end];
  return {
    next: () => {
      const item = items.shift();
      if (item === undefined) throw new Error("a reader was asked after its end");
      return Promise.resolve(item);
    },
    verifyScan: () => Promise.resolve(cursor),
    close: () => Promise.resolve(),
  };
}
