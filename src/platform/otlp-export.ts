/** Sends a run's spans to a collector by OTLP over HTTP. Loaded only where that is asked for. */
import { createHash } from "node:crypto";
import { SpanKind, SpanStatusCode, TraceFlags, type Attributes } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Micros, SpanRecord } from "../core/catalog-command.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { OtlpSettings } from "./otlp-settings.ts";

/** The spans of one run. */
export interface RunTrace {
  readonly runId: string;
  readonly spans: readonly SpanRecord[];
  /** Of the program that made them. */
  readonly version: string;
}

/**
 * Exports all spans in one request, tried again within the time of the settings. Rejects with an
 * Error that says why the collector didn't take them.
 */
export async function exportTrace(trace: RunTrace, settings: OtlpSettings): Promise<void> {
  const { url, timeoutMs } = settings;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: timeoutMs });
  try {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    exporter.export(readableSpans(trace, settings), ({ code, error }) => {
      // @opentelemetry/core, ExportResultCode, which the package doesn't pass on.
      const result: number = code;
      if (result === 0) resolve();
      else reject(error ?? new Error("the collector gave no reason"));
    });
    await promise;
  } finally {
    await exporter.shutdown();
  }
}

function readableSpans(
  { runId, spans, version }: RunTrace,
  { resource }: OtlpSettings,
): ReadableSpan[] {
  const shared = {
    traceId: createHash("sha256").update(`run.${runId}`).digest("hex").slice(0, 32),
    // The exporter reads attributes only, and the package that makes whole resources isn't ours.
    resource: { attributes: { ...resource } } as unknown as ReadableSpan["resource"],
    scope: { name: "hakiri", version },
  };
  return spans.map((span) => readableSpan(span, shared));
}

interface Shared {
  /** One trace a run, whichever of its attempts and processes a span is from. */
  readonly traceId: string;
  readonly resource: ReadableSpan["resource"];
  readonly scope: ReadableSpan["instrumentationScope"];
}

function readableSpan(span: SpanRecord, { traceId, resource, scope }: Shared): ReadableSpan {
  const contextOf = (spanId: string) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED });
  const { parentId, attributes, ok } = span;
  return {
    name: span.name,
    kind: SpanKind.INTERNAL,
    spanContext: () => contextOf(span.spanId),
    ...(parentId === null ? {} : { parentSpanContext: contextOf(parentId) }),
    startTime: timeOf(span.startedAt),
    endTime: timeOf(span.endedAt),
    duration: timeOf(String(BigInt(span.endedAt) - BigInt(span.startedAt))),
    status: { code: ok ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
    attributes: attributesOf(attributes),
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
function timeOf(micros: Micros): [number, number] {
  const whole = BigInt(micros);
  return [Number(whole / 1_000_000n), Number(whole % 1_000_000n) * 1000];
}

/** OpenTelemetry has no null, and no tables here. */
function attributesOf(attributes: SpanRecord["attributes"]): Attributes {
  const known = Object.entries(attributes).filter(([, value]) => value !== null);
  return Object.fromEntries(known.map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf(value: Json): string | number | boolean {
  if (typeof value === "string" || typeof value === "number") return value;
  return typeof value === "boolean" ? value : canonicalJson(value);
}
