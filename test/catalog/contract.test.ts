/** The catalog's contract, on each adapter there is. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openSqliteCatalog } from "../../src/catalog/sqlite/sqlite-catalog.ts";
import { catalogContract } from "./catalog-contract.ts";
import { storeId } from "./commands.ts";
import { temporaryFolder } from "./temporary-folder.ts";

catalogContract("SQLite", async (kind) => {
  const path = join(temporaryFolder(), "catalog.sqlite");
  const catalog = openSqliteCatalog(path, { kind, storeId });
  onTestFinished(() => catalog.close());
  return catalog;
});
