/** Opens a project's store: the adapters of this machine behind the ports. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { lockClaims } from "../../catalog/claims.ts";
import { lockPins } from "../../catalog/pins.ts";
import { openSqliteCatalog } from "../../catalog/sqlite/sqlite-catalog.ts";
import type { OpenStore } from "../../cli/commands/engine.ts";
import { deriveCommitted } from "../../context/manifest/committed.ts";
import { deriveViews } from "../../context/derive/derive-views.ts";
import { ensureEmptyPart } from "../../context/derive/empty-part.ts";
import { newId, storeFolder } from "../../context/layout.ts";
import { createPublisher } from "../../context/publish.ts";
import { usageError } from "../../core/error.ts";
import { requireLocalFilesystem } from "../../platform/local-filesystem.ts";
import { nodeFilesystem } from "../../platform/node-filesystem.ts";
import { systemClock } from "../../platform/system-clock.ts";
import { systemRandom } from "../../platform/system-random.ts";

const runsFolder = "runs";

/** Opens the store of a project's folder, absolute; see `Engine.openStore`. */
export async function openStore(
  project: string,
  opening: "existing" | "create",
): Promise<OpenStore> {
  const folder = join(project, storeFolder);
  if (opening === "existing" && !existsSync(folder)) {
    throw usageError(
      "no_store",
      `expected a store in ${project}, but there is no ${storeFolder}`,
      "go to a project's folder, name it with --project, or begin with: hakiri ingest FILE",
    );
  }
  await requireLocalFilesystem(project);
  await mkdir(folder, { recursive: true });
  const filesystem = nodeFilesystem(folder);
  const publisher = createPublisher(filesystem, systemRandom);
  const catalog = openSqliteCatalog(
    join(folder, "catalog.sqlite"),
    opening === "create" && !existsSync(join(folder, runsFolder))
      ? { kind: "create", storeId: newId(systemRandom) }
      : // A store with runs had a catalog: where it is lost, a new one would hide what it knew.
        { kind: "existing" },
  );
  const claims = lockClaims(folder);
  const takeLock = () => claims.take("views");
  const views = { catalog, filesystem, random: systemRandom, takeLock };
  await ensureEmptyPart(publisher);
  return {
    project,
    filesystem,
    catalog,
    claims,
    pins: lockPins(folder, systemRandom),
    clock: systemClock,
    random: systemRandom,
    derive: async ({ manifest, reference, committed }) => {
      await deriveCommitted(publisher, manifest, { ...committed, sha256: reference.sha256 });
      await deriveViews(views);
    },
    close: () => catalog.close(),
  };
}
