/** Spans on their way to a collector, which is a real server here. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SpanRecord } from "../../src/core/catalog-command.ts";
import { exportTrace } from "../../src/platform/otlp-export.ts";
import { exportTimeoutMsMax, otlpSettings } from "../../src/platform/otlp-settings.ts";

describe("what the variables ask for", () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318/" };

  test("nothing is exported without an endpoint", () => {
    expect(otlpSettings({})).toBeNull();
    expect(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: " " })).toBeNull();
  });

  test("the shared endpoint gets the path of traces, their own is taken as it is", () => {
    expect(otlpSettings(endpoint)?.url).toBe("http://localhost:4318/v1/traces");
    const own = { ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://c.example/x" };
    expect(otlpSettings(own)?.url).toBe("https://c.example/x");
  });

  test.each([
    ["the SDK is disabled", { OTEL_SDK_DISABLED: "true" }],
    ["traces go nowhere", { OTEL_TRACES_EXPORTER: "none" }],
    ["traces go elsewhere", { OTEL_TRACES_EXPORTER: "zipkin,console" }],
  ])("nothing is exported where %s", (_, more) => {
    expect(otlpSettings({ ...endpoint, ...more })).toBeNull();
  });

  test("the service's name and attributes are the resource, the name's own variable first", () => {
    const attributes = "service.name=other,team=data%20platform,broken,x=100%";
    const env = { ...endpoint, OTEL_RESOURCE_ATTRIBUTES: attributes };
    const found = { "service.name": "other", team: "data platform", x: "100%" };
    expect(otlpSettings(env)?.resource).toEqual(found);
    expect(otlpSettings({ ...env, OTEL_SERVICE_NAME: "loads" })?.resource).toEqual({
      ...found,
      "service.name": "loads",
    });
    expect(otlpSettings(endpoint)?.resource).toEqual({ "service.name": "hakiri" });
  });

  test("a time limit is taken up to the bound", () => {
    const timeoutOf = (text: string) =>
      otlpSettings({ ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: text })?.timeoutMs;
    expect(timeoutOf(String(exportTimeoutMsMax))).toBe(exportTimeoutMsMax);
    expect(timeoutOf(String(exportTimeoutMsMax + 1))).toBe(exportTimeoutMsMax);
    expect(timeoutOf("soon")).toBe(5000);
  });

  test("what is no URL is refused, and isn't repeated, since it may hold a password", () => {
    for (const text of ["localhost:4318", "ftp://user:hunter2@c.example"]) {
      const read = () => otlpSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text });
      expect(read).toThrow(/expected a URL that begins with http: or https: in OTEL_/u);
      expect(read).not.toThrow(/hunter2/u);
    }
  });
});

const run: SpanRecord = {
  spanId: "00000000000000a1",
  parentId: null,
  name: "run.abc",
  startedAt: "1700000000000001",
  endedAt: "1700000001500003",
  ok: true,
  attributes: { pipeline: "orders", attempts: 1 },
};

const stream: SpanRecord = {
  ...run,
  spanId: "00000000000000b2",
  parentId: run.spanId,
  name: "stream",
  ok: false,
  attributes: { code: "file.bad_row", more: { deep: [1] }, nothing: null, isDone: false },
};

const trace = { runId: "abc", spans: [run, stream], version: "0.1.0" };

describe("an export", () => {
  let server: Server;
  let requests: { readonly headers: IncomingMessage["headers"]; readonly body: unknown }[];
  let status: number;
  let url: string;

  beforeEach(async () => {
    requests = [];
    status = 200;
    server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const body: unknown = JSON.parse(Buffer.concat(pieces).toString("utf8"));
        requests.push({ headers: request.headers, body });
        response.writeHead(status, { "content-type": "application/json" }).end("{}");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  const settingsOf = (timeout: string) => {
    const settings = otlpSettings({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_TIMEOUT: timeout,
      OTEL_SERVICE_NAME: "loads",
    });
    if (settings === null) throw new Error("expected an export to be asked for");
    return settings;
  };

  test("tells the collector every span, in one trace of the run", async () => {
    await exportTrace(trace, settingsOf("5000"));
    expect(requests).toHaveLength(1);
    expect(requests[0]?.body).toMatchObject({
      resourceSpans: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "loads" } }] },
          scopeSpans: [
            {
              scope: { name: "hakiri", version: "0.1.0" },
              spans: [
                {
                  // SHA-256 of "run.abc", its first half.
                  traceId: createHash("sha256").update("run.abc").digest("hex").slice(0, 32),
                  spanId: run.spanId,
                  name: "run.abc",
                  startTimeUnixNano: "1700000000000001000",
                  endTimeUnixNano: "1700000001500003000",
                  status: { code: 0 },
                  attributes: [
                    { key: "pipeline", value: { stringValue: "orders" } },
                    { key: "attempts", value: { intValue: 1 } },
                  ],
                },
                {
                  spanId: stream.spanId,
                  parentSpanId: run.spanId,
                  status: { code: 2 },
                  attributes: [
                    { key: "code", value: { stringValue: "file.bad_row" } },
                    { key: "more", value: { stringValue: '{"deep":[1]}' } },
                    { key: "isDone", value: { boolValue: false } },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test("carries the headers of the environment", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20t0ken");
    await exportTrace(trace, settingsOf("5000"));
    expect(requests[0]?.headers).toMatchObject({ authorization: "Bearer t0ken" });
  });

  test("that the collector refuses is rejected at once", async () => {
    status = 400;
    await expect(exportTrace(trace, settingsOf("5000"))).rejects.toThrow(Error);
    expect(requests).toHaveLength(1);
  });

  test("is given up after its time, though the collector asks to be tried again", async () => {
    status = 503;
    await expect(exportTrace(trace, settingsOf("50"))).rejects.toThrow(Error);
    expect(requests).toHaveLength(1);
  });
});
