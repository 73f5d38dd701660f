/**
 * Every path of the store, relative to `.hakiri/` and with `/` (docs/format/store.md). What comes
 * from outside is checked before it becomes part of a path.
 */
import { isPartitionId } from "../core/partition-id.ts";
import type { Random } from "../core/ports/random.ts";

/** The folder of the store in a project's folder. */
export const storeFolder = ".hakiri";

/** The file of no rows that ends each list of one file. */
export const emptyPartPath = "empty.parquet";

/** Every table as a DuckDB view. */
export const viewsPath = "views.sql";

/** Crockford's base 32 in lower case: no i, l, o or u. */
const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const idLength = 26;
const idPattern = /^[0-9a-hjkmnp-tv-z]{26}$/u;
const pinPattern = /^(?:0|[1-9][0-9]{0,15})-[0-9a-f]{20}$/u;
const runTemporaryPattern = /^(?<pipelineId>[0-9a-hjkmnp-tv-z]{26})-\d{1,16}$/u;

/** A new id of a store, pipeline, run or table: 130 random bits, which say nothing of order. */
export function newId(random: Random): string {
  return randomText(random, idLength);
}

/** Whether a text is an id. */
export function isId(text: string): boolean {
  return idPattern.test(text);
}

/** Each byte gives five bits, so that every character is uniform. */
function randomText(random: Random, length: number): string {
  return Array.from(random.bytes(length), (byte) => idAlphabet[byte % idAlphabet.length]).join("");
}

/** The folder for what commands can't hold in memory; nothing in it is ever committed. */
export const temporaryFolder = "temp";

/** A run's folder in it, in use while the claim of its pipeline is held. */
export function runTemporaryPath(pipelineId: string, epoch: number): string {
  return `${temporaryFolder}/${id(pipelineId)}-${count(epoch)}`;
}

/** A query's folder in it, or any other command's, in use while the pin of that name is live. */
export function pinTemporaryPath(pinName: string): string {
  if (!pinPattern.test(pinName)) throw new Error(`expected a pin's name, got '${pinName}'`);
  return `${temporaryFolder}/${pinName}`;
}

/** Whose folder a path in `temp/` is. */
export type TemporaryOwner =
  | { readonly kind: "run"; readonly pipelineId: string }
  | { readonly kind: "pin"; readonly pinName: string };

/** Whose folder a name in `temp/` means; null for one that hakiri doesn't give. */
export function temporaryOwner(name: string): TemporaryOwner | null {
  const pipelineId = runTemporaryPattern.exec(name)?.groups?.["pipelineId"];
  if (pipelineId !== undefined) return { kind: "run", pipelineId };
  return pinPattern.test(name) ? { kind: "pin", pinName: name } : null;
}

/** The folder of a run. */
export function runFolder(runId: string): string {
  return `runs/${id(runId)}`;
}

/** The folder of one table's files within a run. */
export function tableFolder(runId: string, tableId: string): string {
  return `${runFolder(runId)}/${id(tableId)}`;
}

/** What a part's name says. */
export interface PartName {
  readonly runId: string;
  readonly tableId: string;
  readonly epoch: number;
  /** Empty for a stream that is read whole. */
  readonly partition: string;
  /** The part's number within the run's attempt, from 0. */
  readonly seq: number;
}

/** A part: rows of one written batch, or of a scan. */
export function partPath(name: PartName): string {
  const partition = name.partition === "" ? wholeStream : name.partition;
  if (!isPartitionId(partition)) {
    throw new Error(`expected the id of a partition, got ${JSON.stringify(partition)}`);
  }
  const folder = tableFolder(name.runId, name.tableId);
  return `${folder}/${count(name.epoch)}-${partition}-${count(name.seq)}.parquet`;
}

/** The position deletes of a table. `attempt` counts the tries to commit of one grant, from 1. */
export function deletesPath(
  runId: string,
  tableId: string,
  by: { readonly epoch: number; readonly attempt: number },
): string {
  return `${tableFolder(runId, tableId)}/${count(by.epoch)}-del-${count(by.attempt)}.parquet`;
}

/** What file names call the one partition of a stream that is read whole. */
const wholeStream = "all";

/** A side file: sorted lines. `number` counts within the run's attempt, from 0. */
export function sideFilePath(runId: string, epoch: number, number: number): string {
  return `${runFolder(runId)}/${count(epoch)}-${count(number)}.lines`;
}

/** The journal of one attempt. */
export function journalPath(runId: string, epoch: number): string {
  return `${runFolder(runId)}/journal-${count(epoch)}.jsonl`;
}

/** An immutable manifest. `attempt` counts tries to commit under one grant, from 1. */
export function manifestPath(runId: string, epoch: number, attempt: number): string {
  return `${runFolder(runId)}/_manifest-${count(epoch)}-${count(attempt)}.json`;
}

/** The manifest that was committed, with what the commit answered. */
export function committedManifestPath(runId: string): string {
  return `${runFolder(runId)}/_manifest.json`;
}

/** The name that a file or folder has while it is written; `gc` removes what is left of them. */
export function temporaryPath(path: string, random: Random): string {
  return `${path}.tmp-${randomText(random, temporaryLength)}`;
}

const temporaryLength = 10;

/** The folder that holds a path; empty for the store's own. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function id(text: string): string {
  if (!isId(text)) throw new Error(`expected an id, got ${JSON.stringify(text)}`);
  return text;
}

function count(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Error(`expected a count in a file name, got ${String(value)}`);
  }
  return String(value);
}
