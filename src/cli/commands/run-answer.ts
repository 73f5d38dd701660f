/** What the command line answers to a run. */
import { withSetOption } from "../../config/typed-setting.ts";
import { HakiriError } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";
import type { RunResult } from "../../runtime/control/run-pipeline.ts";
import type { TableReport } from "../../runtime/protocol.ts";
import type { WholeAnswer } from "../command.ts";
import { errorDocument } from "../error-document.ts";
import { exitCodeOf, exitDone, exitInterrupted } from "../exit-code.ts";
import { bytesText, countText, durationText } from "../text/figures.ts";
import { visibleText } from "../text/visible-text.ts";
import { nextQuery } from "./next-query.ts";

/** What the command line knows of a run beside its result. */
export interface RunFacts {
  readonly pipeline: string;
  readonly durationMs: number;
  readonly peakRssBytes: number;
  /** Whether hints name options and no file's lines. */
  readonly isTyped: boolean;
}

/** The answer to a run, however it ended: its text, its document and its exit code. */
export function runAnswer(result: RunResult, facts: RunFacts): WholeAnswer {
  const told = result.error === null ? null : HakiriError.fromRecord(result.error);
  const error = told !== null && facts.isTyped ? withSetOption(told) : told;
  const document: Json = {
    run_id: result.runId,
    pipeline: facts.pipeline,
    status: result.status,
    snapshot_id: result.sequence,
    attempts: result.attempts,
    duration_ms: facts.durationMs,
    peak_rss_bytes: facts.peakRssBytes,
    tables: result.report.tables.map((table) => ({ ...table })),
    ...(result.report.omitted === 0 ? {} : { omitted_tables: result.report.omitted }),
    ...(error === null ? {} : { error: errorDocument(error) }),
  };
  return {
    text: textOf(result, facts),
    document,
    exitCode: exitOf(result, error),
    ...(error === null ? {} : { error }),
  };
}

function exitOf(result: RunResult, error: HakiriError | null): number {
  if (result.status === "cancelled") return exitInterrupted;
  return error === null ? exitDone : exitCodeOf(error);
}

function textOf(result: RunResult, facts: RunFacts): string {
  const { tables, omitted } = result.report;
  const lines = tables.map(tableLine);
  if (omitted > 0)
    lines.push(`and ${countText(omitted)} more ${omitted === 1 ? "table" : "tables"}`);
  lines.push(`${verdict(result)} in ${durationText(facts.durationMs)}, run ${result.runId}`);
  // A table that got no row may not even be there.
  const shown = tables.find(({ rows }) => rows > 0);
  if (result.status === "succeeded" && shown !== undefined) {
    lines.push(`  next: ${visibleText(nextQuery(shown.table))}`);
  }
  return `${lines.join("\n")}\n`;
}

function verdict({ status, sequence }: RunResult): string {
  switch (status) {
    case "succeeded":
      return sequence === null ? "nothing new" : `snapshot ${sequence}`;
    case "partial_failure":
      return "failed half way; the next run goes on from there";
    case "failed":
      return "failed";
    case "cancelled":
      return "cancelled; the next run goes on from there";
  }
}

function tableLine(table: TableReport): string {
  const parts = [
    `${countText(table.inserted)} new`,
    ...(table.updated > 0 ? [`${countText(table.updated)} updated`] : []),
    ...(table.deleted > 0 ? [`${countText(table.deleted)} deleted`] : []),
    ...(table.discarded > 0 ? [`${countText(table.discarded)} discarded`] : []),
    ...(table.quarantined > 0 ? [`${countText(table.quarantined)} in quarantine`] : []),
    bytesText(table.bytes),
  ];
  return `${visibleText(table.table)}: ${parts.join(", ")}`;
}
