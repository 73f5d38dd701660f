/** Previews of a source that gives records: two batches of values that JSON has no room for. */
import { afterEach, expect, test } from "vitest";
import type { SourceLook } from "../../../src/cli/commands/source/open-look.ts";
import { readRows } from "../../../src/cli/commands/source/read-rows.ts";
import { defaultStream } from "../../../src/config/pipeline-schema.ts";
import { batchBuilder } from "../../../src/columns/batch-builder.ts";
import type { OpenRequest, ReadEnd, ReadItem, Source } from "../../../src/core/ports/source.ts";
import type { Field } from "../../../src/core/type.ts";

const field = (name: string, type: Field["type"]): Field => ({ name, type, nullable: true });
const fields = [
  field("id", { kind: "int", bits: 64, signed: true }),
  field("price", { kind: "decimal", precision: 10, scale: 2 }),
  field("at", { kind: "timestamp", zoned: true }),
  field("bytes", { kind: "binary" }),
  field("more", { kind: "json" }),
];

const stored = {
  version: 1,
  connector: "list",
  stream: "list",
  column: null,
  type: null,
  value: null,
  boundary: null,
} as const;

let closed = 0;
let asked: OpenRequest | null = null;
afterEach(() => {
  closed = 0;
});

/** Gives these rows, a batch each. */
function listSource(rows: readonly (readonly unknown[])[]): Source {
  return {
    discover: async () => [],
    open: async (request) => {
      asked = request;
      const waiting = [...rows];
      return {
        next: async (): Promise<ReadItem | ReadEnd> => {
          const row = waiting.shift();
          const schema = { fields, primaryKey: [] };
          if (row === undefined) return { kind: "end", cursor: null, schema, supersedes: [] };
          const builder = batchBuilder(fields);
          builder.append(row);
          const cursor = { resume: "none", stored, boundaryLines: null } as const;
          return { kind: "records", schema, batch: builder.finish(), cursor };
        },
        close: async () => {
          closed += 1;
        },
      };
    },
    close: async () => undefined,
  };
}

function lookAt(rows: readonly (readonly unknown[])[]): SourceLook {
  return {
    source: listSource(rows),
    duckDb: () => Promise.reject(new Error("records need no DuckDB")),
    limits: {
      threads: 1,
      memoryLimit: "64MiB",
      batchRowsMax: 100,
      batchBytesMax: 1000,
      batchesInFlightMax: 1,
    },
    context: {
      signal: new AbortController().signal,
      scanner: { describe: () => Promise.reject(new Error("records need no scanner")) },
      notice: () => undefined,
      wasRead: false,
    },
  };
}

const one = [
  9007199254740993n,
  "12.50",
  "2026-01-01T00:00:00.25Z",
  new Uint8Array([255, 0]),
  '{"n":9007199254740993,"x":0.1}',
];
const none = [null, null, null, null, null];
const member = { ...defaultStream, stream: "list" };

test("values keep their digits and are spelled as a query spells them", async () => {
  expect(await readRows(lookAt([one, none]), member, 10)).toEqual({
    fields,
    rows: [
      {
        id: "9007199254740993",
        price: "12.50",
        at: "2026-01-01T00:00:00.250000Z",
        bytes: "/wA=",
        more: { n: "9007199254740993", x: 0.1 },
      },
      { id: null, price: null, at: null, bytes: null, more: null },
    ],
  });
  expect(closed).toBe(1);
});

test("no more is read than what is shown, and the source knows that", async () => {
  const { rows } = await readRows(lookAt([one, one, one]), member, 2);
  expect(rows).toHaveLength(2);
  expect(asked?.limits).toMatchObject({ rowsMax: 2, batchRowsMax: 2 });
  expect(closed).toBe(1);
});

test("a stream without rows still has its columns", async () => {
  expect(await readRows(lookAt([]), member, 2)).toEqual({ fields, rows: [] });
});
