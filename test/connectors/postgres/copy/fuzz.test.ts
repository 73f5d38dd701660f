/**
 * Damaged bytes of a COPY give a typed error, or rows that are laid out as they should be; never a
 * crash, a hang, or memory for lengths that are only claimed.
 */
import { expect, test } from "vitest";
import { CopyDecoder } from "../../../../connectors/postgres/copy/copy-decoder.ts";
import type { WireForm } from "../../../../connectors/postgres/types/wire-form.ts";
import { HakiriError, type DataType } from "../../../../src/connector.ts";
import { batchBytes } from "../../../../src/core/batch.ts";
import { seededRandom, withSeed } from "../../../platform/seeded-random.ts";
import { array, copyOfRows, int32, int64, numeric, planOf, plans, row } from "./copy-bytes.ts";
import { expectValid } from "./expect-valid.ts";

const cases = Number(process.env["HAKIRI_FUZZ_CASES"] ?? 100_000);
/** A case that takes longer than this has hung. */
const timeout = 60_000;

const numbers: WireForm = { kind: "number", bytes: 4 };
const integers: DataType = { kind: "int", bits: 32, signed: true };
const columns = [
  ...Object.values(plans),
  planOf("int2", { kind: "int", bits: 16, signed: true }, { kind: "number", bytes: 2 }),
  planOf("float8", { kind: "float", bits: 64 }, { kind: "number", bytes: 8 }),
  planOf("double", { kind: "float", bits: 64 }, { kind: "numeric-double" }),
  planOf("uuid", { kind: "uuid" }, { kind: "uuid" }),
  planOf("bytea", { kind: "binary" }, { kind: "bytes" }),
  planOf(
    "grid",
    { kind: "list", item: { kind: "list", item: integers } },
    { kind: "array", item: numbers, itemOid: 23, dimensions: 2 },
  ),
];

const [one, text] = [int32(1), Buffer.from("Grüße 😀")];
const grid = [2, 0, 23, 2, 1, 2, 1, 4, 7, -1, 4, 8, -1].map(int32);
const full = row(
  int32(-5),
  text,
  numeric([12, 3456, 7800], { weight: 1, scale: 2 }),
  numeric([1, 2345, 6789, 1000], { weight: 2, sign: 0x40_00, scale: 5 }),
  array(25, text, null, Buffer.alloc(0)),
  int64(631_152_000_000_000n),
  int64(86_399_999_999n),
  int32(7305),
  Buffer.of(1),
  Buffer.concat([Buffer.of(1), Buffer.from('{"a": [1, 2]}')]),
  Buffer.from([3, 64, 0, 16, ...Array.from({ length: 16 }, (_, index) => index)]),
  Buffer.of(8, 0, 0x2b, 1, 2, 3),
  Buffer.of(1, 2),
  int64(4_607_182_418_800_017_408n),
  numeric([3, 1400], { scale: 2 }),
  Buffer.alloc(16, 0xab),
  Buffer.of(0, 255),
  Buffer.concat(grid),
);
const empty = row(...columns.map(() => null));
const infinite = row(
  ...columns.map(({ form }) =>
    form.kind === "timestamp" ? int64(2n ** 63n - 1n) : form.kind === "text" ? one : null,
  ),
);
const original = copyOfRows(full, empty, infinite, full, full);

/** An integer from 0 to below that. */
type Below = (bound: number) => number;

const lengths = [-1, -2, 0, 1, 2 ** 31 - 1, 2 ** 30, -(2 ** 31), 2 ** 30 - 1, 65_536, 4];

/** The bytes with one thing wrong. */
function damaged(bytes: Buffer, below: Below): Buffer {
  const at = below(bytes.byteLength);
  switch (below(7)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << below(8));
      return flipped;
    }
    case 1: {
      const set = Buffer.from(bytes);
      set[at] = [0, 1, 0x7f, 0x80, 0xff][below(5)] ?? 0;
      return set;
    }
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(16))]);
    case 4: {
      const piece = bytes.subarray(at, at + 1 + below(64));
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
    case 5: {
      const from = below(bytes.byteLength);
      const piece = bytes.subarray(from, from + 1 + below(64));
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + piece.byteLength)]);
    }
    default: {
      const claimed = Buffer.from(bytes);
      if (at + 4 <= claimed.byteLength)
        claimed.writeInt32BE(lengths[below(lengths.length)] ?? 0, at);
      return claimed;
    }
  }
}

/** Bytes that a case may make of one value: the longest numeric is printed with 147,456 digits. */
const valueBytesMax = 160_000;

/** Decodes the bytes in up to three pieces; whether they were taken. */
function outcome(bytes: Buffer, below: Below): boolean {
  const decoder = new CopyDecoder(columns, { rowsMax: 2, bytesMax: 1000 });
  const cuts = [0, below(bytes.byteLength + 1), below(bytes.byteLength + 1), bytes.byteLength];
  cuts.sort((a, b) => a - b);
  try {
    for (let index = 0; index < cuts.length - 1; index += 1) {
      decoder.push(bytes, cuts[index] ?? 0, cuts[index + 1] ?? 0);
    }
    for (let batch = decoder.take(); batch !== null; batch = decoder.take()) {
      expectValid(batch);
      if (batchBytes(batch) > valueBytesMax * bytes.byteLength) throw new Error("too large");
    }
    const last = decoder.end();
    if (last !== null) expectValid(last);
    return true;
  } catch (error) {
    if (!(error instanceof HakiriError) || error.code.startsWith("defect.")) throw error;
    return false;
  }
}

test("the undamaged bytes are taken", () => {
  expect(outcome(original, seededRandom(1).below)).toBe(true);
});

test("damaged bytes give an error or rows", { timeout }, () =>
  withSeed((seed) => {
    const { below } = seededRandom(seed);
    const before = process.memoryUsage().arrayBuffers;
    let taken = 0;
    let most = 0;
    for (let index = 0; index < cases; index += 1) {
      let bytes = original;
      for (let faults = 1 + below(3); faults > 0; faults -= 1) {
        if (bytes.byteLength > 0) bytes = damaged(bytes, below);
      }
      try {
        if (outcome(bytes, below)) taken += 1;
      } catch (error) {
        throw new Error(`case ${index}: ${bytes.toString("hex")}`, { cause: error });
      }
      if (index % 100 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    // Both ways were gone often.
    expect(taken).toBeGreaterThan(cases / 20);
    expect(taken).toBeLessThan(cases / 2);
    expect(most).toBeLessThan(512 * 2 ** 20);
  }),
);
