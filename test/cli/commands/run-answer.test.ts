/** What a run's answer says, by its result. */
import { expect, test } from "vitest";
import { runDocument } from "../../../src/cli/commands/history/run-document.ts";
import { runAnswer } from "../../../src/cli/commands/run-answer.ts";
import type { RunResult } from "../../../src/runtime/control/run-pipeline.ts";
import type { TableReport } from "../../../src/runtime/protocol.ts";

const table: TableReport = {
  table: "t0",
  rows: 2,
  inserted: 2,
  updated: 0,
  deleted: 0,
  discarded: 0,
  quarantined: 0,
  bytes: 10,
  files: 1,
};

const resultWith = (omitted: number): RunResult => ({
  runId: "r",
  status: "succeeded",
  sequence: 1,
  attempts: 1,
  report: { tables: [table], omitted },
  error: null,
  isStuck: false,
});

const facts = { pipeline: "p", durationMs: 5, peakRssBytes: 1, isTyped: false };

test("tables that a report had no room for are told of, and nothing where it had", () => {
  const whole = runAnswer(resultWith(0), facts);
  expect(whole.text).not.toContain("more table");
  expect(whole.document).not.toHaveProperty("omitted_tables");
  expect(runAnswer(resultWith(1), facts).text).toContain("t0: 2 new, 10 B\nand 1 more table\n");
  const cut = runAnswer(resultWith(1200), facts);
  expect(cut.text).toContain("and 1,200 more tables\n");
  expect(cut.document).toMatchObject({ tables: [{ table: "t0" }], omitted_tables: 1200 });
});

test("the history tells of them too", () => {
  const state = {
    kind: "succeeded",
    epoch: 1,
    attempts: 1,
    writtenBatches: 1,
    snapshot: 1,
  } as const;
  const record = {
    runId: "r",
    pipelineId: "p",
    what: "run",
    state,
    epoch: 1,
    attempts: 1,
    startedAt: "0",
    endedAt: "5",
    error: null,
    discardedBecause: null,
  } as const;
  const report = { tables: [{ ...table }], omitted: 3 };
  expect(runDocument({ ...record, report }, "p")).toMatchObject({ omitted_tables: 3 });
  expect(runDocument({ ...record, report: null }, "p")).not.toHaveProperty("omitted_tables");
});

test("a cancelled run exits with 130, whatever it had written", () => {
  const cancelled = { ...resultWith(0), status: "cancelled", sequence: null } as const;
  expect(runAnswer(cancelled, facts)).toMatchObject({ exitCode: 130 });
});
