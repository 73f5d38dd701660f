/** The source of a made-up system, with every kind of cursor that the port knows. */
import { batchBuilder } from "../../../src/columns/batch-builder.ts";
import type { ReadCursor, ResumeKind } from "../../../src/core/cursor.ts";
import type {
  OpenRequest,
  Partition,
  ReadEnd,
  Reader,
  ReadItem,
  ScanItem,
  Source,
  SourceSession,
  StreamDescription,
} from "../../../src/core/ports/source.ts";
import type { Scan } from "../../../src/core/scan.ts";
import type { StreamSchema } from "../../../src/core/schema.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import type { Directed } from "./directed.ts";
import type { ReadPlace } from "./direction.ts";
import { fileFieldsOf, filesAt, lineOf, scanOf, type WorldFile } from "./world-files.ts";
import {
  fieldsOf,
  rowsAt,
  streamOf,
  textsOf,
  type StreamWorld,
  type World,
  type WorldRow,
} from "./world.ts";

/** A source of what its director says is out there. */
export function generatedSource(directed: Directed): Source {
  let known: Promise<World> | null = null;
  const world = (): Promise<World> => (known ??= askWorld(directed));
  return {
    discover: async ({ signal }) => {
      await directed.at({ at: "discover" }, signal);
      const { streams, version } = await world();
      return streams.map((stream) => describe(stream, version));
    },
    partitions: async (request) => {
      await directed.at({ at: "partitions", ...placeOf(request) }, request.signal);
      return partitionsOf(streamOf(await world(), request.stream));
    },
    open: async (request) => {
      await directed.at({ at: "open", ...placeOf(request) }, request.signal);
      return openReader(directed, await world(), request);
    },
    session: async ({ signal }) => openSession(directed, signal),
    close: async () => directed.close(),
  };
}

async function askWorld(directed: Directed): Promise<World> {
  const direction = await directed.at({ at: "world" });
  if (direction.kind !== "world") throw new Error(`expected a world, got ${direction.kind}`);
  return direction.world;
}

async function openSession(directed: Directed, signal: AbortSignal): Promise<SourceSession> {
  const direction = await directed.at({ at: "session" }, signal);
  if (direction.kind !== "session") throw new Error(`expected a session, got ${direction.kind}`);
  const { token } = direction;
  return {
    token,
    lost: directed.at({ at: "lost", token }).then(() => "the test took it away"),
    close: async () => void (await directed.at({ at: "session_closed", token })),
  };
}

function describe(stream: StreamWorld, version: number): StreamDescription {
  const isOfFiles = stream.kind === "files";
  return {
    stream: stream.name,
    namespace: null,
    schema: schemaOf(stream, version),
    disposition: isOfFiles ? "append" : "replace",
    hasFiles: isOfFiles,
    cursorColumns: isOfFiles ? [] : ["changed"],
    comment: "",
  };
}

function schemaOf(stream: StreamWorld, version: number): StreamSchema {
  if (stream.kind === "files") return { fields: fileFieldsOf(stream, version), primaryKey: [] };
  return { fields: fieldsOf(stream, version), primaryKey: ["id"] };
}

function placeOf(request: OpenRequest): ReadPlace {
  return {
    stream: request.stream,
    partition: request.partition?.id ?? "",
    from: request.cursor?.stored.value ?? null,
    token: request.sessionToken,
  };
}

/** By the last digits of `id`. */
function partitionsOf({ kind, partitions = 1 }: StreamWorld): readonly Partition[] {
  if (kind !== "partitioned" && kind !== "snapshot") return [];
  return Array.from({ length: partitions }, (_, index) => ({
    id: `p${index}`,
    token: `${index} ${partitions}`,
  }));
}

function openReader(directed: Directed, world: World, request: OpenRequest): Reader {
  const stream = streamOf(world, request.stream);
  if (stream.kind === "files") return new FilesReader(directed, world, request);
  const start = request.cursor;
  const plan =
    request.incremental === null
      ? fullRead(world, stream, request)
      : incrementalRead(world, stream, request);
  const rows =
    request.limits.rowsMax === null ? plan.rows : plan.rows.slice(0, request.limits.rowsMax);
  return new RowsReader(directed, request, {
    ...plan,
    rows,
    stream,
    version: world.version,
    start,
  });
}

