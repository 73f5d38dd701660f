/** What a rebuild found in the files, in words. */
import type { Finding } from "../inspect/finding.ts";
import { committedManifestPath } from "../layout.ts";
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
