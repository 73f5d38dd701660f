/** The source of the made-up system: each stream with another kind of cursor. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { batchBuilder } from "../../../src/columns/batch-builder.ts";
import type { ReadCursor, ResumeKind } from "../../../src/core/cursor.ts";
import type { Disposition } from "../../../src/core/pipeline.ts";
import type {
  OpenRequest,
  ReadEnd,
  Reader,
  ReadItem,
  ScanItem,
  Source,
} from "../../../src/core/ports/source.ts";
import type { Scan } from "../../../src/core/scan.ts";
import type { StreamSchema } from "../../../src/core/schema.ts";
import { csvScanOf } from "../../context/scan/csv-scan.ts";
import type { SourceSettings } from "../../../src/runtime/actor/means.ts";
import {
  eventsAfter,
  fieldsOf,
  fileRows,
  filesAt,
  livingRows,
  orderLog,
  orderRow,
  streamNames,
  type RowTexts,
  type StreamName,
  type WorldFile,
} from "./world.ts";

/** Called at each step of the source, which goes on once it resolves. */
export type AtStep = (step: string) => Promise<void>;

/** The rows of one batch of the source's. */
const batchRows = 8;

/** Partitions of `prices`. */
const partitions = 3;

/** What a user would expect of each stream. */
export const dispositions: Readonly<Record<StreamName, Disposition>> = {
  events: "append",
  files: "append",
  notes: "replace",
  orders: "merge",
  prices: "replace",
  rates: "replace",
};

/**
 * The source of the system as `worldSettings` describe it; its files are in the project's folder.
 */
export function worldSource(
  { project, settings }: Pick<SourceSettings, "project" | "settings">,
  at: AtStep,
): Source {
  const version = Number(settings["version"]);
  // As `worldSettings` made them.
  const folder = filesFolder(project, settings["folder"] as string);
  return {
    discover: async () => {
      await at("discover");
      return streamNames.map((stream) => ({
        stream,
        namespace: null,
        schema: schemaOf(stream, version),
        disposition: dispositions[stream],
        hasFiles: stream === "files",
        cursorColumns: stream === "orders" ? ["changed"] : stream === "events" ? ["id"] : [],
        comment: "",
      }));
    },
    partitions: async ({ stream }) => {
      if (stream !== "prices") return [];
      return Array.from({ length: partitions }, (_, id) => ({ id: `p${id}`, token: String(id) }));
    },
    open: async (request) => {
      await at(`open ${request.stream}`);
      const stream = nameOf(request.stream);
      if (stream === "files") return new FilesReader(folder, version, { request, at });
      const plan = planOf(stream, version, request);
      return rowsReader({ stream, version, plan }, at);
    },
    close: async () => undefined,
  };
}

function nameOf(stream: string): StreamName {
  const found = streamNames.find((name) => name === stream);
  if (found === undefined) throw new Error(`the system has no stream ${stream}`);
  return found;
}

interface PlannedRow {
  readonly texts: RowTexts;
  readonly isTombstone: boolean;
  /** The cursor's value right after it. */
  readonly value: string;
}

interface ReadPlan {
  readonly rows: readonly PlannedRow[];
  readonly resume: ResumeKind;
  /** The column that orders it; null where its place in the read does. */
  readonly column: string | null;
  /** The value before the first row. */
  readonly start: string | null;
}

function planOf(stream: Exclude<StreamName, "files">, version: number, request: OpenRequest) {
  const start = request.cursor?.stored.value ?? null;
  const after = Number(start ?? "0");
  switch (stream) {
    case "events": {
      const rows = eventsAfter(after, version).map((texts) => upsert(texts, texts[0] ?? ""));
      return { rows, resume: "any", column: "id", start } satisfies ReadPlan;
    }
    case "orders": {
      const rows = orderLog(version)
        .filter(({ changed }) => changed > after)
        .map((change) => ({
          texts: orderRow(change, version),
          isTombstone: change.deleted,
          value: String(change.changed),
        }));
      return { rows, resume: "any", column: "changed", start } satisfies ReadPlan;
    }
    case "prices": {
      const own = Number(request.partition?.token ?? "0");
      const all = livingRows(stream, version).filter((_, index) => index % partitions === own);
      const rows = all.map((texts, index) => upsert(texts, String(index + 1))).slice(after);
      return { rows, resume: "any", column: null, start } satisfies ReadPlan;
    }
    case "notes":
      return { ...fullRead(stream, version), resume: "same_read" } satisfies ReadPlan;
    case "rates":
      return { ...fullRead(stream, version), resume: "none" } satisfies ReadPlan;
  }
}

function fullRead(stream: StreamName, version: number): Omit<ReadPlan, "resume"> {
  const rows = livingRows(stream, version).map((texts, row) => upsert(texts, String(row + 1)));
  return { rows, column: null, start: null };
}

const upsert = (texts: RowTexts, value: string): PlannedRow => {
  return { texts, isTombstone: false, value };
};

