/** Rebuilding: a catalog made of the manifests that a lost one committed. */
import { describe, expect, test } from "vitest";
import type { PipelineSpec } from "../../../src/core/pipeline.ts";
import type { Catalog } from "../../../src/core/ports/catalog.ts";
import { epochOf, type Manifest } from "../../../src/core/snapshot.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import {
  changeOf,
  claimOf,
  creation,
  deletesOf,
  entryOf,
  fileOf,
  manifestOf,
  referenceOf,
  registerOf,
  runOnce,
  schemaOf,
  specOf,
  type CommittedRun,
} from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

/** A store with two tables, deletes, a new schema, a compaction and a commit of cursors alone. */
async function lostStore(open: OpenCatalog) {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  await catalog.apply<"register_pipeline">(registerOf("p2"));
  const first = await runOnce(catalog, "p1", "r1", {
    tables: (grant) => [changeOf("t1", [fileOf(grant, 0), fileOf(grant, 1)], creation)],
    cursors: [entryOf("s", "1"), entryOf("old", "1")],
  });
  const a = fileOf(first.grant, 0).fileId;
  const runs = [
    first,
    await runOnce(catalog, "p2", "r2", {
      tables: (grant) => [changeOf("t2", [fileOf(grant, 0)], creation)],
    }),
    await runOnce(catalog, "p1", "r3", {
      kind: "cursor",
      cursors: [entryOf("s", "3"), entryOf("old", null)],
    }),
    await runOnce(catalog, "p1", "r4", {
      tables: (grant) => [
        changeOf("t1", [deletesOf(grant, 0, [a])], { disposition: "merge", schema: schemaOf(2) }),
      ],
      cursors: [entryOf("s", "4", { boundaryPath: "runs/r4/b.lines" })],
    }),
    await runOnce(catalog, "p1", "r5", {
      kind: "compaction",
      what: "compaction",
      tables: (grant) => [
        changeOf("t1", [fileOf(grant, 0)], { disposition: "compact", removed: [a] }),
      ],
    }),
  ];
  return { catalog, runs };
}

function restore(catalog: Catalog, run: Pick<CommittedRun, "manifest" | "committed">) {
  const { manifest, committed } = run;
  return catalog.apply<"restore_commit">(
    {
      kind: "restore_commit",
      version: 1,
      sequence: committed.sequence,
      manifest: referenceOf(manifest),
      at: committed.at,
    },
    { manifest },
  );
}

const finish = (catalog: Catalog, incarnation: number) =>
  catalog.apply<"finish_restore">({ kind: "finish_restore", version: 1, incarnation, at: "9000" });

/** What a rebuild brings back. */
async function content(catalog: Catalog) {
  const sequences = [1, 2, 3, 4];
  return {
    head: { ...(await catalog.head()), incarnation: 0 },
    snapshots: await catalog.snapshots(null, 10),
    tables: await Promise.all(sequences.map((sequence) => catalog.tables(sequence))),
    files: await Promise.all(
      sequences.flatMap((sequence) =>
        ["t1", "t2"].map((tableId) => catalog.files(tableId, sequence, 0)),
      ),
    ),
    schemas: await catalog.schemas("t1"),
    cursors: await Promise.all([1, 3, 4, undefined].map((s) => catalog.cursors("p1", s))),
  };
}

/** Commits of these pipelines, one after the other; each moves a cursor only. */
async function replay(
  catalog: Catalog,
  commits: readonly (readonly [string, Partial<Manifest>])[],
): Promise<void> {
  for (const [index, [pipelineId, over]] of commits.entries()) {
    const grant = { runId: `run-${index}`, epoch: index + 1, loadedAt: "5" };
    const cursors = [entryOf("s", String(index))];
    const manifest = manifestOf(pipelineId, grant, { kind: "cursor", cursors, ...over });
    await restore(catalog, { manifest, committed: { sequence: null, at: "6", parent: null } });
  }
}

