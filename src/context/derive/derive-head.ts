/**
 * The `_manifest.json` of the newest snapshot, which a crash right after its commit left out. Who
 * commits looks first, so that never two in a row are missing: one is proven by the next, which
 * names it as its parent, and of two nothing tells that the first was ever committed.
 */
import type { CatalogQueries } from "../../core/ports/catalog.ts";
import { committedManifestPath } from "../layout.ts";
import { deriveCommitted } from "../manifest/committed.ts";
import { readManifest } from "../manifest/publish-manifest.ts";
import type { Publisher } from "../publish.ts";

/** What it takes. */
export interface HeadContext {
  readonly catalog: Pick<CatalogQueries, "head" | "snapshotAt">;
  readonly publisher: Publisher;
}

/**
 * Writes the newest snapshot's `_manifest.json` where there is none. Throws what reading the
 * manifest throws, and what the disk throws.
 */
export async function deriveHead({ catalog, publisher }: HeadContext): Promise<void> {
  const { sequence } = await catalog.head();
  const snapshot = await catalog.snapshotAt({ sequence });
  if (snapshot === null) return;
  const { runId, at, manifestPath: path, manifestSha256: sha256 } = snapshot;
  const { filesystem } = publisher;
  if ((await filesystem.stat(committedManifestPath(runId))) !== null) return;
  const before = await catalog.snapshotAt({ sequence: sequence - 1 });
  // Where the one before has expired, gc has derived what was missing.
  if (before === null && sequence > 1) return;
  const manifest = await readManifest(filesystem, { path, sha256, sizeBytes: 0 });
  const parent = before?.manifestSha256 ?? null;
  await deriveCommitted(publisher, manifest, { sequence, at, parent, sha256 });
}