function cursorOf(
  stream: StreamName,
  { column, resume }: Pick<ReadPlan, "column" | "resume">,
  value: string | null,
): ReadCursor {
  const type = column === null ? null : "int8";
  const stored = { version: 1, connector: "world", stream, column, type, value, boundary: null };
  return { resume, stored: { ...stored, version: 1 }, boundaryLines: null };
}

function schemaOf(stream: StreamName, version: number): StreamSchema {
  return { fields: fieldsOf(stream, version), primaryKey: stream === "orders" ? ["id"] : [] };
}

/** A read of rows at a version. */
interface RowsRead {
  readonly stream: StreamName;
  readonly version: number;
  readonly plan: ReadPlan;
}

function rowsReader({ stream, version, plan }: RowsRead, at: AtStep): Reader {
  const { rows } = plan;
  const schema = schemaOf(stream, version);
  let given = 0;
  const next = async (): Promise<ReadItem | ReadEnd> => {
    await at(`next ${stream}`);
    const part = rows.slice(given, given + batchRows);
    given += part.length;
    const last = part.at(-1);
    if (last === undefined) {
      const isIncremental = plan.column !== null;
      const value = rows.at(-1)?.value ?? plan.start;
      const cursor = isIncremental && value !== null ? cursorOf(stream, plan, value) : null;
      return { kind: "end", cursor, schema: rows.length === 0 ? schema : null, supersedes: [] };
    }
    const builder = batchBuilder(schema.fields);
    for (const { texts, isTombstone } of part) {
      builder.append(texts, isTombstone ? "tombstone" : "upsert");
    }
    return {
      kind: "records",
      schema,
      batch: builder.finish(),
      cursor: cursorOf(stream, plan, last.value),
    };
  };
  return { next, close: async () => undefined };
}

interface FilesReading {
  readonly request: OpenRequest;
  readonly at: AtStep;
}

/** Gives new and changed files, one scan each, and at its end those that are gone. */
class FilesReader implements Reader {
  readonly #folder: string;
  readonly #at: AtStep;
  readonly #files: readonly WorldFile[];
  /** What was read, by name. */
  readonly #lines: Map<string, string>;
  readonly #isFirst: boolean;

  constructor(folder: string, version: number, { request, at }: FilesReading) {
    this.#folder = folder;
    this.#at = at;
    this.#files = filesAt(version);
    const lines = request.cursor?.boundaryLines ?? [];
    this.#lines = new Map(lines.map((line) => [line.split("\t")[0] ?? "", line]));
    this.#isFirst = request.cursor === null;
  }

  async next(): Promise<ScanItem | ReadEnd> {
    await this.#at("next files");
    const file = this.#files.find((each) => this.#lines.get(each.name) !== lineOf(each));
    if (file === undefined) return this.#end();
    const supersedes = this.#lines.has(file.name) ? [file.name] : [];
    return {
      kind: "scan",
      scan: csvScanOf({ path: join(this.#folder, file.name), name: file.name }, filesFields),
      supersedes,
    };
  }

  async verifyScan({ files }: Scan): Promise<ReadCursor> {
    await this.#at("verify files");
    for (const { name } of files) {
      const file = this.#files.find((each) => each.name === name);
      if (file === undefined) throw new Error(`a scan of a file that isn't there: ${name}`);
      this.#lines.set(name, lineOf(file));
    }
    return this.#cursor();
  }

  async close(): Promise<void> {
    await this.#at("close files");
  }

  #end(): ReadEnd {
    const living = new Set(this.#files.map(({ name }) => name));
    const gone = [...this.#lines.keys()].filter((name) => !living.has(name)).toSorted(byCodeUnit);
    for (const name of gone) this.#lines.delete(name);
    const schema = this.#isFirst ? { fields: filesFields, primaryKey: [] } : null;
    return { kind: "end", cursor: this.#cursor(), schema, supersedes: gone };
  }

  #cursor(): ReadCursor {
    const boundaryLines = [...this.#lines.values()].toSorted(byCodeUnit);
    return { ...cursorOf("files", { column: null, resume: "any" }, null), boundaryLines };
  }
}

/** The same at every version. */
const filesFields = fieldsOf("files", 1);

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : 1);

const lineOf = ({ name, content }: WorldFile): string => `${name}\t${content}`;

/** The settings of a source of the system at a version, whose files are in that folder. */
export function worldSettings(version: number, folder: string): SourceSettings["settings"] {
  return { version, folder };
}

const filesFolder = (project: string, folder: string): string => join(project, "input", folder);

/** Writes the files that a source of these settings reads, where they aren't as they must be. */
export function writeWorldFiles(
  project: string,
  { version, folder }: { readonly version: number; readonly folder: string },
): void {
  const root = filesFolder(project, folder);
  mkdirSync(root, { recursive: true });
  for (const file of filesAt(version)) {
    const path = join(root, file.name);
    const lines = fileRows(file).map(([id, name]) => `${id ?? ""},"${name ?? ""}"\n`);
    const content = `id,name\n${lines.join("")}`;
    if (existsSync(path) && readFileSync(path, "utf8") === content) continue;
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  }
}
