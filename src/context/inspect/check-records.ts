/** Whether manifests, the checkpoint and journals can be read, and tell what the catalog tells. */
import { HakiriError } from "../../core/error.ts";
import type { Catalog } from "../../core/ports/catalog.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import { mayResume } from "../../core/run.ts";
import { underivedCommits } from "../garbage/derive-missing.ts";
import { allSnapshots } from "../garbage/expire.ts";
import { readJournal } from "../journal/reader.ts";
import { committedManifestPath } from "../layout.ts";
import { lineageOf } from "../rebuild/lineage.ts";
import { readHistory, type RecordedHistory } from "../rebuild/read-history.ts";
import { listRun, runIds } from "../rebuild/run-folder.ts";
import type { Finding } from "./finding.ts";
import type { InspectOptions } from "./inspect-context.ts";

/** What is looked at; without a catalog what it would say stays open. */
export interface RecordStore {
  readonly catalog: Catalog | null;
  readonly filesystem: Filesystem;
}

/** Findings about the files of which a lost catalog is rebuilt. */
export async function checkHistory(
  { catalog, filesystem }: RecordStore,
  { signal }: InspectOptions,
): Promise<readonly Finding[]> {
  const history = await readHistory(filesystem, signal);
  const faults = history.faults.map(({ path, error }): Finding => recordFinding(path, error));
  if (catalog === null) return faults;
  const underived = await underivedCommits(catalog, history);
  const missing = underived.map(({ manifest }): Finding => ({
    severity: "warning",
    code: "manifest.not_derived",
    path: committedManifestPath(manifest.runId),
    message: "expected the committed manifest beside its immutable one, got none",
    hint: "hakiri gc writes it",
  }));
  const whole = { ...history, commits: [...history.commits, ...underived] };
  return [...faults, ...missing, ...(await checkLineage(catalog, whole))];
}

/** A later rebuild needs every snapshot's commit, back to the first one or to the checkpoint. */
async function checkLineage(
  catalog: Catalog,
  history: RecordedHistory,
): Promise<readonly Finding[]> {
  const { commits } = lineageOf(history);
  const known = new Set(commits.map(({ reference }) => reference.sha256));
  const snapshots = await allSnapshots(catalog);
  const unknown = snapshots.filter(({ manifestSha256 }) => !known.has(manifestSha256));
  return unknown.map(({ sequence, runId }) => ({
    severity: "warning",
    code: "manifest.history_broken",
    path: committedManifestPath(runId),
    message: `snapshot ${sequence} doesn't follow from the manifests before it`,
    hint: "restore the manifests that are missing: a lost catalog couldn't be rebuilt without them",
  }));
}

/** Findings about journals: those that a later attempt would go on from, and the others. */
export async function checkJournals(
  { catalog, filesystem }: RecordStore,
  { signal }: InspectOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const runId of await runIds(filesystem)) {
    signal.throwIfAborted();
    const state = (await catalog?.run(runId))?.state;
    const resumed = state !== undefined && mayResume(state) ? state.epoch : null;
    for (const { path, role } of (await listRun(filesystem, runId)).files) {
      if (role.kind !== "journal") continue;
      const finding = await checkJournal(filesystem, path, role.epoch === resumed);
      if (finding !== null) findings.push(finding);
    }
  }
  return findings;
}

async function checkJournal(
  filesystem: Filesystem,
  path: string,
  isResumed: boolean,
): Promise<Finding | null> {
  try {
    const { tornBytes, entries } = await readJournal(filesystem, path);
    if (tornBytes === 0) return null;
    return {
      severity: "note",
      code: "journal.torn",
      path,
      // The header is line 1.
      message: `${tornBytes} bytes of line ${entries.length + 2} were cut off by a crash`,
      hint: isResumed ? "the run goes on from the line before it" : "",
    };
  } catch (error) {
    if (!(error instanceof HakiriError)) throw error;
    const finding = recordFinding(path, error);
    return isResumed ? { ...finding, severity: "error" } : finding;
  }
}

function recordFinding(path: string, { code, message, hint }: HakiriError): Finding {
  const isNewer = code.endsWith(".newer_format");
  return { severity: isNewer ? "error" : "warning", code, path, message, hint };
}
