/** Readers that query while another process commits see whole runs, each a snapshot of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withStore } from "../views/test-store.ts";
import { clientOfFile, contextOf, rowsOf } from "./queries.ts";

const client = clientOfFile();
const program = fileURLToPath(new URL("./commit-process.ts", import.meta.url));
const runs = 25;

test("a query never sees half a run, at the newest snapshot or at any before", async () => {
  await withStore(async (store) => {
    const context = contextOf(store, client);
    const writer = spawn(process.execPath, [program, String(runs)], {
      cwd: store.folder,
      stdio: ["pipe", "inherit", "inherit"],
    });
    const ended = once(writer, "exit");
    const seen: number[] = [];
    for (;;) {
      const { sequence } = await store.catalog.head();
      if (sequence === 0) continue;
      const [row] = await rowsOf(
        context,
        "SELECT (SELECT count(*) FROM a)::INTEGER AS a, (SELECT sum(v) FROM b)::INTEGER AS b, " +
          "(SELECT sum(v) FROM c)::INTEGER AS c, (SELECT count(*) FROM c)::INTEGER AS n",
      );
      const a = Number(row?.["a"]);
      expect(row).toEqual({ a, b: (a * (a + 1)) / 2, c: 1000, n: 2 });
      expect(a).toBeGreaterThanOrEqual(seen.at(-1) ?? sequence);
      seen.push(a);
      // The writer waits half way for the first look.
      if (seen.length === 1) writer.stdin.end("seen");
      if (a === runs) break;
    }
    expect(await ended).toEqual([0, null]);
    expect(new Set(seen).size).toBeGreaterThan(1);
    for (const sequence of [1, 7, runs]) {
      const at = String(sequence);
      const [row] = await rowsOf(context, "SELECT count(*)::INTEGER AS n FROM a", { at });
      expect(row).toEqual({ n: sequence });
    }
    expect(store.pins.live()).toEqual([]);
  });
});
