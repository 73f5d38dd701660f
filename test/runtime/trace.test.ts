import { expect, test } from "vitest";
import type { SpanRecord } from "../../src/core/catalog-command.ts";
import { spansPerRunMax, Trace } from "../../src/runtime/trace.ts";
import { ManualClock } from "../platform/manual-clock.ts";
import { seededRandom } from "../platform/seeded-random.ts";

function traceOfTest() {
  const bundles: (readonly SpanRecord[])[] = [];
  const clock = new ManualClock(1000n);
  const trace = new Trace(clock, seededRandom(1), (spans) => bundles.push(spans));
  return { bundles, clock, trace };
}

test("a span has its times, its parent, and what was known at both its ends", () => {
  const { bundles, clock, trace } = traceOfTest();
  const run = trace.start("run", null, { pipeline: "p" });
  clock.advance(1);
  const stream = trace.start("stream", run.spanId);
  clock.advance(2);
  stream.end({ ok: false, attributes: { code: "x.y" } });
  run.end({ ok: true });
  trace.flush();
  expect(bundles).toEqual([
    [
      {
        spanId: stream.spanId,
        parentId: run.spanId,
        name: "stream",
        startedAt: "2000",
        endedAt: "4000",
        ok: false,
        attributes: { code: "x.y" },
      },
      {
        spanId: run.spanId,
        parentId: null,
        name: "run",
        startedAt: "1000",
        endedAt: "4000",
        ok: true,
        attributes: { pipeline: "p" },
      },
    ],
  ]);
  expect(run.spanId).toMatch(/^[0-9a-f]{16}$/u);
});

test("a span is sent once, and one that doesn't end never", () => {
  const { bundles, trace } = traceOfTest();
  trace.start("open", null);
  const span = trace.start("twice", null);
  span.end({ ok: true });
  span.end({ ok: false });
  trace.flush();
  trace.flush();
  expect(bundles).toHaveLength(1);
  expect(bundles[0]).toMatchObject([{ name: "twice", ok: true }]);
});

test("spans are sent in bundles of at most 64, and of fewer where they are large", () => {
  const { bundles, trace } = traceOfTest();
  for (let count = 0; count < 65; count += 1) trace.start("small", null).end({ ok: true });
  trace.flush();
  expect(bundles.map((spans) => spans.length)).toEqual([64, 1]);
  bundles.length = 0;
  const large = { text: "x".repeat(4000) };
  for (let count = 0; count < 20; count += 1) trace.start("large", null, large).end({ ok: true });
  trace.flush();
  for (const spans of bundles) expect(JSON.stringify(spans).length).toBeLessThan(32 * 1024);
});

test("a run sends as many spans as are kept, and not one more", () => {
  const { bundles, trace } = traceOfTest();
  const end = (): void => trace.start("s", null).end({ ok: true });
  for (let count = 0; count < spansPerRunMax; count += 1) end();
  trace.flush();
  expect(bundles.flat()).toHaveLength(spansPerRunMax);
  end();
  trace.flush();
  expect(bundles.flat()).toHaveLength(spansPerRunMax);
});
