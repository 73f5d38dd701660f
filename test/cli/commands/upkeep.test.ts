/** A store that is looked after: compacted, swept, damaged, examined and rebuilt. */
import { appendFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openStore } from "../../../src/profiles/engine/open-store.ts";
import { testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
const rowsOf = async () => project.document(0, "query", "select id from orders order by id");

beforeAll(async () => {
  project = await testProject({ "orders.csv": "id\n1\n" });
  for (const id of [1, 2]) {
    await project.write("orders.csv", `id\n${id}\n`);
    await project.document(0, "ingest", "orders.csv");
  }
}, 60_000);
afterAll(() => project.remove());

const examined = (exitCode: number, ...args: string[]) =>
  project.document(exitCode, "doctor", "store", ...args);

describe("compact", () => {
  test("leaves alone what isn't due", async () => {
    expect(await project.document(0, "compact")).toMatchObject({
      tables: [{ table: "orders", outcome: "unchanged", before: { files: 3 } }],
    });
    expect((await project.type("compact")).out).toMatch(
      /^orders: nothing is due in 3 files of .+\n$/u,
    );
  });

  test("rewrites all with --full, into a snapshot with the same rows", async () => {
    expect(await project.document(0, "compact", "Orders", "--full")).toMatchObject({
      tables: [
        {
          table: "orders",
          outcome: "compacted",
          snapshot_id: 3,
          before: { files: 3 },
          after: { files: 1 },
        },
      ],
    });
    expect(await rowsOf()).toEqual([{ id: "2" }]);
    expect(await project.document(0, "snapshots", "--limit", "1")).toMatchObject({
      snapshots: [{ snapshot_id: 3, kind: "compaction", pipeline: "orders" }],
    });
  });

  test("spills into the store, as looks at a source do, and leaves nothing there", async () => {
    vi.stubEnv("TMPDIR", join(project.folder, "nowhere"));
    try {
      await project.document(0, "compact", "--full");
      await project.document(0, "preview", "orders.csv");
    } finally {
      vi.unstubAllEnvs();
    }
    for (const folder of ["temp", "pins"]) {
      expect(await readdir(join(project.folder, ".hakiri", folder))).toEqual([]);
    }
  });

  test("passes over a table that another process writes, and exits with 7", async () => {
    const store = await openStore(project.folder, "existing");
    const record = await store.catalog.pipeline({ name: "orders" });
    const claim = store.claims.take(record?.pipelineId ?? "");
    const answer = await project.document(7, "compact", "--full");
    claim?.release();
    await store.close();
    expect(answer).toMatchObject({ tables: [{ table: "orders", outcome: "claimed_elsewhere" }] });
  });

  test("of a table that isn't there names the nearest", async () => {
    expect(await project.document(2, "compact", "order")).toMatchObject({
      error: { code: "usage.unknown_table", hint: "did you mean 'orders'?" },
    });
  });
});

describe("gc", () => {
  test("with --dry-run removes nothing that it then removes", async () => {
    const planned = await project.document(0, "gc", "--dry-run");
    expect(planned).toMatchObject({ dry_run: true, expired_snapshots: [], files: { count: 0 } });
    expect(await project.document(0, "gc")).toEqual({ ...(planned as object), dry_run: false });
    expect((await project.type("gc")).out).toContain(
      "removed 0 files of 0 B that no snapshot held",
    );
  });

  test("takes no grace for a clock that jumped", async () => {
    await project.write("hakiri.toml", '[store]\ngc_grace = "0s"\n');
    await project.document(0, "gc");
    expect(await readdir(join(project.folder, ".hakiri"))).toContain("clock.json");
  });

  test("keeps what hakiri.toml says", async () => {
    await project.write(
      "hakiri.toml",
      '[store]\ngc_grace = "1h"\nretention = { days = 0, snapshots = 1 }\n',
    );
    expect(await project.document(0, "gc")).toMatchObject({
      expired_snapshots: [1, 2],
      kept: [{ why: "within_grace" }],
    });
    expect(await rowsOf()).toEqual([{ id: "2" }]);
  });
});

describe("doctor", () => {
  test("names a file that is damaged, and exits with 3", async () => {
    const runs = await readdir(join(project.folder, ".hakiri/runs"), { recursive: true });
    const { snapshots } = (await project.document(0, "snapshots")) as {
      snapshots: { run_id: string }[];
    };
    const part = runs.find(
      (path) => path.startsWith(snapshots[0]?.run_id ?? "?") && path.endsWith(".parquet"),
    );
    await appendFile(join(project.folder, ".hakiri/runs", part ?? ""), "x");
    const { out, exitCode } = await project.type("doctor", "store");
    expect(exitCode).toBe(3);
    expect(out).toContain(`error: runs/${part}: `);
    const { checks } = (await examined(3)) as { checks: { ok: boolean; findings: unknown[] }[] };
    expect(checks[0]?.findings[0]).toMatchObject({
      severity: "error",
      code: "store.damaged_file",
      path: `runs/${part}`,
    });
    await project.document(0, "run", "orders", "--full-refresh");
    await project.document(0, "gc");
  });

  test("makes a lost catalog again, with what it needs to go on", async () => {
    for (const ending of ["", "-wal", "-shm"]) {
      await rm(join(project.folder, `.hakiri/catalog.sqlite${ending}`), { force: true });
    }
    expect(await examined(3)).toMatchObject({ checks: [{ code: "catalog.missing" }] });
    expect(await project.document(3, "runs")).toMatchObject({ error: { code: "catalog.missing" } });
    expect(await project.document(0, "doctor", "--rebuild-catalog")).toMatchObject({
      kept_as: null,
      incarnation: 1,
    });
    expect(await rowsOf()).toEqual([{ id: "2" }]);
    expect(await project.document(0, "ingest", "orders.csv")).toMatchObject({ snapshot_id: null });
    expect(await rowsOf()).toEqual([{ id: "2" }]);
  });

  test("takes --force for a rebuild only", async () => {
    expect(await project.document(2, "doctor", "--force")).toMatchObject({
      error: { code: "usage.force_alone" },
    });
  });

  test("has nothing to say of a folder without a store, and nothing to rebuild", async () => {
    const empty = await testProject();
    expect(await empty.document(0, "doctor", "store")).toMatchObject({
      checks: [{ ok: true, detail: "this folder has no store" }],
    });
    expect(await empty.document(2, "doctor", "--rebuild-catalog")).toMatchObject({
      error: { code: "usage.no_store" },
    });
    await empty.remove();
  });
});
