/**
 * Says of each file in a run's folder whether it stays, and why. Changes nothing, so it may be
 * asked at any time; what it says holds only under the claim of the run's pipeline.
 */
import { HakiriError } from "../../core/error.ts";
import type { RunRecord } from "../../core/ports/catalog.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { readJournal } from "../journal/reader.ts";
import { decodeManifest, manifestBytesMax } from "../manifest/codec.ts";
import { listRun, type RunFile, type RunFiles } from "../rebuild/run-folder.ts";
import type { GarbageContext } from "./options.ts";
import type { KeptReason } from "./report.ts";
import { standingOf, type RunStanding } from "./run-standing.ts";

/** A run's folder, file by file. */
export interface LookedAtRun {
  readonly runId: string;
  /** Null where the catalog doesn't know the run. */
  readonly record: RunRecord | null;
  /** Null where nothing tells whose run it is. */
  readonly pipelineId: string | null;
  readonly standing: RunStanding;
  readonly files: RunFiles;
  readonly gone: readonly RunFile[];
  /** Files that the catalog doesn't name and that stay. */
  readonly kept: readonly (readonly [KeptReason, RunFile])[];
}

/** Looks; `oldest` as for `standingOf`. */
export async function lookAtRun(
  { catalog, publisher }: GarbageContext,
  runId: string,
  oldest: bigint,
): Promise<LookedAtRun> {
  const { filesystem } = publisher;
  const record = await catalog.run(runId);
  const files = await listRun(filesystem, runId);
  const pipelineId = record?.pipelineId ?? (await pipelineNamedIn(filesystem, files));
  const standing = await standingOf(filesystem, { runId, record, files }, oldest);
  const gone: RunFile[] = [];
  const kept: (readonly [KeptReason, RunFile])[] = [];
  for (const file of files.files) {
    if (file.role.kind === "committed" || (await catalog.isReferenced(file.path))) continue;
    const why = reasonToKeep(file, standing);
    if (why === null) gone.push(file);
    else kept.push([why, file]);
  }
  return { runId, record, pipelineId, standing, files, gone, kept };
}

/** Whose run it is, as its own files say. */
async function pipelineNamedIn(
  filesystem: Filesystem,
  { files }: RunFiles,
): Promise<string | null> {
  for (const { path, role } of files) {
    const found = await pipelineIn(filesystem, path, role.kind);
    if (found !== null) return found;
  }
  return null;
}

async function pipelineIn(
  filesystem: Filesystem,
  path: string,
  kind: RunFile["role"]["kind"],
): Promise<string | null> {
  try {
    if (kind === "journal") return (await readJournal(filesystem, path)).header.pipelineId;
    if (kind !== "manifest") return null;
    return decodeManifest(await filesystem.read(path, manifestBytesMax), path).pipelineId;
  } catch (error) {
    // Another file of the run may say it; what is damaged is doctor's to name.
    if (error instanceof HakiriError && /^(?:journal|manifest)\./u.test(error.code)) return null;
    throw error;
  }
}

function reasonToKeep({ path, role }: RunFile, standing: RunStanding): KeptReason | null {
  if (role.kind === "foreign") return "foreign";
  switch (standing.kind) {
    case "active":
      return "resumable";
    case "resumable":
      return standing.named.has(path) ? "resumable" : null;
    case "recent":
      return role.kind === "temporary" ? null : "ended_recently";
    case "other_history":
      return "other_history";
    case "over":
    case "stale":
      return null;
  }
}