/** What a read gives, and which cursor comes with the rows up to the nth. */
interface ReadPlan {
  readonly rows: readonly WorldRow[];
  readonly cursorAfter: (count: number) => ReadCursor;
  /** Of the end; null without one. */
  readonly last: ReadCursor | null;
}

function fullRead(world: World, stream: StreamWorld, request: OpenRequest): ReadPlan {
  const [part = 0, parts = 1] = (request.partition?.token ?? "0 1").split(" ").map(Number);
  const after = Number(request.cursor?.stored.value ?? 0);
  const rows = rowsAt(world, stream)
    .filter(({ deleted, id }) => !deleted && id % parts === part && id > after)
    .toSorted((a, b) => a.id - b.id);
  const resume: ResumeKind =
    stream.kind === "snapshot" ? "same_read" : stream.kind === "plain" ? "none" : "any";
  const cursorAfter = (count: number): ReadCursor => ({
    resume,
    stored: cursorAt(stream, null, String(rows[count - 1]?.id ?? after)),
    boundaryLines: null,
  });
  return { rows, cursorAfter, last: null };
}

function incrementalRead(world: World, stream: StreamWorld, request: OpenRequest): ReadPlan {
  const { cursor, range } = request;
  const since = cursor === null ? -1 : Number(cursor.stored.value);
  const seen = new Set(cursor?.boundaryLines ?? []);
  const wanted = rowsAt(world, stream).filter(
    ({ id, changed }) =>
      (changed > since || (changed === since && !seen.has(String(id)))) &&
      changed >= Number(range?.from ?? -Infinity) &&
      changed < Number(range?.to ?? Infinity),
  );
  const ordered = wanted.toSorted((a, b) => a.changed - b.changed || a.id - b.id);
  const rows = stream.kind === "unordered" ? shuffled(ordered, world.seed) : ordered;
  const at = (delivered: readonly WorldRow[], resume: ResumeKind): ReadCursor => {
    const value = Math.max(since, ...delivered.map(({ changed }) => changed));
    const lines = delivered.filter(({ changed }) => changed === value).map(({ id }) => String(id));
    const before = value === since ? [...seen] : [];
    return {
      resume,
      stored: cursorAt(stream, "changed", String(value)),
      boundaryLines: [...new Set([...before, ...lines])].toSorted(byCodeUnit),
    };
  };
  const cursorAfter = (count: number): ReadCursor => {
    const isResumable = stream.kind !== "unordered" || count === rows.length;
    return at(rows.slice(0, count), isResumable ? "any" : "none");
  };
  const isNothing = rows.length === 0 && cursor === null;
  return { rows, cursorAfter, last: isNothing ? null : at(rows, "any") };
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : 1);

function shuffled(rows: readonly WorldRow[], seed: number): readonly WorldRow[] {
  const random = seededRandom(seed);
  return rows
    .map((row) => ({ row, place: random.fraction() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ row }) => row);
}

function cursorAt(
  { name }: StreamWorld,
  column: string | null,
  value: string | null,
): ReadCursor["stored"] {
  return {
    version: 1,
    connector: "test",
    stream: name,
    column,
    type: "int8",
    value,
    boundary: null,
  };
}

class RowsReader implements Reader {
  readonly #directed: Directed;
  readonly #request: OpenRequest;
  readonly #plan: ReadPlan & { readonly stream: StreamWorld; readonly version: number };
  #given = 0;

  constructor(
    directed: Directed,
    request: OpenRequest,
    plan: ReadPlan & {
      readonly stream: StreamWorld;
      readonly version: number;
      readonly start: OpenRequest["cursor"];
    },
  ) {
    this.#directed = directed;
    this.#request = request;
    this.#plan = plan;
  }

