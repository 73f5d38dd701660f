/**
 * Writes the `_manifest.json` files that crashes right after a commit left out. As long as the
 * catalog is there it tells which manifests were committed, and as what.
 */
import type { CatalogQueries } from "../../core/ports/catalog.ts";
import { deriveCommitted } from "../manifest/committed.ts";
import type { Publisher } from "../publish.ts";
import { lineageOf } from "../rebuild/lineage.ts";
import type { RecordedHistory } from "../rebuild/read-history.ts";
import type { RecordedCommit, UnprovenManifest } from "../rebuild/recorded-commit.ts";
import { allSnapshots } from "./expire.ts";

type Catalog = Pick<CatalogQueries, "run" | "isReferenced" | "snapshotAt" | "snapshots">;

/** Commits of manifests that the history calls unproven and the catalog knows. */
export async function underivedCommits(
  catalog: Catalog,
  history: RecordedHistory,
): Promise<readonly RecordedCommit[]> {
  const proven: Proven[] = [];
  for (const manifest of history.unproven) {
    const sequence = await provenSequence(catalog, manifest);
    if (sequence !== undefined) proven.push({ ...manifest, ...sequence });
  }
  if (proven.length === 0) return [];
  const digests = await digestsBySequence(catalog, history, proven);
  return proven.map(({ sequence, at, reference, manifest }) => {
    // A commit without a snapshot may have come later than its base; its cursors say the same.
    const before = sequence === null ? manifest.baseSequence : sequence - 1;
    return { sequence, at, parent: digests.get(before) ?? null, reference, manifest };
  });
}

/** Writes them. */
export async function deriveMissing(
  publisher: Publisher,
  commits: readonly RecordedCommit[],
): Promise<void> {
  for (const { sequence, at, parent, reference, manifest } of commits) {
    const { sha256 } = reference;
    await deriveCommitted(publisher, manifest, { sequence, at, parent, sha256 });
  }
}

/** What the catalog says of a manifest's commit. */
interface Commit {
  /** Null for one without a snapshot. */
  readonly sequence: number | null;
  readonly at: string;
}

type Proven = UnprovenManifest & Commit;

/** A run commits once, and the catalog knows the manifest of each commit by its path. */
async function provenSequence(
  catalog: Catalog,
  { reference, manifest }: UnprovenManifest,
): Promise<Commit | undefined> {
  const record = await catalog.run(manifest.runId);
  if (record?.state.kind !== "succeeded" || record.epoch !== manifest.epoch) return undefined;
  if (!(await catalog.isReferenced(reference.path))) return undefined;
  const { snapshot: sequence } = record.state;
  const snapshot = sequence === null ? null : await catalog.snapshotAt({ sequence });
  return { sequence, at: snapshot?.at ?? record.endedAt ?? record.startedAt };
}

async function digestsBySequence(
  catalog: Catalog,
  history: RecordedHistory,
  proven: readonly Proven[],
): Promise<ReadonlyMap<number, string>> {
  const digests = new Map<number, string>();
  for (const { sequence, reference } of [...lineageOf(history).commits, ...proven]) {
    if (sequence !== null) digests.set(sequence, reference.sha256);
  }
  for (const { sequence, manifestSha256 } of await allSnapshots(catalog)) {
    digests.set(sequence, manifestSha256);
  }
  return digests;
}
