/** The text of a pipeline that digests are taken of. */
import { canonicalJson, type Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/pipeline.ts";
import { asSecretReference } from "./secret-field.ts";

/**
 * Canonical JSON of a pipeline without its secrets: where one comes from, or that it was given on
 * the command line, changes nothing about what is read.
 */
export function canonicalSpec(spec: PipelineSpec): string {
  return canonicalJson({ ...spec, source: withoutReferences(spec.source) });
}

function withoutReferences(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.filter((item: Json) => asSecretReference(item) === null);
    return items.map((item: Json) => withoutReferences(item));
  }
  const kept = Object.entries(value).filter(([, member]) => asSecretReference(member) === null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutReferences(member)]));
}
