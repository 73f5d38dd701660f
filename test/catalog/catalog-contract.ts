/** What every adapter of the catalog port does, whatever it keeps its rows in. */
import { describe } from "vitest";
import type { Catalog } from "../../src/core/ports/catalog.ts";
import { claimsContract } from "./contract/claims.ts";
import { commitsContract } from "./contract/commits.ts";
import { compactionsContract } from "./contract/compactions.ts";
import { cursorsContract } from "./contract/cursors.ts";
import { expiryContract } from "./contract/expiry.ts";
import { manifestsContract } from "./contract/manifests.ts";
import { pipelinesContract } from "./contract/pipelines.ts";
import { restoreContract } from "./contract/restore.ts";
import { tablesContract } from "./contract/tables.ts";
import { tracesContract } from "./contract/traces.ts";

/** Opens a new and empty catalog of the tests' store, for ordinary commands or for a rebuild. */
export type OpenCatalog = (kind: "create" | "restore") => Promise<Catalog>;

/** Runs the suite on an adapter. */
export function catalogContract(adapter: string, open: OpenCatalog): void {
  describe(`the catalog by ${adapter}`, () => {
    pipelinesContract(open);
    claimsContract(open);
    commitsContract(open);
    cursorsContract(open);
    tablesContract(open);
    manifestsContract(open);
    compactionsContract(open);
    expiryContract(open);
    tracesContract(open);
    restoreContract(open);
  });
}
