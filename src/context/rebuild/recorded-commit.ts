/** A commit as its files tell it, without the catalog. */
import type { Committed, ManifestReference } from "../../core/catalog-command.ts";
import type { Manifest } from "../../core/snapshot.ts";

/** A commit with all that `restore_commit` takes. */
export interface RecordedCommit extends Committed {
  readonly reference: ManifestReference;
  readonly manifest: Manifest;
}

/** A manifest of which nothing in its folder says that it was committed. */
export interface UnprovenManifest {
  readonly reference: ManifestReference;
  readonly manifest: Manifest;
}