/** The suite on an adapter. */
export function restoreContract(open: OpenCatalog): void {
  describe("a rebuilt catalog", () => {
    test("says what the lost one said", async () => {
      const { catalog, runs } = await lostStore(open);
      const rebuilt = await open("restore");
      for (const run of runs) expect(await restore(rebuilt, run)).toEqual(run.committed);
      await finish(rebuilt, 1);
      expect(await content(rebuilt)).toEqual(await content(catalog));
      expect(await rebuilt.run("r4")).toMatchObject({
        state: { kind: "succeeded", snapshot: 3 },
        startedAt: "1000",
      });
    });

    test("takes the same commit twice", async () => {
      const { runs } = await lostStore(open);
      const rebuilt = await open("restore");
      const [first] = runs;
      if (first === undefined) throw new Error("expected a run");
      expect(await restore(rebuilt, first)).toEqual(first.committed);
      expect(await restore(rebuilt, first)).toEqual(first.committed);
      expect((await rebuilt.head()).sequence).toBe(1);
    });

    test("takes snapshots without a gap and a pipeline's commits in order", async () => {
      const { runs } = await lostStore(open);
      const rebuilt = await open("restore");
      const [first, second, third, fourth] = runs;
      if (!first || !second || !third || !fourth) throw new Error("expected four runs");
      expect(await refusalOf(restore(rebuilt, second))).toBe("refused.restore_order");
      await restore(rebuilt, first);
      await restore(rebuilt, second);
      await restore(rebuilt, fourth);
      expect(await refusalOf(restore(rebuilt, third))).toBe("refused.restore_order");
      const other = { ...third.manifest, storeId: "other" };
      expect(await refusalOf(restore(rebuilt, { ...third, manifest: other }))).toBe(
        "refused.manifest",
      );
    });

    test("takes nothing else before it is finished, and nothing of it after", async () => {
      const { runs } = await lostStore(open);
      const rebuilt = await open("restore");
      const [first] = runs;
      if (first === undefined) throw new Error("expected a run");
      await restore(rebuilt, first);
      const claim = () => rebuilt.apply<"claim_run">(claimOf("p1", "r9"));
      expect(await refusalOf(claim())).toBe("refused.restoring");
      await finish(rebuilt, 1);
      expect(await refusalOf(restore(rebuilt, first))).toBe("refused.not_restoring");
      expect(await refusalOf(finish(rebuilt, 2))).toBe("refused.not_restoring");
      expect((await claim()).runId).toBe("r9");
    });

    test("fences whoever held a grant of the lost one", async () => {
      const { catalog, runs } = await lostStore(open);
      const lost = await catalog.apply<"claim_run">(claimOf("p1", "r6"));
      const rebuilt = await open("restore");
      for (const run of runs) await restore(rebuilt, run);
      await finish(rebuilt, 1);
      const grant = await rebuilt.apply<"claim_run">(claimOf("p1", "r7"));
      expect(grant.epoch).toBeGreaterThan(lost.epoch);
      const highest = Math.max(...runs.map((run) => run.grant.epoch));
      expect(grant.epoch).toBeGreaterThan(epochOf(1, 0) + highest);
    });

    test("has a higher incarnation than every epoch of the lost one", async () => {
      const rebuilt = await open("restore");
      const manifest: Manifest = {
        ...(await lostStore(open)).runs[0]?.manifest,
        epoch: epochOf(3, 9),
      } as Manifest; // of a store that was rebuilt before
      const committed = { sequence: 1, at: "1600", parent: null };
      await restore(rebuilt, { manifest, committed });
      expect(await refusalOf(finish(rebuilt, 3))).toBe("refused.incarnation");
      expect(await refusalOf(finish(rebuilt, 2 ** 13))).toBe("refused.incarnation");
      expect(await finish(rebuilt, 4)).toEqual({ incarnation: 4 });
      expect((await rebuilt.head()).incarnation).toBe(4);
    });

    test("has the pipelines of the lost one, as the last commit of each says", async () => {
      const { catalog } = await lostStore(open);
      const rebuilt = await open("restore");
      const recorded = (name: string, over: Partial<PipelineSpec> = {}, key = name) => ({
        pipeline: { key, spec: specOf(name, over) },
      });
      await replay(rebuilt, [
        ["p1", recorded("orders")],
        ["p2", recorded("sales")],
        ["p1", recorded("orders", { parallel: 3 })],
        ["p1", { pipeline: null }],
      ]);
      await finish(rebuilt, 1);
      expect((await catalog.pipelines(null)).map(({ pipelineId }) => pipelineId)).toEqual([
        "p1",
        "p2",
      ]);
      expect(await rebuilt.pipelines(null)).toMatchObject([
        { pipelineId: "p1", key: "orders", spec: specOf("orders", { parallel: 3 }) },
        { pipelineId: "p2", key: "sales", spec: specOf("sales") },
      ]);
      // The same source as before is the same pipeline.
      const again = registerOf("new-id", { key: "sales", spec: specOf("sales") });
      expect(await rebuilt.apply<"register_pipeline">(again)).toEqual({
        created: false,
        pipelineId: "p2",
      });
    });

    test("gives a name that two pipelines had to the one that had it last", async () => {
      const rebuilt = await open("restore");
      const recorded = (name: string, key: string) => ({ pipeline: { key, spec: specOf(name) } });
      await replay(rebuilt, [
        ["p1", recorded("orders", "k1")],
        ["p2", recorded("orders", "k2")],
        // Of which nothing more was committed under its new name.
        ["p1", { pipeline: null }],
        ["p3", recorded("third", "k2")],
      ]);
      await finish(rebuilt, 1);
      expect(await rebuilt.pipeline({ key: "k1" })).toMatchObject({
        pipelineId: "p1",
        spec: { name: "orders (p1)" },
      });
      expect(await rebuilt.pipeline({ name: "orders (p1)" })).toMatchObject({ pipelineId: "p1" });
      expect(await rebuilt.pipeline({ key: "k2" })).toMatchObject({ pipelineId: "p3" });
      expect(await rebuilt.pipeline({ id: "p2" })).toBeNull();
      const renamed = registerOf("new-id", { key: "k1", spec: specOf("orders") });
      expect((await rebuilt.apply<"register_pipeline">(renamed)).pipelineId).toBe("p1");
    });

    test("hides a pipeline of which no commit says what it is, until it is registered", async () => {
      const { runs } = await lostStore(open);
      const rebuilt = await open("restore");
      for (const run of runs) await restore(rebuilt, run);
      await finish(rebuilt, 1);
      expect(await rebuilt.pipelines(null)).toEqual([]);
      const renamed = registerOf("new-id", { spec: registerOf("p1").spec, key: "k" });
      expect(await rebuilt.apply<"register_pipeline">(renamed)).toEqual({
        created: false,
        pipelineId: "p1",
      });
      const byId = registerOf("p2", { key: "k2", spec: { ...registerOf("p2").spec, name: "x" } });
      expect((await rebuilt.apply<"register_pipeline">(byId)).created).toBe(false);
      const names = (await rebuilt.pipelines(null)).map((record) => record.spec.name);
      expect(names).toEqual(["p1", "x"]);
    });
  });
}
