/** A manifest as bytes: canonical JSON with name and version (docs/format/manifest.md). */
import { z } from "zod";
import { HakiriError } from "../../core/error.ts";
import { canonicalJson } from "../../core/json.ts";
import { filesPerRunMax, type Manifest } from "../../core/snapshot.ts";
import { recordedPipelineShape } from "./recorded-pipeline.ts";
import {
  checkShape,
  countShape,
  dispositionShape,
  idShape,
  microsShape,
  nameShape,
  partitionShape,
  sideFilePathShape,
  storedCursorShape,
  tableFileShape,
  tableSchemaShape,
} from "../stored-shapes.ts";

/** The version of the format that this hakiri writes, and the newest that it reads. */
export const manifestVersion = 1;

/** Most bytes of a manifest: several times what the most files that a run may add take. */
export const manifestBytesMax = 256 * 1024 * 1024;

const format = "hakiri-manifest";

const tableChangeShape = z.strictObject({
  tableId: idShape,
  namespace: nameShape,
  name: nameShape,
  created: z
    .strictObject({
      naming: z.enum(["source", "snake_case"]),
      shared: z.boolean(),
      reserved: z.array(countShape),
    })
    .nullable(),
  disposition: z.union([dispositionShape, z.literal("compact")]),
  schema: tableSchemaShape.nullable(),
  added: z.array(tableFileShape).max(filesPerRunMax),
  removed: z.union([z.literal("all"), z.array(countShape)]),
});

const cursorEntryShape = z.strictObject({
  stream: nameShape,
  partition: partitionShape,
  cursor: storedCursorShape.nullable(),
  boundaryPath: sideFilePathShape.nullable(),
});

/** A manifest's members, its format and version taken off. */
export const manifestShape: z.ZodType<Manifest> = z.strictObject({
  kind: z.enum(["run", "cursor", "compaction"]),
  storeId: idShape,
  pipelineId: idShape,
  pipelineName: nameShape,
  pipeline: recordedPipelineShape.nullable(),
  runId: idShape,
  epoch: countShape,
  baseSequence: countShape,
  loadedAtMicros: microsShape,
  tables: z.array(tableChangeShape),
  cursors: z.array(cursorEntryShape),
});

/**
 * The one text of a manifest, in UTF-8. Throws Permanent `manifest.too_large` past the 256 MiB of
 * `manifestBytesMax`.
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const text = canonicalJson({ ...manifest, format, version: manifestVersion });
  const bytes = new TextEncoder().encode(text);
  if (bytes.byteLength <= manifestBytesMax) return bytes;
  throw new HakiriError({
    kind: "Permanent",
    code: "manifest.too_large",
    message: `expected a manifest of at most ${manifestBytesMax} bytes, got ${bytes.byteLength}`,
    hint: "split the pipeline, or compact its tables",
  });
}

/**
 * The manifest that bytes hold; `path` is for the message. Throws Permanent
 * `manifest.newer_format` for one of a newer hakiri and `manifest.damaged` for what is none.
 */
export function decodeManifest(bytes: Uint8Array, path: string): Manifest {
  return manifestOf(parseDocument(bytes, path), path);
}

/** The JSON object in bytes. Throws Permanent `manifest.damaged`. */
export function parseDocument(bytes: Uint8Array, path: string): Record<string, unknown> {
  if (bytes.byteLength > 2 * manifestBytesMax) throw damaged(path, `${bytes.byteLength} bytes`);
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    // Only its members are read, each with a check.
    if (isObject) return value as Record<string, unknown>;
  } catch {
    throw damaged(path, "no JSON");
  }
  throw damaged(path, "no JSON object");
}

/** The manifest in a parsed document. Throws as `decodeManifest`. */
export function manifestOf(document: Record<string, unknown>, path: string): Manifest {
  const { format: found, version, ...manifest } = document;
  checkVersion(path, { found, version }, format);
  const shaped = checkShape(manifestShape, manifest);
  if (shaped.kind === "misfit") throw damaged(path, shaped.reason);
  return shaped.value;
}

/** Passes a document of a format that this hakiri reads. Throws as `decodeManifest`. */
export function checkVersion(
  path: string,
  marks: { readonly found: unknown; readonly version: unknown },
  expected: string,
): void {
  const { found, version } = marks;
  if (found !== expected || typeof version !== "number") throw damaged(path, `no ${expected}`);
  if (version <= manifestVersion) return;
  throw new HakiriError({
    kind: "Permanent",
    code: "manifest.newer_format",
    message: `expected a manifest of version ${manifestVersion} at most in '${path}', got ${version}`,
    hint: "a newer hakiri wrote it: install that one, or a later one",
  });
}

/** The error of a manifest that can't be believed. */
export function damaged(path: string, found: string): HakiriError {
  return new HakiriError({
    kind: "Permanent",
    code: "manifest.damaged",
    message: `expected a manifest in '${path}', got ${found}`,
    hint: "restore the file from a copy, or run 'hakiri doctor'",
  });
}
