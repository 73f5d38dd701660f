/** A program: derives `views.sql` of the project in its working folder, so many times. */
import { join } from "node:path";
import { lockClaims } from "../../../src/catalog/claims.ts";
import { openSqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { deriveViews } from "../../../src/context/derive/derive-views.ts";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { systemRandom } from "../../../src/platform/system-random.ts";

const root = join(process.cwd(), ".hakiri");
const catalog = openSqliteCatalog(join(root, "catalog.sqlite"), { kind: "existing" });
const claims = lockClaims(root);
for (let left = Number(process.argv[2]); left > 0; left -= 1) {
  await deriveViews({
    catalog,
    filesystem: nodeFilesystem(root),
    random: systemRandom,
    takeLock: () => claims.take("views"),
  });
}
await catalog.close();
