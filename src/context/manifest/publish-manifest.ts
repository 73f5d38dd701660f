/** Writes and reads the immutable manifest that a commit names. */
import type { ManifestReference } from "../../core/catalog-command.ts";
import type { Filesystem } from "../../core/ports/filesystem.ts";
import type { Manifest } from "../../core/snapshot.ts";
import { sha256Of } from "../digest.ts";
import { manifestPath } from "../layout.ts";
import type { Publisher } from "../publish.ts";
import { damaged, decodeManifest, encodeManifest, manifestBytesMax } from "./codec.ts";

/**
 * Publishes a manifest and answers what its commit says of it. `attempt` counts the tries to commit
 * under one grant, from 1: each has a manifest of its own.
 */
export async function publishManifest(
  publisher: Publisher,
  manifest: Manifest,
  attempt: number,
): Promise<ManifestReference> {
  const path = manifestPath(manifest.runId, manifest.epoch, attempt);
  const { sizeBytes, sha256 } = await publisher.publish(path, [encodeManifest(manifest)]);
  return { path, sizeBytes, sha256 };
}

/**
 * Reads the manifest that a reference names. Throws Permanent `manifest.damaged` where its bytes
 * aren't the ones that were committed, `manifest.newer_format`, and what the filesystem throws.
 */
export async function readManifest(
  filesystem: Filesystem,
  reference: ManifestReference,
): Promise<Manifest> {
  const bytes = await filesystem.read(reference.path, manifestBytesMax);
  const found = sha256Of(bytes);
  if (found !== reference.sha256) throw damaged(reference.path, `the digest ${found}`);
  return decodeManifest(bytes, reference.path);
}
