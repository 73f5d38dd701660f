/** Pipelines: what makes two of them one, and how they are found. */
import { describe, expect, test } from "vitest";
import type { OpenCatalog } from "../catalog-contract.ts";
import { claimOf, registerOf, specOf } from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";

/** The suite on an adapter. */
export function pipelinesContract(open: OpenCatalog): void {
  describe("a pipeline", () => {
    test("is found by its id, its name and its key", async () => {
      const catalog = await open("create");
      const answer = await catalog.apply<"register_pipeline">(registerOf("p1"));
      expect(answer).toEqual({ created: true, pipelineId: "p1" });
      const expected = {
        pipelineId: "p1",
        key: "key-p1",
        spec: specOf("p1"),
        createdAt: "1000",
        epoch: null,
      };
      expect(await catalog.pipeline({ id: "p1" })).toEqual(expected);
      expect(await catalog.pipeline({ name: "p1" })).toEqual(expected);
      expect(await catalog.pipeline({ key: "key-p1" })).toEqual(expected);
      expect(await catalog.pipeline({ name: "p2" })).toBeNull();
    });

    test("of a known key keeps its id and takes the new name and spec", async () => {
      const catalog = await open("create");
      await catalog.apply<"register_pipeline">(registerOf("p1"));
      const again = registerOf("p9", { key: "key-p1", spec: specOf("renamed"), at: "2000" });
      const answer = await catalog.apply<"register_pipeline">(again);
      expect(answer).toEqual({ created: false, pipelineId: "p1" });
      expect(await catalog.pipeline({ name: "renamed" })).toMatchObject({
        pipelineId: "p1",
        createdAt: "1000",
      });
      expect(await catalog.pipeline({ name: "p1" })).toBeNull();
    });

    test("takes no name and no id of another one", async () => {
      const catalog = await open("create");
      await catalog.apply<"register_pipeline">(registerOf("p1"));
      await catalog.apply<"register_pipeline">(registerOf("p2"));
      const sameName = registerOf("p3", { spec: specOf("p1") });
      const renamed = registerOf("p2", { spec: specOf("p1") });
      const sameId = registerOf("p1", { key: "other", spec: specOf("p3") });
      for (const command of [sameName, renamed, sameId]) {
        const code = await refusalOf(catalog.apply<"register_pipeline">(command));
        expect(code).toBe("conflict.pipeline_exists");
      }
      expect((await catalog.pipelines(null)).map((record) => record.spec.name)).toEqual([
        "p1",
        "p2",
      ]);
    });

    test("tells the epoch of its latest grant", async () => {
      const catalog = await open("create");
      await catalog.apply<"register_pipeline">(registerOf("p1"));
      const grant = await catalog.apply<"claim_run">(claimOf("p1", "r1"));
      expect((await catalog.pipeline({ id: "p1" }))?.epoch).toBe(grant.epoch);
    });

    test("is listed by name, after a name", async () => {
      const catalog = await open("create");
      for (const id of ["p2", "p3", "p1"]) {
        await catalog.apply<"register_pipeline">(registerOf(id));
      }
      const names = (await catalog.pipelines("p1")).map((record) => record.spec.name);
      expect(names).toEqual(["p2", "p3"]);
    });
  });
}
