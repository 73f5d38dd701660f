/** The store as the program opens it, with a test between it and its filesystem and catalog. */
import { deriveViews } from "../../../src/context/derive/derive-views.ts";
import { deriveCommitted } from "../../../src/context/manifest/committed.ts";
import { createPublisher } from "../../../src/context/publish.ts";
import type { CatalogCommand } from "../../../src/core/catalog-command.ts";
import type { Catalog, CommandAttachments, Pins } from "../../../src/core/ports/catalog.ts";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import type { ControlStore } from "../../../src/runtime/control/run-request.ts";

/** What stands between. */
export interface Between {
  readonly filesystem: (inner: Filesystem) => Filesystem;
  /** Called in the place of each command's application, which `apply` does. */
  readonly apply: <T>(command: CatalogCommand, attempt: Attempt<T>) => Promise<T>;
}

/** One command about to be applied. */
export interface Attempt<T> {
  readonly attachments: CommandAttachments;
  readonly apply: (attachments: CommandAttachments) => Promise<T>;
}

/** An open store. */
export type PortedStore = ControlStore & { readonly pins: Pins; close(): Promise<void> };

/** Opens it; makes it where there is none. */
export async function openPortedStore(project: string, between: Between): Promise<PortedStore> {
  const opened = await openStore(project, "create");
  const filesystem = between.filesystem(opened.filesystem);
  const inner = opened.catalog;
  const catalog: Catalog = {
    ...inner,
    apply: async <K extends CatalogCommand["kind"]>(
      command: Extract<CatalogCommand, { kind: K }>,
      attachments: CommandAttachments = {},
    ) => {
      const apply = (own: CommandAttachments) => inner.apply<K>(command, own);
      return between.apply(command, { attachments, apply });
    },
  };
  const { claims, random } = opened;
  const publisher = createPublisher(filesystem, random);
  return {
    ...opened,
    filesystem,
    catalog,
    derive: async ({ manifest, reference, committed }) => {
      await deriveCommitted(publisher, manifest, { ...committed, sha256: reference.sha256 });
      await deriveViews({ catalog, filesystem, random, takeLock: () => claims.take("views") });
    },
  };
}
