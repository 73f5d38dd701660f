/** The resume key: equal for two attempts that would stage the same rows from the same start. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/json.ts";
import type { PipelineSpec } from "../../core/pipeline.ts";
import type { CursorRecord } from "../../core/ports/catalog.ts";
import type { RunParameters } from "../protocol.ts";

/** What an attempt starts from. */
export interface ResumeFacts {
  /** Secrets are references in it, so a new password resumes. */
  readonly spec: PipelineSpec;
  /** Of the connector's code. */
  readonly connectorDigest: string;
  readonly parameters: RunParameters;
  /** The pipeline's cursors at the base. */
  readonly cursors: readonly CursorRecord[];
  /** By table id: the version of its schema. */
  readonly schemaVersions: { readonly [tableId: string]: number };
}

/** The key, and the digest of each of its parts so that a difference can be named. */
export interface ResumeKey {
  readonly key: string;
  readonly parts: { readonly [part: string]: string };
}

/** The key of an attempt. */
export function resumeKeyOf(facts: ResumeFacts): ResumeKey {
  const parts = {
    pipeline: digest(facts.spec),
    connector: facts.connectorDigest,
    parameters: digest(facts.parameters),
    cursors: digest(facts.cursors),
    schemas: digest(facts.schemaVersions),
  };
  return { key: digest(parts), parts };
}

function digest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}
