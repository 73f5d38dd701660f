/** What a rebuild found in the files, in words. */
import type { Finding } from "../inspect/finding.ts";
import { committedManifestPath, isId } from "../layout.ts";
import type { Lineage } from "./lineage.ts";
import type { RecordedHistory } from "./read-history.ts";

/** What is damaged, missing, unproven or left out of a history, and what no history tells. */
export function historyFindings(history: RecordedHistory, lineage: Lineage): readonly Finding[] {
  return [
    ...gapFindings(lineage),
    ...history.faults.map(({ path, error }): Finding => {
      const { code, message, hint } = error;
      return { severity: "warning", code, path, message, hint };
    }),
    ...lineage.recovered.map(({ sequence, reference }): Finding => ({
      severity: "note",
      code: "rebuild.recovered",
      path: reference.path,
      message: `snapshot ${String(sequence)} has no _manifest.json; the one after it proves it`,
      hint: "",
    })),
    ...lineage.others.map(({ sequence, manifest }): Finding => ({
      severity: "warning",
      code: "rebuild.left_out",
      path: committedManifestPath(manifest.runId),
      message: `expected a commit of this history, got ${describe(sequence)} of another one`,
      hint: "run its pipeline again, if its rows are missing",
    })),
    ...lineage.unproven.map(({ reference }): Finding => ({
      severity: "warning",
      code: "rebuild.unproven",
      path: reference.path,
      message: "expected a _manifest.json beside it, but nothing says that it was committed",
      hint: "run its pipeline again, if its rows are missing",
    })),
    {
      severity: "note",
      code: "rebuild.lost",
      path: null,
      message: "the history of runs, their traces and counts of attempts are lost",
      hint: "each pipeline is known again with its settings once it runs",
    },
  ];
}

/**
 * Pipelines that once ran and aren't in the catalog again: those without a commit, whose key and
 * spec no file says. `claimed` are the names of all claims that were ever taken.
 */
export function lostPipelines(
  { commits }: Lineage,
  claimed: readonly string[],
): readonly Finding[] {
  const known = new Set(commits.map(({ manifest }) => manifest.pipelineId));
  const lost = claimed.filter((name) => isId(name) && !known.has(name)).length;
  if (lost === 0) return [];
  const what =
    lost === 1 ? "a pipeline that has no commit is" : `${lost} pipelines that have no commit are`;
  return [
    {
      severity: "warning",
      code: "rebuild.pipeline_lost",
      path: null,
      message: `${what} lost`,
      hint: "run pipeline files again, and ingest other sources again: a new one begins anew",
    },
  ];
}

function gapFindings({ gapAt }: Lineage): readonly Finding[] {
  if (gapAt === null) return [];
  return [
    {
      severity: "error",
      code: "rebuild.gap",
      path: null,
      message: `the manifest of snapshot ${gapAt} is nowhere, so the store ends before it`,
      hint: "run the pipelines again: they go on from where they stood then",
    },
  ];
}

function describe(sequence: number | null): string {
  return sequence === null ? "cursors" : `snapshot ${sequence}`;
}
