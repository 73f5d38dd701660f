/**
 * `_manifest.json`: the manifest that was committed, with what only the commit could tell
 * (docs/format/manifest.md). Derived: it is written after the commit, may be missing or old after a
 * crash, and is enough to rebuild a lost catalog.
 */
import { z } from "zod";
import type { Committed, ManifestReference } from "../../core/catalog-command.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { Manifest } from "../../core/snapshot.ts";
import { sha256Of } from "../digest.ts";
import { committedManifestPath, folderOf, temporaryPath } from "../layout.ts";
import type { Publisher } from "../publish.ts";
import { checkShape, countShape, digestShape, microsShape } from "../stored-shapes.ts";
import {
  checkVersion,
  damaged,
  encodeManifest,
  manifestBytesMax,
  manifestOf,
  manifestVersion,
  parseDocument,
} from "./codec.ts";

const format = "hakiri-committed-manifest";

/** A manifest and its place in the history of its store. */
export interface CommittedManifest extends Committed {
  /** Of the immutable manifest's bytes. */
  readonly sha256: string;
  readonly manifest: Manifest;
}

const envelopeShape = z.strictObject({
  format: z.literal(format),
  version: countShape,
  sequence: countShape.nullable(),
  at: microsShape,
  parent: digestShape.nullable(),
  sha256: digestShape,
  manifest: z.record(z.string(), z.unknown()),
});

/** Writes a run's `_manifest.json` anew, whether there was one or not. Durable at the return. */
export async function deriveCommitted(
  publisher: Publisher,
  manifest: Manifest,
  commit: Committed & Pick<ManifestReference, "sha256">,
): Promise<void> {
  const { filesystem, random } = publisher;
  const path = committedManifestPath(manifest.runId);
  const temporary = temporaryPath(path, random);
  const file = await filesystem.create(temporary);
  try {
    await file.write(encodeCommitted({ ...commit, manifest }));
    await file.sync();
  } finally {
    await file.close();
  }
  await filesystem.rename(temporary, path);
  await filesystem.syncFolder(folderOf(path));
}

function encodeCommitted({ manifest, ...commit }: CommittedManifest): Uint8Array {
  const { sequence, at, parent, sha256 } = commit;
  const inner: unknown = JSON.parse(new TextDecoder().decode(encodeManifest(manifest)));
  const marks = { format, version: manifestVersion };
  const text = canonicalJson({ ...marks, sequence, at, parent, sha256, manifest: inner });
  return new TextEncoder().encode(text);
}

/**
 * Reads a `_manifest.json`. Throws Permanent `manifest.damaged` where it isn't one, or where its
 * manifest isn't the one of its digest, and `manifest.newer_format`.
 */
export async function readCommitted(
  filesystem: Filesystem,
  path: string,
): Promise<CommittedManifest> {
  const document = parseDocument(await filesystem.read(path, 2 * manifestBytesMax), path);
  checkVersion(path, { found: document["format"], version: document["version"] }, format);
  const shaped = checkShape(envelopeShape, document);
  if (shaped.kind === "misfit") throw damaged(path, shaped.reason);
  const { sequence, at, parent, sha256 } = shaped.value;
  const manifest = manifestOf(shaped.value.manifest, path);
  const found = sha256Of(encodeManifest(manifest));
  if (found !== sha256) throw damaged(path, `the digest ${found}, not ${sha256}`);
  return { sequence, at, parent, sha256, manifest };
}
