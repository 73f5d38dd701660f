/** `hakiri state rewind`: puts cursors back to where they were, or to the beginning. */
import { encodeCursor } from "../../../context/cursor-codec.ts";
import { usageError } from "../../../core/error.ts";
import { nearest } from "../../../core/near-miss.ts";
import type { CursorRecord, PipelineRecord } from "../../../core/ports/catalog.ts";
import type { CursorEntry } from "../../../core/snapshot.ts";
import type { Answer, CommandContext } from "../../command.ts";
import type { Engine } from "../engine.ts";
import { withProject, type OpenProject } from "../project.ts";
import { commitCursors } from "./commit-cursors.ts";
import { heldCursors } from "./held-cursors.ts";
import { moveAnswer } from "./move-answer.ts";
import { positionOf } from "./positions.ts";
import type { Position, StreamMove } from "./repeats.ts";
import { storedPipeline } from "./set-state.ts";

/** What was typed. */
export interface RewindInput {
  readonly pipeline: string;
  /** Every stream without. */
  readonly stream: string | undefined;
  /** The beginning without. */
  readonly to: number | undefined;
}

/** Rewinds cursors under the pipeline's claim. */
export async function rewindState(
  engine: Engine,
  input: RewindInput,
  context: CommandContext,
): Promise<Answer> {
  return withProject(engine, context, async (project) => {
    const { spec, record } = await storedPipeline(engine, project, input.pipeline);
    const target = await targetOf(project, record, input.to);
    const { runId, decision } = await commitCursors(project.store, record, async (cursors) => {
      if (input.stream !== undefined) checkStream(input.stream, [...cursors, ...target]);
      const isMeant = ({ stream }: CursorRecord): boolean =>
        input.stream === undefined || stream === input.stream;
      return decide(project, {
        current: cursors.filter(isMeant),
        target: target.filter(isMeant),
        held: await heldCursors(project.store.catalog, record),
      });
    });
    return moveAnswer({ spec, runId, moves: decision.moves });
  });
}

async function targetOf(
  { store }: OpenProject,
  { pipelineId }: PipelineRecord,
  to: number | undefined,
): Promise<readonly CursorRecord[]> {
  if (to === undefined) return [];
  if ((await store.catalog.snapshotAt({ sequence: to })) === null) {
    throw usageError(
      "unknown_snapshot",
      `expected a snapshot that is retained, got ${to}`,
      "see which there are: hakiri snapshots",
    );
  }
  return store.catalog.cursors(pipelineId, to);
}

function checkStream(stream: string, cursors: readonly CursorRecord[]): void {
  const known = [...new Set(cursors.map((each) => each.stream))];
  if (known.includes(stream)) return;
  const meant = nearest(stream, known);
  const some = known.length === 0 ? "it has none" : `one of: ${known.slice(0, 20).join(", ")}`;
  throw usageError(
    "unknown_stream",
    `expected a stream with a cursor, got '${stream}'`,
    meant === null ? some : `did you mean '${meant}'?`,
  );
}

interface KnownCursors {
  readonly current: readonly CursorRecord[];
  readonly target: readonly CursorRecord[];
  /** As `heldCursors` has them. */
  readonly held: readonly CursorRecord[];
}

interface Rewinding {
  readonly entries: readonly CursorEntry[];
  readonly moves: readonly StreamMove[];
}

async function decide(
  { store }: OpenProject,
  { current, target, held }: KnownCursors,
): Promise<Rewinding> {
  const entries: CursorEntry[] = [];
  const moves: StreamMove[] = [];
  const positions = async (cursor: CursorRecord | undefined): Promise<Position | null> =>
    cursor === undefined ? null : positionOf(store.filesystem, cursor);
  for (const { stream, partition } of partitionsOf([...current, ...target])) {
    const isOwn = (each: CursorRecord): boolean =>
      each.stream === stream && each.partition === partition;
    const before = current.find(isOwn);
    const after = target.find(isOwn);
    moves.push({
      stream,
      before: await positions(before),
      after: await positions(after),
      held: await positions(held.find(isOwn)),
    });
    if (isSame(before, after)) continue;
    const { cursor = null, boundaryPath = null } = after ?? {};
    entries.push({ stream, partition, cursor, boundaryPath });
  }
  return { entries, moves };
}

function partitionsOf(
  cursors: readonly CursorRecord[],
): readonly Pick<CursorRecord, "stream" | "partition">[] {
  const found = new Map(
    cursors.map(({ stream, partition }) => [
      JSON.stringify([stream, partition]),
      { stream, partition },
    ]),
  );
  return [...found.values()];
}

function isSame(a: CursorRecord | undefined, b: CursorRecord | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return encodeCursor(a.cursor) === encodeCursor(b.cursor) && a.boundaryPath === b.boundaryPath;
}
