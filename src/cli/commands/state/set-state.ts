/** `hakiri state set`: puts one stream's cursor where the user says. */
import { decodeCursor, encodeCursor } from "../../../context/cursor-codec.ts";
import type { StoredCursor } from "../../../core/cursor.ts";
import { HakiriError, usageError } from "../../../core/error.ts";
import { nearest } from "../../../core/near-miss.ts";
import type { PipelineSpec } from "../../../core/pipeline.ts";
import type { CursorRecord, PipelineRecord } from "../../../core/ports/catalog.ts";
import type { CursorEntry } from "../../../core/snapshot.ts";
import type { Answer, CommandContext } from "../../command.ts";
import type { Engine } from "../engine.ts";
import { findPipeline } from "../find-pipeline.ts";
import { withProject, type OpenProject } from "../project.ts";
import { commitCursors } from "./commit-cursors.ts";
import { heldCursors } from "./held-cursors.ts";
import { moveAnswer } from "./move-answer.ts";
import { positionOf } from "./positions.ts";
import type { StreamMove } from "./repeats.ts";

/** What was typed: exactly one of `cursor` and `value`. */
export interface SetInput {
  readonly pipeline: string;
  readonly stream: string;
  readonly cursor: string | undefined;
  readonly value: string | undefined;
}

/** Sets a cursor under the pipeline's claim. */
export async function setState(
  engine: Engine,
  input: SetInput,
  context: CommandContext,
): Promise<Answer> {
  const wanted = wantedOf(input);
  return withProject(engine, context, async (project) => {
    const { spec, record } = await storedPipeline(engine, project, input.pipeline);
    const { runId, decision } = await commitCursors(project.store, record, async (cursors) =>
      decide(project, { spec, record, stream: input.stream, wanted, cursors }),
    );
    return moveAnswer({ spec, runId, moves: [decision.move] });
  });
}

type Wanted =
  | { readonly kind: "cursor"; readonly cursor: StoredCursor }
  | { readonly kind: "value"; readonly value: string };

function wantedOf({ cursor, value }: SetInput): Wanted {
  if (cursor !== undefined && value === undefined)
    return { kind: "cursor", cursor: parsed(cursor) };
  if (cursor === undefined && value !== undefined) return { kind: "value", value };
  throw usageError(
    "one_position",
    `expected --cursor or --value, got ${cursor === undefined ? "neither" : "both"}`,
    "for example --value 2026-01-01; to begin anew: hakiri state rewind",
  );
}

function parsed(text: string): StoredCursor {
  try {
    return decodeCursor(text);
  } catch (error) {
    if (!(error instanceof HakiriError) || error.code !== "cursor.damaged") throw error;
    throw usageError(
      "invalid_cursor",
      `expected a cursor as JSON for --cursor; ${error.message}`,
      "take the one that 'hakiri state show PIPELINE --json' prints, and change it",
    );
  }
}

/** The pipeline, which must have run. */
export async function storedPipeline(
  engine: Engine,
  project: OpenProject,
  name: string,
): Promise<{ readonly spec: PipelineSpec; readonly record: PipelineRecord }> {
  const { catalog } = project.store;
  const { spec, record } = await findPipeline({ engine, project, catalog }, name);
  if (record !== null) return { spec, record };
  throw usageError(
    "never_run",
    `expected a pipeline that has run, but '${name}' never did: it has no cursors yet`,
    `run it: hakiri run ${name}`,
  );
}

interface SetRequest {
  readonly spec: PipelineSpec;
  readonly record: PipelineRecord;
  readonly stream: string;
  readonly wanted: Wanted;
  readonly cursors: readonly CursorRecord[];
}

async function decide(
  { store }: OpenProject,
  request: SetRequest,
): Promise<{ readonly entries: readonly CursorEntry[]; readonly move: StreamMove }> {
  const { stream, cursors, record } = request;
  checkStream(request);
  const isHeld = (each: CursorRecord): boolean => each.stream === stream && each.partition === "";
  const held = (await heldCursors(store.catalog, record)).find(isHeld);
  const own = cursors.filter((each) => each.stream === stream);
  const whole = own.find(({ partition }) => partition === "") ?? null;
  const next = nextCursor(request, whole);
  const isSame = whole !== null && encodeCursor(whole.cursor) === encodeCursor(next.cursor);
  const others = own.filter(({ partition }) => partition !== "");
  const gone = others.map(({ partition }) => ({
    stream,
    partition,
    cursor: null,
    boundaryPath: null,
  }));
  const move = {
    stream,
    before: whole === null ? null : await positionOf(store.filesystem, whole),
    after: await positionOf(store.filesystem, next),
    held: held === undefined ? null : await positionOf(store.filesystem, held),
  };
  const entry = { stream, partition: "", ...next };
  return { entries: isSame ? gone : [entry, ...gone], move };
}

function checkStream({ spec, stream, cursors }: SetRequest): void {
  const known = [
    ...new Set([...cursors.map((each) => each.stream), ...spec.streams.map((each) => each.stream)]),
  ];
  if (known.includes(stream)) return;
  const meant = nearest(stream, known);
  const some =
    known.length === 0 ? "it knows none yet" : `one of: ${known.slice(0, 20).join(", ")}`;
  throw usageError(
    "unknown_stream",
    `expected a stream of pipeline '${spec.name}', got '${stream}'`,
    meant === null ? some : `did you mean '${meant}'?`,
  );
}

type NextCursor = Pick<CursorRecord, "cursor" | "boundaryPath">;

function nextCursor(request: SetRequest, current: CursorRecord | null): NextCursor {
  const { spec, stream, wanted } = request;
  if (wanted.kind === "value") return atValue(request, wanted.value, current);
  const { cursor } = wanted;
  if (cursor.connector !== spec.connector || cursor.stream !== stream) {
    throw usageError(
      "invalid_cursor",
      `expected a cursor of connector '${spec.connector}' and stream '${stream}', ` +
        `got one of '${cursor.connector}' and '${cursor.stream}'`,
      "take the one that 'hakiri state show PIPELINE --json' prints, and change it",
    );
  }
  encodeCursor(cursor);
  if (cursor.boundary === null) return { cursor, boundaryPath: null };
  const isKept = current?.cursor.boundary?.sha256 === cursor.boundary.sha256;
  const isWhole = isKept && current?.cursor.boundary?.count === cursor.boundary.count;
  if (isWhole) return { cursor, boundaryPath: current?.boundaryPath ?? null };
  throw usageError(
    "invalid_cursor",
    "expected the boundary that the stream has now, or null, got another: its entries aren't here",
    'write "boundary": null; or go back to a snapshot: hakiri state rewind --to SNAPSHOT',
  );
}

/** At a value, with nothing of it delivered. */
function atValue(
  { spec, stream }: SetRequest,
  value: string,
  current: CursorRecord | null,
): NextCursor {
  const member = spec.streams.find((each) => each.stream === stream);
  const column = member?.incremental ?? current?.cursor.column ?? null;
  if (column === null) {
    throw usageError(
      "no_value",
      `expected a stream that is read by a column for --value, but '${stream}' is not`,
      "to read it anew: hakiri state rewind PIPELINE --stream STREAM",
    );
  }
  const type = current?.cursor.column === column ? current.cursor.type : null;
  const { connector } = spec;
  const cursor: StoredCursor = {
    version: 1,
    connector,
    stream,
    column,
    type,
    value,
    boundary: null,
  };
  encodeCursor(cursor);
  return { cursor, boundaryPath: null };
}
