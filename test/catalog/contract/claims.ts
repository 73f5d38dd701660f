/** Grants: how runs begin, go on, are settled and given up, and what an older grant may not do. */
import { describe, expect, test } from "vitest";
import type { Catalog } from "../../../src/core/ports/catalog.ts";
import type { OpenCatalog } from "../catalog-contract.ts";
import { broken, claimOf, failedOf, moveOf, registerOf, runOnce } from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

async function withPipeline(open: OpenCatalog): Promise<Catalog> {
  const catalog = await open("create");
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  return catalog;
}

/** A run that failed after three batches, which a later one may go on from. */
async function withPartialRun(open: OpenCatalog) {
  const catalog = await withPipeline(open);
  const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
  await catalog.apply<"move_run">(moveOf(first, failedOf(first, 3), { at: "1500" }));
  return { catalog, first };
}

/** The suite on an adapter. */
export function claimsContract(open: OpenCatalog): void {
  describe("a grant", () => {
    test("of an unknown pipeline is refused", async () => {
      const catalog = await open("create");
      const code = await refusalOf(catalog.apply<"claim_run">(claimOf("p1", "r1")));
      expect(code).toBe("refused.unknown_pipeline");
    });

    test("begins a run", async () => {
      const catalog = await withPipeline(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      expect(grant).toMatchObject({
        runId: "r1",
        attempts: 1,
        adopt: null,
        loadedAt: "1000",
        discarded: null,
      });
      expect(await catalog.run("r1")).toEqual({
        runId: "r1",
        pipelineId: "p1",
        what: "run",
        state: {
          kind: "running",
          epoch: grant.epoch,
          attempts: 1,
          writtenBatches: 0,
          owner: { kind: "claim" },
          deadlineAt: "2000",
        },
        epoch: grant.epoch,
        attempts: 1,
        startedAt: "1000",
        endedAt: null,
        report: null,
        error: null,
        discardedBecause: null,
      });
    });

    test("has a higher epoch than every one before it in the store", async () => {
      const catalog = await withPipeline(open);
      await catalog.apply<"register_pipeline">(registerOf("p2"));
      const epochs: number[] = [];
      for (const [pipeline, run] of [
        ["p1", "r1"],
        ["p2", "r2"],
        ["p1", "r3"],
        ["p2", "r4"],
      ]) {
        const claim = claimOf(pipeline ?? "", run ?? "", { resumeKey: run ?? "" });
        epochs.push((await catalog.apply<"claim_run">(claim)).epoch);
      }
      expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
    });

    test("settles the run of an owner that is gone: it failed if it wrote nothing", async () => {
      const catalog = await withPipeline(open);
      await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2", { at: "1700" }));
      expect(grant).toMatchObject({ runId: "r2", attempts: 1, discarded: null });
      expect(await catalog.run("r1")).toMatchObject({
        state: { kind: "failed" },
        endedAt: "1700",
        error: { code: "run.owner_lost" },
      });
    });

    test("settles a run that is past its deadline as that", async () => {
      const catalog = await withPipeline(open);
      await catalog.apply<"claim_run">(claimOf("p1", "r1", { deadlineAt: "1200" }));
      await catalog.apply<"claim_run">(claimOf("p1", "r2", { at: "1200" }));
      expect((await catalog.run("r1"))?.error?.code).toBe("run.deadline");
    });

    test("resumes a partial run of the same key, which keeps its id and its time", async () => {
      const { catalog, first } = await withPartialRun(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2", { at: "1800" }));
      expect(grant).toMatchObject({
        runId: "r1",
        attempts: 2,
        adopt: { epoch: first.epoch },
        loadedAt: "1000",
        discarded: null,
      });
      expect(await catalog.run("r1")).toMatchObject({
        state: { kind: "running", writtenBatches: 3 },
        endedAt: null,
        error: null,
      });
      expect(await catalog.run("r2")).toBeNull();
    });

    test("resumes a cancelled run", async () => {
      const catalog = await withPipeline(open);
      const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const told = { epoch: first.epoch, writtenBatches: 0 };
      await catalog.apply<"move_run">(moveOf(first, { type: "cancelled", ...told }));
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      expect(grant).toMatchObject({ runId: "r1", attempts: 2 });
    });

    test("gives a run of another key up and says what changed", async () => {
      const { catalog } = await withPartialRun(open);
      const claim = claimOf("p1", "r2", {
        resumeKey: "other",
        resumeParts: { spec: "s2", cursors: "c" },
      });
      const reason = "changed since: cursors, spec";
      const grant = await catalog.apply<"claim_run">(claim);
      expect(grant).toMatchObject({ runId: "r2", attempts: 1, adopt: null });
      expect(grant.discarded).toEqual({ runId: "r1", reason });
      expect(await catalog.run("r1")).toMatchObject({
        discardedBecause: reason,
        endedAt: "1500",
        error: broken,
      });
    });

    test("gives a run up that ended too long ago", async () => {
      const { catalog } = await withPartialRun(open);
      const late = claimOf("p1", "r2", { resumableSince: "1501" });
      const grant = await catalog.apply<"claim_run">(late);
      expect(grant.discarded?.reason).toBe("ended at 1500, too long ago to be resumed");
    });

    test("resumes a run that ended exactly at the bound", async () => {
      const { catalog } = await withPartialRun(open);
      const claim = claimOf("p1", "r2", { resumableSince: "1500" });
      expect((await catalog.apply<"claim_run">(claim)).runId).toBe("r1");
    });

    test("for other work leaves the partial run to the next run", async () => {
      const { catalog } = await withPartialRun(open);
      for (const what of ["compaction", "state", "gc"] as const) {
        const grant = await catalog.apply<"claim_run">(claimOf("p1", what, { what }));
        expect(grant).toMatchObject({ runId: what, discarded: null });
      }
      expect((await catalog.apply<"claim_run">(claimOf("p1", "r2"))).runId).toBe("r1");
    });

    test("that names the run under way goes on with it as its next attempt", async () => {
      const catalog = await withPipeline(open);
      const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const again = await catalog.apply<"claim_run">(claimOf("p1", "r1", { deadlineAt: "3000" }));
      expect(again).toMatchObject({ runId: "r1", attempts: 2, adopt: { epoch: first.epoch } });
      expect((await catalog.run("r1"))?.state).toMatchObject({
        kind: "running",
        deadlineAt: "3000",
      });
    });

    test("doesn't go on with a run that is past its deadline, whoever names it", async () => {
      const catalog = await withPipeline(open);
      const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const late = claimOf("p1", "r1", { at: "2000", deadlineAt: "3000" });
      expect(await refusalOf(catalog.apply<"claim_run">(late))).toBe("refused.run_exists");
      const told = { epoch: first.epoch, writtenBatches: 1 };
      await catalog.apply<"move_run">(moveOf(first, { type: "batch_written", ...told }));
      expect((await catalog.apply<"claim_run">(late)).attempts).toBe(2);
    });

    test("takes a released run from the queue without using up an attempt", async () => {
      const catalog = await withPipeline(open);
      const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const told = { epoch: first.epoch, writtenBatches: 2, deadlineAt: "4000" };
      await catalog.apply<"move_run">(moveOf(first, { type: "released", ...told }));
      const again = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      expect(again).toMatchObject({ runId: "r1", attempts: 1, adopt: { epoch: first.epoch } });
    });

    test("gives a released run of another key up", async () => {
      const catalog = await withPipeline(open);
      const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const told = { epoch: first.epoch, writtenBatches: 2, deadlineAt: "4000" };
      await catalog.apply<"move_run">(moveOf(first, { type: "released", ...told }));
      const claim = claimOf("p1", "r2", { resumeKey: "other" });
      const grant = await catalog.apply<"claim_run">(claim);
      expect(grant.discarded).toEqual({ runId: "r1", reason: "changed since: resume key" });
    });

    test("of a new run takes no id of one that is over", async () => {
      const catalog = await withPipeline(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      await catalog.apply<"move_run">(moveOf(grant, failedOf(grant, 0)));
      const code = await refusalOf(catalog.apply<"claim_run">(claimOf("p1", "r1")));
      expect(code).toBe("refused.run_exists");
    });
  });

  describe("a run", () => {
    test("keeps its report and its error", async () => {
      const catalog = await withPipeline(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const { epoch } = grant;
      const wrote = { type: "batch_written", epoch, writtenBatches: 1 } as const;
      await catalog.apply<"move_run">(moveOf(grant, wrote, { report: { rows: 1 } }));
      const other = { ...broken, code: "x.other" };
      await catalog.apply<"move_run">(moveOf(grant, failedOf(grant, 1), { error: other }));
      expect(await catalog.run("r1")).toMatchObject({ report: { rows: 1 }, error: other });
    });

    test("is moved by the latest grant of its pipeline only", async () => {
      const catalog = await withPipeline(open);
      const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      const code = await refusalOf(catalog.apply<"move_run">(moveOf(first, failedOf(first, 1))));
      expect(code).toBe("refused.stale_epoch");
    });

    test("that may be resumed is given up by a later grant of its pipeline", async () => {
      const catalog = await withPipeline(open);
      const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const other = { ...broken, code: "x.other" };
      await catalog.apply<"move_run">(moveOf(first, failedOf(first, 3), { error: other }));
      const gc = await catalog.apply<"claim_run">(claimOf("p1", "g1", { what: "gc" }));
      const discard = moveOf(
        { runId: first.runId, epoch: gc.epoch },
        { type: "discarded", reason: "too old" },
      );
      await catalog.apply<"move_run">(discard);
      expect(await catalog.run("r1")).toMatchObject({ discardedBecause: "too old", error: other });
      expect((await catalog.apply<"claim_run">(claimOf("p1", "r2"))).runId).toBe("r2");
    });

    test("is granted and committed by no move", async () => {
      const catalog = await withPipeline(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      const { epoch } = grant;
      const owner = { kind: "claim" } as const;
      const granted = { epoch: epoch + 1, owner, deadlineAt: "9000", writtenBatches: 0 };
      for (const event of [
        { type: "restarted", ...granted },
        { type: "resumed", ...granted },
        { type: "claimed", ...granted },
        { type: "committed", epoch, writtenBatches: 0, snapshot: 1 },
      ] as const) {
        const code = await refusalOf(catalog.apply<"move_run">(moveOf(grant, event)));
        expect(code).toBe("refused.run_state");
      }
    });

    test("that is over moves no more", async () => {
      const catalog = await withPipeline(open);
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      await catalog.apply<"move_run">(moveOf(grant, failedOf(grant, 0)));
      const code = await refusalOf(catalog.apply<"move_run">(moveOf(grant, failedOf(grant, 0))));
      expect(code).toBe("refused.run_state");
    });

    test("is listed the newest first, of its pipeline or of all", async () => {
      const catalog = await withPipeline(open);
      await catalog.apply<"register_pipeline">(registerOf("p2"));
      for (const [pipeline, run] of [
        ["p1", "r1"],
        ["p2", "r2"],
        ["p1", "r3"],
      ] as const) {
        await runOnce(catalog, pipeline, run, { kind: "cursor" });
      }
      const ids = async (filter: Parameters<Catalog["runs"]>[0]) =>
        (await catalog.runs(filter)).map((run) => run.runId);
      const all = { pipelineId: null, beforeRunId: null, limit: 10 };
      expect(await ids(all)).toEqual(["r3", "r2", "r1"]);
      expect(await ids({ ...all, limit: 2 })).toEqual(["r3", "r2"]);
      expect(await ids({ ...all, beforeRunId: "r2" })).toEqual(["r1"]);
      expect(await ids({ ...all, beforeRunId: "unknown" })).toEqual([]);
      expect(await ids({ ...all, pipelineId: "p1" })).toEqual(["r3", "r1"]);
      expect(await ids({ ...all, pipelineId: "p1", beforeRunId: "r3" })).toEqual(["r1"]);
    });
  });

  describe("an attempt", () => {
    test("is counted for its cursor, over grants of its run", async () => {
      const catalog = await withPipeline(open);
      const count = async (epoch: number, cursorDigest: string, stream = "s") =>
        (
          await catalog.apply<"count_attempt">({
            kind: "count_attempt",
            version: 1,
            runId: "r1",
            epoch,
            stream,
            partition: "",
            cursorDigest,
            at: "1000",
          })
        ).attempts;
      const first = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      expect(await count(first.epoch, "a")).toBe(1);
      expect(await count(first.epoch, "a")).toBe(2);
      expect(await count(first.epoch, "b")).toBe(1);
      expect(await count(first.epoch, "a", "other")).toBe(1);
      await catalog.apply<"move_run">(moveOf(first, failedOf(first, 1)));
      expect(await refusalOf(count(first.epoch, "a"))).toBe("refused.run_state");
      const second = await catalog.apply<"claim_run">(claimOf("p1", "r2"));
      expect(await refusalOf(count(first.epoch, "a"))).toBe("refused.stale_epoch");
      expect(await count(second.epoch, "a")).toBe(3);
    });
  });
}
