/**
 * `checkpoint.jsonl`: the commits of expired snapshots, cut down to what a rebuilt catalog needs of
 * them (docs/format/checkpoint.md). With it their own manifests may go.
 *
 *   K1. It is replaced whole and durable before a manifest that it stands for is removed.
 *   K2. Its last line vouches for all others, so that damage is told and never replayed.
 */
import { z } from "zod";
import { HakiriError } from "../../core/error.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { Random } from "../../core/ports/random.ts";
import { sha256 } from "../digest.ts";
import { temporaryPath } from "../layout.ts";
import { manifestShape } from "../manifest/codec.ts";
import { checkShape, countShape, digestShape, idShape, microsShape } from "../stored-shapes.ts";
import type { RecordedCommit } from "./recorded-commit.ts";

/** Where the checkpoint of a store is. */
export const checkpointPath = "checkpoint.jsonl";

/** The version of the format that this hakiri writes, and the newest that it reads. */
const checkpointVersion = 1;

const format = "hakiri-checkpoint";

/** Most commits of a checkpoint. */
const checkpointCommitsMax = 2 ** 22;

const headShape = z.strictObject({
  format: z.literal(format),
  version: z.literal(checkpointVersion),
  storeId: idShape,
});

const commitShape: z.ZodType<RecordedCommit> = z.strictObject({
  sequence: countShape.nullable(),
  at: microsShape,
  parent: digestShape.nullable(),
  reference: z.strictObject({
    sha256: digestShape,
    sizeBytes: countShape,
    path: z.string().max(256),
  }),
  manifest: manifestShape,
});

const endShape = z.strictObject({ commits: countShape, sha256: digestShape });

/** Writes the checkpoint anew. Durable at the return. */
export async function writeCheckpoint(
  { filesystem, random }: { readonly filesystem: Filesystem; readonly random: Random },
  storeId: string,
  commits: readonly RecordedCommit[],
): Promise<void> {
  if (commits.length > checkpointCommitsMax) {
    throw new RangeError(`expected at most ${checkpointCommitsMax} commits, got ${commits.length}`);
  }
  const temporary = temporaryPath(checkpointPath, random);
  const file = await filesystem.create(temporary);
  try {
    for (const piece of piecesOf(storeId, commits)) await file.write(piece);
    await file.sync();
  } finally {
    await file.close();
  }
  await filesystem.rename(temporary, checkpointPath);
  await filesystem.syncFolder("");
}

/** Lines are joined to pieces of about this size before they are written. */
const pieceCharacters = 256 * 1024;

function* piecesOf(storeId: string, commits: readonly RecordedCommit[]): Generator<Uint8Array> {
  const digest = sha256();
  const encoder = new TextEncoder();
  let text = `${canonicalJson({ format, version: checkpointVersion, storeId })}\n`;
  const encode = (): Uint8Array => {
    const piece = encoder.encode(text);
    text = "";
    digest.update(piece);
    return piece;
  };
  for (const commit of commits) {
    text += `${canonicalJson(commit)}\n`;
    if (text.length >= pieceCharacters) yield encode();
  }
  yield encode();
  const end = { commits: commits.length, sha256: digest.hex() };
  yield encoder.encode(`${canonicalJson(end)}\n`);
}

/**
 * The commits of the checkpoint, in their order; empty where there is none. Throws Permanent
 * `checkpoint.damaged` and `checkpoint.newer_format`.
 */
export async function readCheckpoint(filesystem: Filesystem): Promise<readonly RecordedCommit[]> {
  if ((await filesystem.stat(checkpointPath)) === null) return [];
  const commits: RecordedCommit[] = [];
  const digest = sha256();
  let last: string | null = null;
  let number = 0;
  // One line behind, since the last one isn't a commit and isn't in its own digest.
  for await (const line of linesOf(filesystem)) {
    if (last !== null) {
      digest.update(new TextEncoder().encode(`${last}\n`));
      takeLine(last, number, commits);
    }
    last = line;
    number += 1;
  }
  const end = checkShape(endShape, parse(last ?? "", number));
  if (number < 2 || end.kind === "misfit") throw damaged("no last line that vouches for it");
  const isWhole = end.value.commits === commits.length && end.value.sha256 === digest.hex();
  if (!isWhole) throw damaged("other lines than its last one vouches for");
  return commits;
}

async function* linesOf(filesystem: Filesystem): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  for await (const piece of filesystem.readPieces(checkpointPath)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function takeLine(line: string, number: number, commits: RecordedCommit[]): void {
  const value = parse(line, number);
  if (number === 1) {
    checkHead(value);
    return;
  }
  const shaped = checkShape(commitShape, value);
  if (shaped.kind === "misfit") throw damaged(`in line ${number} ${shaped.reason}`);
  if (commits.length >= checkpointCommitsMax) throw damaged(`more than ${number} lines`);
  commits.push(shaped.value);
}

function checkHead(value: unknown): void {
  const isObject = typeof value === "object" && value !== null && "version" in value;
  const version = isObject && typeof value.version === "number" ? value.version : 0;
  if (version > checkpointVersion) {
    throw new HakiriError({
      kind: "Permanent",
      code: "checkpoint.newer_format",
      message: `expected version ${checkpointVersion} at most in '${checkpointPath}', got ${version}`,
      hint: "a newer hakiri wrote it: install that one, or a later one",
    });
  }
  const shaped = checkShape(headShape, value);
  if (shaped.kind === "misfit") throw damaged(`in line 1 ${shaped.reason}`);
}

function parse(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(`in line ${number} no JSON`);
  }
}

function damaged(found: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "checkpoint.damaged",
    message: `expected the history of expired snapshots in '${checkpointPath}', got ${found}`,
    hint: "restore the file from a copy: without it a lost catalog can't be rebuilt",
    where: { file: checkpointPath },
  });
}
