/** What a stream of files looks like, by some of its files. */
import { respell, type Field, type Scanner, type StreamDescription } from "../../src/connector.ts";
import type { FileSettings } from "./config.ts";
import { describeFiles, sampleFilesMax, spread } from "./describe-files.ts";
import { FileQueue, type EmptyFile } from "./file-queue.ts";
import type { FileLayout } from "./inspect-file.ts";
import type { InputFile } from "./input-file.ts";
import type { PreparedGroup } from "./prepared-scan.ts";
import { smallScan } from "./scan-bounds.ts";
import { Scratch } from "./scratch-copy.ts";
import { unifyFields } from "./unify-fields.ts";

/** What a stream is discovered with. */
export interface Discovery {
  readonly settings: FileSettings;
  readonly scanner: Scanner;
  readonly signal: AbortSignal;
  /** Absolute path of the folder for copies. */
  readonly scratch: string;
  readonly nowNs: () => bigint;
}

/** Rows of a JSON document that are cut out to be looked at. */
const cutRowsMax = 1000;

/**
 * Describes a stream. Types that nothing holds together are text here; a run says which file is at
 * fault. Throws what looking into its files throws. */
export async function discoverStream(
  stream: string,
  files: readonly InputFile[],
  discovery: Discovery,
): Promise<StreamDescription> {
  const scratch = new Scratch(discovery.scratch);
  try {
    const empty: EmptyFile[] = [];
    const groups: PreparedGroup[] = [];
    const some = spread(files, sampleFilesMax);
    const queue = new FileQueue(
      some.map((file) => ({ file, sha256: null, supersedes: [] })),
      { ...discovery, scratch, bounds: smallScan, rowsMax: cutRowsMax },
    );
    const found: (readonly Field[])[] = [];
    for (;;) {
      const group = await queue.nextGroup((file) => empty.push(file));
      if (group === null) break;
      groups.push(group);
      const { fields } = await describeFiles(group, "quick", discovery);
      found.push(group.layout.kind === "csv" ? spelledAs(fields, found.flat()) : fields);
    }
    const layouts = groups.map(({ layout }) => layout);
    const names = empty.flatMap(({ inspected: { layout } }) =>
      layout?.kind === "csv" ? [layout.names] : [],
    );
    for (const list of names) {
      const fields = list.map((name) => fieldOf(name, discovery));
      found.push(spelledAs(fields, found.flat()));
    }
    return {
      stream,
      namespace: null,
      schema: { fields: unifyFields(found, () => ({ kind: "text" })), primaryKey: [] },
      disposition: "append",
      hasFiles: true,
      cursorColumns: [],
      comment: commentOf(files, layouts, empty.length),
    };
  } finally {
    await scratch.close();
  }
}

/** A header that other files have in another case is theirs. */
function spelledAs(fields: readonly Field[], known: readonly Field[]): readonly Field[] {
  const nameOf = ({ name }: Field): string => name;
  const names = respell(fields.map(nameOf), known.map(nameOf));
  return fields.map((field, place) => ({ ...field, name: names[place] ?? field.name }));
}

function fieldOf(name: string, { settings }: Discovery): Field {
  return { name, type: settings.types.get(name) ?? { kind: "null" }, nullable: true };
}

function commentOf(
  files: readonly InputFile[],
  layouts: readonly FileLayout[],
  emptyFiles: number,
): string {
  const bytes = files.reduce((sum, { state }) => sum + state.sizeBytes, 0);
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  const forms = [...new Set(layouts.map(formOf))];
  const parts = [`${count}, ${bytes} bytes`, ...forms];
  if (emptyFiles > 0)
    parts.push(emptyFiles === 1 ? "1 without rows" : `${emptyFiles} without rows`);
  return parts.join("; ");
}

function formOf(layout: FileLayout): string {
  switch (layout.kind) {
    case "csv": {
      const { delimiter, quote, header, encoding } = layout.dialect;
      const names = header ? "with a header" : "without a header";
      const quoted = quote === "" ? "no quotes" : `quote ${quote}`;
      return `CSV ${names}, delimiter ${JSON.stringify(delimiter)}, ${quoted}, ${encoding}`;
    }
    case "json":
      return layout.cut === null ? `JSON ${layout.shape}` : "JSON document";
    case "parquet":
      return "Parquet";
  }
}
