import { expect, test } from "vitest";
import { boundedReport, reportCharactersMax } from "../../../src/runtime/actor/run-report.ts";
import type { TableReport } from "../../../src/runtime/protocol.ts";

/** A report of one table that is so many characters of JSON. */
function tableOf(characters: number): TableReport {
  const counts = {
    rows: 1,
    inserted: 1,
    updated: 0,
    deleted: 0,
    discarded: 0,
    quarantined: 0,
    bytes: 10,
    files: 1,
  };
  const rest = JSON.stringify({ table: "", ...counts }).length;
  return { table: "t".repeat(characters - rest), ...counts };
}

test("a report holds every table up to its bound, and counts those beyond", () => {
  const half = tableOf(reportCharactersMax / 2);
  expect(boundedReport([half, half])).toEqual({ tables: [half, half], omitted: 0 });
  const more = tableOf(reportCharactersMax / 2 + 1);
  expect(boundedReport([half, more])).toEqual({ tables: [half], omitted: 1 });
  expect(boundedReport([half, more, half])).toEqual({ tables: [half], omitted: 2 });
  expect(boundedReport([])).toEqual({ tables: [], omitted: 0 });
});
