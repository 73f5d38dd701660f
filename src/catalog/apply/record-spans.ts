/** `record_spans`: the trace of a run, bounded in number and size. */
import type { CatalogAnswers, RecordSpans, SpanRecord } from "../../core/catalog-command.ts";
import { canonicalJson } from "../../core/json.ts";
import { microsOf } from "./micros.ts";
import { refused } from "../../core/refusal.ts";
import { requireRun } from "./run-row.ts";
import type { SqlDatabase } from "./sql-database.ts";
import type { Turn } from "./store-row.ts";

/** Most spans of one command. */
export const spansPerCommandMax = 256;

/** Most spans that are kept of a run; later ones are dropped. */
export const spansPerRunMax = 10_000;

/** Most bytes of a span's attributes as canonical JSON. */
export const attributesBytesMax = 4 * 1024;

/** Keeps spans that aren't kept yet, in order, and answers how many it kept. */
export function recordSpans(
  { database }: Turn,
  command: RecordSpans,
): CatalogAnswers["record_spans"] {
  requireRun(database, command.runId);
  if (command.spans.length > spansPerCommandMax) {
    throw refused(
      "command_too_large",
      `expected at most ${spansPerCommandMax} spans in a command, got ${command.spans.length}`,
    );
  }
  const first = nextNumber(database, command.runId);
  let kept = 0;
  for (const span of command.spans) {
    if (first + kept >= spansPerRunMax) break;
    kept += insertSpan(database, command.runId, first + kept, span);
  }
  return { kept };
}

function nextNumber(database: SqlDatabase, runId: string): number {
  const sql = "select number from spans where run_id = ? order by number desc limit 1";
  const last = database.get<{ number: number }>({ sql }, runId);
  return last === undefined ? 0 : last.number + 1;
}

function insertSpan(
  database: SqlDatabase,
  runId: string,
  number: number,
  span: SpanRecord,
): number {
  const attributes = canonicalJson(span.attributes);
  const sizeBytes = new TextEncoder().encode(attributes).byteLength;
  if (sizeBytes > attributesBytesMax) {
    throw refused(
      "command_too_large",
      `expected attributes of at most ${attributesBytesMax} bytes in span '${span.name}', got ${sizeBytes}`,
    );
  }
  return database.run(
    `insert into spans (run_id, number, span_id, parent_id, name, started_at, ended_at, ok,
       attributes)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    runId,
    number,
    span.spanId,
    span.parentId,
    span.name,
    microsOf(span.startedAt),
    microsOf(span.endedAt),
    span.ok ? 1 : 0,
    attributes,
  );
}
