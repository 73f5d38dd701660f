/**
 * Whether the standard variables ask for a run's spans, and where they go (OpenTelemetry
 * specification, "OTLP Exporter Configuration" and "SDK Environment Variables"). Loads no package,
 * so that a run that exports nothing loads none.
 */
import { usageError } from "../core/error.ts";

/** Variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/** How spans are exported. Headers and certificates are read by the exporter itself. */
export interface OtlpSettings {
  readonly url: string;
  /** For all tries together. */
  readonly timeoutMs: number;
  /** Of the process that made the spans, `service.name` included. */
  readonly resource: Readonly<Record<string, string>>;
}

/** A run waits for its export no longer than this, whatever the variables say. */
export const exportTimeoutMsMax = 30_000;

const usualTimeoutMs = 5000;

/** Null where nothing asks for an export. Throws `usage.invalid_endpoint` for what is no URL. */
export function otlpSettings(env: Environment): OtlpSettings | null {
  const isOff = value(env, "OTEL_SDK_DISABLED")?.toLowerCase() === "true";
  const exporters = value(env, "OTEL_TRACES_EXPORTER")?.split(",") ?? ["otlp"];
  if (isOff || !exporters.some((name) => name.trim() === "otlp")) return null;
  const url = urlOf(env);
  if (url === null) return null;
  return { url, timeoutMs: timeoutOf(env), resource: resourceOf(env) };
}

/** An empty variable counts as absent (specification, "Parsing empty value"). */
function value(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === "" ? undefined : text;
}

function urlOf(env: Environment): string | null {
  const own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const traces = value(env, own);
  if (traces !== undefined) return checked(traces, own);
  const shared = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const base = value(env, shared);
  if (base === undefined) return null;
  return checked(`${base.replace(/\/+$/u, "")}/v1/traces`, shared);
}

function checked(url: string, variable: string): string {
  if (URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol)) return url;
  throw usageError(
    "invalid_endpoint",
    `expected a URL that begins with http: or https: in ${variable}, got other text`,
    `for example ${variable}=http://localhost:4318`,
  );
}

function timeoutOf(env: Environment): number {
  const text =
    value(env, "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT") ?? value(env, "OTEL_EXPORTER_OTLP_TIMEOUT");
  const wanted = /^\d{1,9}$/u.test(text ?? "") ? Number(text) : usualTimeoutMs;
  return Math.min(Math.max(1, wanted), exportTimeoutMsMax);
}

function resourceOf(env: Environment): OtlpSettings["resource"] {
  const pairs = (value(env, "OTEL_RESOURCE_ATTRIBUTES") ?? "").split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    return name === "" ? [] : [[name, decoded(pair.slice(at + 1).trim())] as const];
  });
  const found: Record<string, string> = { "service.name": "hakiri", ...Object.fromEntries(pairs) };
  const service = value(env, "OTEL_SERVICE_NAME");
  return service === undefined ? found : { ...found, "service.name": service };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
