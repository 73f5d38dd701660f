/** A store of which every step that may be durable or not is recorded, from its making on. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { lockClaims } from "../../../src/catalog/claims.ts";
import { openSqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { deriveCommitted } from "../../../src/context/manifest/committed.ts";
import { deriveViews } from "../../../src/context/derive/derive-views.ts";
import { ensureEmptyPart } from "../../../src/context/derive/empty-part.ts";
import { newId, storeFolder } from "../../../src/context/layout.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import type { CatalogCommand } from "../../../src/core/catalog-command.ts";
import type { CommandAttachments } from "../../../src/core/ports/catalog.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { systemClock } from "../../../src/platform/system-clock.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";
import type { ControlStore } from "../../../src/runtime/control/run-request.ts";
import {
  recordingFilesystem,
  type Recorder,
} from "../../platform/power-cut/recording-filesystem.ts";

/** An open store under record. */
export interface RecordedStore extends ControlStore {
  readonly recorder: Recorder;
  close(): Promise<void>;
}

const catalogName = "catalog.sqlite";

/** SQLite's files and its locks sync by themselves, or mean nothing after a crash. */
const isModelled = (path: string): boolean => /^(?:catalog\.sqlite|claims|pins)/u.test(path);

/** Makes a store in a project's folder that has none, as `openStore` does. */
export async function openRecordedStore(project: string): Promise<RecordedStore> {
  const folder = join(project, storeFolder);
  await mkdir(folder);
  const recorder = await recordingFilesystem(nodeFilesystem(folder), { isModelled });
  const { filesystem } = recorder;
  const random = systemRandom;
  const storeId = newId(random);
  const inner = openSqliteCatalog(join(folder, catalogName), { kind: "create", storeId });
  const copy = join(project, "catalog-copy");
  const snapshotOf = async () => {
    await rm(copy, { force: true });
    await inner.backupTo(copy);
    return [{ path: catalogName, bytes: await readFile(copy) }];
  };
  await recorder.durableStep("catalog made", snapshotOf);
  const catalog = {
    ...inner,
    apply: async <K extends CatalogCommand["kind"]>(
      command: Extract<CatalogCommand, { kind: K }>,
      attachments?: CommandAttachments,
    ) => {
      const answer = await inner.apply<K>(command, attachments);
      await recorder.durableStep(command.kind, snapshotOf);
      return answer;
    },
  };
  const claims = lockClaims(folder);
  const publisher = createPublisher(filesystem, random);
  await ensureEmptyPart(publisher);
  return {
    project,
    filesystem,
    catalog,
    claims,
    clock: systemClock,
    random,
    derive: async ({ manifest, reference, committed }) => {
      await deriveCommitted(publisher, manifest, { ...committed, sha256: reference.sha256 });
      await deriveViews({ catalog, filesystem, random, takeLock: () => claims.take("views") });
    },
    recorder,
    close: () => inner.close(),
  };
}
