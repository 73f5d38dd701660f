/** Spans: the trace of a run, kept in order and in bounds. */
import { describe, expect, test } from "vitest";
import { attributesBytesMax, spansPerCommandMax } from "../../../src/catalog/apply/record-spans.ts";
import type { RecordSpans, SpanRecord } from "../../../src/core/catalog-command.ts";
import { pageRowsMax, type Catalog } from "../../../src/core/ports/catalog.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import { claimOf, registerOf } from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

/** A span by its number. */
export function spanOf(n: number, over: Partial<SpanRecord> = {}): SpanRecord {
  return {
    spanId: `span-${n}`,
    parentId: n === 0 ? null : "span-0",
    name: "batch",
    startedAt: "1",
    endedAt: "2",
    ok: n % 2 === 0,
    attributes: { rows: n },
    ...over,
  };
}

/** Records spans of a run. */
export function recordOf(runId: string, spans: readonly SpanRecord[]): RecordSpans {
  return { kind: "record_spans", version: 1, runId, spans };
}

const range = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => spanOf(from + index));

async function withRun(open: OpenCatalog): Promise<Catalog> {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  await catalog.apply<"claim_run">(claimOf("p1", "r1"));
  return catalog;
}

/** The suite on an adapter. */
export function tracesContract(open: OpenCatalog): void {
  describe("a trace", () => {
    test("keeps spans in their order, each once", async () => {
      const catalog = await withRun(open);
      const record = async (spans: readonly SpanRecord[]) =>
        (await catalog.apply<"record_spans">(recordOf("r1", spans))).kept;
      expect(await record(range(0, 3))).toBe(3);
      expect(await record(range(1, 3))).toBe(1);
      expect(await catalog.spans("r1", 0)).toEqual(range(0, 4));
      expect(await catalog.spans("r1", 3)).toEqual(range(3, 1));
    });

    test("takes 256 spans in a command and answers them in pages", async () => {
      const catalog = await withRun(open);
      const record = (from: number, count: number) =>
        catalog.apply<"record_spans">(recordOf("r1", range(from, count)));
      expect(await refusalOf(record(0, spansPerCommandMax + 1))).toBe("refused.command_too_large");
      await record(0, spansPerCommandMax);
      await record(spansPerCommandMax, spansPerCommandMax);
      expect((await catalog.spans("r1", 0)).length).toBe(pageRowsMax);
      expect((await catalog.spans("r1", pageRowsMax)).length).toBe(
        2 * spansPerCommandMax - pageRowsMax,
      );
    });

    test("takes attributes of at most 4 KiB", async () => {
      const catalog = await withRun(open);
      const record = (length: number) => {
        const attributes = { a: "x".repeat(length) };
        const span = spanOf(0, { attributes });
        return catalog.apply<"record_spans">(recordOf("r1", [span]));
      };
      const room = attributesBytesMax - '{"a":""}'.length;
      expect(await refusalOf(record(room + 1))).toBe("refused.command_too_large");
      expect(await record(room)).toEqual({ kept: 1 });
    });

    test("belongs to a run", async () => {
      const catalog = await withRun(open);
      const work = catalog.apply<"record_spans">(recordOf("r9", range(0, 1)));
      expect(await refusalOf(work)).toBe("refused.unknown_run");
    });
  });
}