  async next(): Promise<ReadItem | ReadEnd> {
    const { signal } = this.#request;
    const { rows, stream, version, cursorAfter, last } = this.#plan;
    const event = { at: "next", row: this.#given, ...placeOf(this.#request) } as const;
    await this.#directed.at(event, signal);
    const schema = schemaOf(stream, version);
    if (this.#given >= rows.length) {
      return {
        kind: "end",
        cursor: last,
        schema: rows.length === 0 ? schema : null,
        supersedes: [],
      };
    }
    const size = Math.min(stream.batchRows, this.#request.limits.batchRowsMax);
    const part = rows.slice(this.#given, this.#given + size);
    this.#given += part.length;
    const builder = batchBuilder(schema.fields);
    for (const row of part) {
      const texts = textsOf(stream, version, row);
      const values = schema.fields.map(({ name, type }) => {
        const value = texts[name] ?? null;
        return type.kind === "bool" && value !== null ? value === "true" : value;
      });
      builder.append(values, row.deleted ? "tombstone" : "upsert");
    }
    return { kind: "records", schema, batch: builder.finish(), cursor: cursorAfter(this.#given) };
  }

  async close(): Promise<void> {
    await this.#directed.at({ at: "close", ...placeOf(this.#request) });
  }
}

/** Gives new and changed files, one scan each. */
class FilesReader implements Reader {
  readonly #directed: Directed;
  readonly #world: World;
  readonly #stream: StreamWorld;
  readonly #request: OpenRequest;
  readonly #waiting: WorldFile[];
  /** By name, the lines of what was read. */
  readonly #lines: Map<string, string>;
  readonly #isFirst: boolean;
  /** Of the file that was given last. */
  #broken = 0;

  constructor(directed: Directed, world: World, request: OpenRequest) {
    this.#directed = directed;
    this.#world = world;
    this.#request = request;
    const lines = request.cursor?.boundaryLines ?? [];
    this.#lines = new Map(lines.map((line) => [line.split("\t")[0] ?? "", line]));
    this.#stream = streamOf(world, request.stream);
    this.#waiting = filesAt(world, this.#stream).filter(
      (file) => this.#lines.get(file.name) !== lineOf(file),
    );
    this.#isFirst = request.cursor === null;
  }

  async next(): Promise<ReadItem | ReadEnd> {
    const row = this.#waiting.length;
    await this.#directed.at({ at: "next", row, ...placeOf(this.#request) }, this.#request.signal);
    const file = this.#waiting.shift();
    if (file !== undefined) {
      const supersedes = this.#lines.has(file.name) ? [file.name] : [];
      this.#broken = this.#stream.brokenScans ?? 0;
      return this.#item({
        kind: "scan",
        scan: scanOf(this.#world, this.#stream, file),
        supersedes,
      });
    }
    const schema = this.#isFirst ? schemaOf(this.#stream, this.#world.version) : null;
    return { kind: "end", cursor: this.#cursor(), schema, supersedes: [] };
  }

  async recoverScan(scan: Scan): Promise<ScanItem> {
    const file = filesAt(this.#world, this.#stream).find(({ name }) =>
      scan.files.some((one) => one.name === name),
    );
    if (file === undefined) throw new Error("a scan of a file that the world doesn't have");
    return this.#item({
      kind: "scan",
      scan: scanOf(this.#world, this.#stream, file),
      supersedes: [],
    });
  }

  #item(item: ScanItem): ScanItem {
    if (this.#broken === 0) return item;
    this.#broken -= 1;
    const files = item.scan.files.map((file) => ({ ...file, path: `${file.path}.absent` }));
    return { ...item, scan: { ...item.scan, files } };
  }

  async verifyScan({ files }: Scan): Promise<ReadCursor> {
    const [read] = files;
    const file = filesAt(this.#world, this.#stream).find(({ name }) => name === read?.name);
    if (file === undefined) throw new Error("a scan of a file that the world doesn't have");
    const event = { at: "verify", file: file.name, ...placeOf(this.#request) } as const;
    await this.#directed.at(event, this.#request.signal);
    this.#lines.set(file.name, lineOf(file));
    return this.#cursor();
  }

  async close(): Promise<void> {
    await this.#directed.at({ at: "close", ...placeOf(this.#request) });
  }

  #cursor(): ReadCursor {
    const { cursor } = this.#request;
    const boundaryLines = [...this.#lines.values()].toSorted(byCodeUnit);
    const isAsBefore = cursor?.boundaryLines.join("\n") === boundaryLines.join("\n");
    // As it was: the lines needn't be told again.
    if (isAsBefore) return { resume: "any", stored: cursor.stored, boundaryLines: null };
    return { resume: "any", stored: cursorAt(this.#stream, null, null), boundaryLines };
  }
}
