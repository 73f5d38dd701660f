/**
 * A program: commits so many runs to the store in its working folder. Each appends one row to `a`
 * and `b`, and replaces the rows of `c`, whose sum stays the same.
 */
import { int } from "../views/literals.ts";
import { columnOf, rowOf, schemaWith } from "../views/stored-table.ts";
import { useStore } from "../views/test-store.ts";

const schema = schemaWith(1, [columnOf(1, "v", int(32))]);

await useStore(process.cwd(), async (store) => {
  for (let run = 1; run <= Number(process.argv[2]); run += 1) {
    const row = [rowOf(String(run))];
    const split = [rowOf(String(run)), rowOf(String(1000 - run))];
    await store.commit([
      { name: "a", schema, rows: row },
      { name: "b", schema, rows: row },
      { name: "c", schema, rows: split, disposition: "replace" },
    ]);
  }
});
