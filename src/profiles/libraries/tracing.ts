/** Checks OpenTelemetry: one span, exported over OTLP/HTTP to the loopback. */
import { SpanKind } from "@opentelemetry/api";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { withLoopback } from "./loopback.ts";

/** Ends one span and tells how many bytes the exporter sent for it. */
export async function checkTracing(): Promise<string> {
  let received = 0;
  return withLoopback(
    (request, response) => {
      request.on("data", (chunk: Buffer) => (received += chunk.length));
      request.on("end", () => response.setHeader("content-type", "application/json").end("{}"));
    },
    async (url) => {
      const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces` });
      const provider = new TracerProvider({
        spanProcessors: [new BatchSpanProcessor({ exporter })],
      });
      provider.getTracer("doctor").startSpan("check", { kind: SpanKind.INTERNAL }).end();
      await provider.forceFlush();
      await provider.shutdown();
      if (received === 0) throw new Error("expected the exporter to send the span, got nothing");
      return `1 span exported in ${received} bytes`;
    },
  );
}
