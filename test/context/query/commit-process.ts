/**
 * A program: commits so many runs to the store in its working folder. Each appends one row to `a`
 * and `b`, and replaces the rows of `c`, whose sum stays the same. Half way it waits until its
 * standard input ends.
 */
import { text } from "node:stream/consumers";
import { int } from "../views/literals.ts";
import { columnOf, rowOf, schemaWith } from "../views/stored-table.ts";
import { useStore } from "../views/test-store.ts";

const schema = schemaWith(1, [columnOf(1, "v", int(32))]);

await useStore(process.cwd(), async (store) => {
  const runs = Number(process.argv[2]);
  for (let run = 1; run <= runs; run += 1) {
    if (run === Math.ceil(runs / 2)) await text(process.stdin);
    const row = [rowOf(String(run))];
    const split = [rowOf(String(run)), rowOf(String(1000 - run))];
    await store.commit([
      { name: "a", schema, rows: row },
      { name: "b", schema, rows: row },
      { name: "c", schema, rows: split, disposition: "replace" },
    ]);
  }
});
