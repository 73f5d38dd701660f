import fc from "fast-check";
import { expect, test } from "vitest";
import { resumeKeyOf, type ResumeFacts } from "../../../src/runtime/control/resume-key.ts";
import { noParameters, pipelineOf } from "../request.ts";

const facts: ResumeFacts = {
  spec: pipelineOf([{ stream: "a" }]),
  connectorDigest: "c1",
  parameters: noParameters,
  cursors: [],
  schemaVersions: { t: 1 },
};

test("the key is equal for equal facts, whatever the order of their members", () => {
  const shuffled = Object.fromEntries(Object.entries(facts).toReversed()) as unknown as ResumeFacts;
  expect(resumeKeyOf(shuffled)).toEqual(resumeKeyOf(structuredClone(facts)));
});

test("the key differs where any fact does, and its parts say which", () => {
  const changes: Record<string, Partial<ResumeFacts>> = {
    pipeline: { spec: { ...facts.spec, parallel: 9 } },
    connector: { connectorDigest: "c2" },
    parameters: { parameters: { ...noParameters, limit: 1 } },
    cursors: {
      cursors: [
        {
          stream: "a",
          partition: "",
          boundaryPath: null,
          cursor: {
            version: 1,
            connector: "test",
            stream: "a",
            column: null,
            type: null,
            value: "1",
            boundary: null,
          },
        },
      ],
    },
    schemas: { schemaVersions: { t: 2 } },
  };
  const before = resumeKeyOf(facts);
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(changes)), (part) => {
      const after = resumeKeyOf({ ...facts, ...changes[part] });
      expect(after.key).not.toBe(before.key);
      const differing = Object.keys(after.parts).filter(
        (name) => after.parts[name] !== before.parts[name],
      );
      expect(differing).toEqual([part]);
    }),
  );
});
