import { describe, expect, test } from "vitest";
import type { StreamSpec } from "../../../src/core/pipeline.ts";
import type { StreamDescription } from "../../../src/core/ports/source.ts";
import { planStreams } from "../../../src/runtime/actor/stream-plan.ts";
import { caught } from "../../core/caught.ts";
import { noParameters, pipelineOf } from "../request.ts";

const columns = ["id", "changed", "name"];

function described(stream: string, more: Partial<StreamDescription> = {}): StreamDescription {
  return {
    stream,
    namespace: null,
    schema: {
      fields: columns.map((name) => ({ name, type: { kind: "text" }, nullable: true })),
      primaryKey: ["id"],
    },
    disposition: "replace",
    hasFiles: false,
    cursorColumns: ["changed"],
    comment: "",
    ...more,
  };
}

const source = [described("orders"), described("clicks", { disposition: "append" })];
const noKey = described("keyless", { schema: { fields: [], primaryKey: [] } });

type Member = Partial<StreamSpec> & { readonly stream: string };

const planOf = (member: Member, parameters: Partial<typeof noParameters> = {}) => {
  const [plan] = planStreams(pipelineOf([member]), { ...noParameters, ...parameters }, [
    ...source,
    noKey,
  ]);
  return plan;
};

describe("the plan of a stream", () => {
  test("is every stream's of the source where the pipeline names none, in its order", () => {
    const plans = planStreams(pipelineOf([]), noParameters, source);
    expect(
      plans.map(({ stream, disposition, table }) => [stream, disposition, table.name]),
    ).toEqual([
      ["orders", "replace", "orders"],
      ["clicks", "append", "clicks"],
    ]);
  });

  test.each([
    ["the source's", { stream: "clicks" }, "append", false],
    [
      "a merge, incremental with a key",
      { stream: "orders", incremental: "changed" },
      "merge",
      true,
    ],
    [
      "an append, incremental without one",
      { stream: "keyless", incremental: "x" },
      "append",
      false,
    ],
    ["the user's", { stream: "clicks", disposition: "merge" }, "merge", true],
  ] as const)("has the disposition that is %s", (_, member, disposition, isKeyed) => {
    expect(planOf(member)).toMatchObject({ disposition, isKeyed });
  });

  test("reads on from its cursor, but for a replace and a range", () => {
    const merge = { stream: "orders", incremental: "changed" };
    expect(planOf(merge)).toMatchObject({ readsOn: true });
    expect(planOf(merge, { from: "1" })).toMatchObject({ readsOn: false });
    expect(planOf({ stream: "orders" })).toMatchObject({ readsOn: false });
    expect(planOf(merge, { limit: 1 })).toMatchObject({ readsOn: true });
  });

  test("replaces on a full refresh, rows of a merge still taking each other's place", () => {
    const merge = { stream: "orders", incremental: "changed" };
    expect(planOf(merge, { fullRefresh: true })).toMatchObject({
      disposition: "replace",
      isKeyed: true,
      readsOn: false,
    });
  });

  test("has the user's key before the source's", () => {
    expect(planOf({ stream: "orders" })?.primaryKey).toEqual(["id"]);
    expect(planOf({ stream: "orders", primaryKey: ["name"] })?.primaryKey).toEqual(["name"]);
  });

  test("is left out where the run asks for others, and refused where it asks for none there is", () => {
    const both = pipelineOf([{ stream: "orders" }, { stream: "clicks" }]);
    const plans = planStreams(both, { ...noParameters, streams: ["clicks"] }, source);
    expect(plans.map(({ stream }) => stream)).toEqual(["clicks"]);
    expect(
      caught(() => planStreams(both, { ...noParameters, streams: ["click"] }, source)),
    ).toMatchObject({ code: "usage.unknown_stream", hint: "did you mean 'clicks'?" });
  });

  test.each([
    ["unknown_stream", { stream: "order" }, {}],
    ["unknown_column", { stream: "orders", incremental: "chnged" }, {}],
    ["unknown_column", { stream: "orders", columns: ["nam"] }, {}],
    ["key_needed", { stream: "keyless", disposition: "merge" }, {}],
    ["limit_of_replace", { stream: "orders" }, { limit: 1 }],
    [
      "limit_of_replace",
      { stream: "orders", incremental: "changed" },
      { limit: 1, fullRefresh: true },
    ],
    ["range_of_replace", { stream: "orders" }, { from: "1" }],
    ["range_needs_incremental", { stream: "clicks" }, { to: "1" }],
  ] as const)("is refused with usage.%s", (code, member, parameters) => {
    expect(caught(() => planOf(member, parameters))).toMatchObject({ code: `usage.${code}` });
  });
});
