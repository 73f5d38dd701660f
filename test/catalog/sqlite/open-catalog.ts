/**
 * A process that opens the catalog at a path, made where there is none, registers as many pipelines
 * as it is told, and says whose store it is.
 */
import { openSqliteCatalog } from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { registerOf } from "../commands.ts";

const [path = "", id = "", count = "0"] = process.argv.slice(2);
const catalog = openSqliteCatalog(path, { kind: "create", storeId: id });
for (let n = 0; n < Number(count); n += 1) {
  await catalog.apply<"register_pipeline">(registerOf(`${id}${n}`));
}
process.stdout.write((await catalog.head()).storeId);
await catalog.close();
