/** The decoder of COPY BINARY: where batches end, what is cut off, and what is malformed. */
import { describe, expect, test } from "vitest";
import { CopyDecoder } from "../../../../connectors/postgres/copy/copy-decoder.ts";
import type { ColumnPlan } from "../../../../connectors/postgres/types/column-plan.ts";
import { batchBuffers } from "../../../../src/core/batch.ts";
import { printValue } from "../types/print-value.ts";
import { decodeAll } from "../types/read-from-server.ts";
import {
  array,
  copyOfRows,
  header,
  int16,
  int32,
  int64,
  numeric,
  plans,
  row,
  trailer,
} from "./copy-bytes.ts";

const limits = { rowsMax: 3, bytesMax: 2 ** 20 };
const one = int32(1);
const utf8 = new TextEncoder();

function decode(columns: readonly ColumnPlan[], bytes: Uint8Array): readonly (string | null)[][] {
  return decodeAll(columns, [bytes]).flatMap((batch) =>
    Array.from({ length: batch.rows }, (_, index) =>
      batch.columns.map((column) => printValue(column, index)),
    ),
  );
}

function push(decoder: CopyDecoder, bytes: Uint8Array): void {
  decoder.push(bytes, 0, bytes.byteLength);
}

function failure(columns: readonly ColumnPlan[], bytes: Uint8Array): unknown {
  try {
    decodeAll(columns, [bytes]);
  } catch (error) {
    return error;
  }
  return null;
}

describe("a batch", () => {
  test("ends with the row that makes it rowsMax", () => {
    const rows = Array.from({ length: 7 }, (_, index) => row(int32(index)));
    const batches = decodeAll([plans.int4], [copyOfRows(...rows)], limits);
    expect(batches.map((batch) => batch.rows)).toEqual([3, 3, 1]);
  });

  test("ends with the row that makes it bytesMax, and not with the one before", () => {
    // Each has a count of 2 bytes, a length of 4 and 16 of text on the wire.
    const rows = Array.from({ length: 4 }, () => row(Buffer.alloc(16, "x")));
    const sizes = (bytesMax: number): readonly number[] =>
      decodeAll([plans.text], [copyOfRows(...rows)], { rowsMax: 99, bytesMax }).map(
        (batch) => batch.rows,
      );
    expect(sizes(44)).toEqual([2, 2]);
    expect(sizes(45)).toEqual([3, 1]);
  });

  test("ends by the bytes of a list's items, too", () => {
    const rows = Array.from({ length: 4 }, () => row(array(25, Buffer.alloc(8), Buffer.alloc(4))));
    const bytes = copyOfRows(...rows);
    // An offset, and two items of an offset each with 12 bytes.
    const batches = decodeAll([plans.texts], [bytes], { rowsMax: 99, bytesMax: 48 });
    expect(batches.map((batch) => batch.rows)).toEqual([2, 2]);
  });

  test("has buffers of its own, each exactly as large as its values", () => {
    const rows = Array.from({ length: 6 }, (_, index) => row(int32(index), null));
    const columns = [plans.int4, plans.text];
    const batches = decodeAll(columns, [copyOfRows(...rows)], limits);
    const buffers = batches.flatMap((batch) => batchBuffers(batch));
    expect(new Set(buffers).size).toBe(buffers.length);
    expect(batches[0]?.columns.map(({ values }) => values.buffer.byteLength)).toEqual([12, 0]);
    expect(batches[0]?.columns[1]?.validity).toEqual(new Uint8Array(1));
  });

  test("keeps its values while later ones are made", () => {
    const rows = Array.from({ length: 9 }, (_, index) => row(int32(index)));
    const batches = decodeAll([plans.int4], [copyOfRows(...rows)], limits);
    const values = batches.flatMap(({ columns: [column] }) =>
      column === undefined ? [] : [0, 1, 2].map((index) => printValue(column, index)),
    );
    expect(values).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
  });

  test("has no validity without a null, also after a batch that had one", () => {
    const rows = [row(one), row(null), row(one), row(one), row(one), row(one), row(null)];
    const batches = decodeAll([plans.int4], [copyOfRows(...rows)], limits);
    const validities = batches.map(({ columns: [column] }) => column?.validity ?? null);
    expect(validities).toEqual([Uint8Array.of(0b101), null, Uint8Array.of(0)]);
    expect(batches.map(({ columns: [column] }) => column?.nullCount)).toEqual([1, 0, 1]);
  });

  test("of large texts has memory that no later one uses, and is as right", () => {
    const large = Buffer.alloc(20 * 2 ** 20, "large ");
    const rows = [row(large, null), row(utf8.encode("small"), one), row(large, null)];
    const batches = decodeAll([plans.text, plans.int4], [copyOfRows(...rows)], {
      rowsMax: 1,
      bytesMax: 2 ** 30,
    });
    const values = batches.map(({ columns: [column] }) => column?.values ?? one);
    expect(values.map((it) => it.byteLength)).toEqual([large.byteLength, 5, large.byteLength]);
    expect([0, 2].map((at) => Buffer.compare(values[at] ?? one, large))).toEqual([0, 0]);
    expect(new Set(values.map((it) => it.buffer)).size).toBe(3);
    expect(batches.map(({ columns: [, column] }) => column?.nullCount)).toEqual([1, 0, 1]);
  });

  test("has no bit of an earlier one", () => {
    const [yes, no] = [row(Buffer.of(1)), row(Buffer.of(0))];
    const bytes = copyOfRows(yes, yes, yes, no, row(null), no, yes);
    const batches = decodeAll([plans.bool], [bytes], limits);
    expect(batches.map(({ columns: [column] }) => column?.values)).toEqual([
      Uint8Array.of(0b111),
      Uint8Array.of(0),
      Uint8Array.of(1),
    ]);
  });

  test("is full only when it is, and several may come of one piece", () => {
    const decoder = new CopyDecoder([plans.int4], limits);
    push(decoder, Buffer.concat([header, row(one), row(one)]));
    expect(decoder.isFull).toBe(false);
    push(decoder, Buffer.concat([row(one), row(one), row(one), row(one), row(one), trailer]));
    expect(decoder.isFull).toBe(true);
    expect([decoder.take()?.rows, decoder.take()?.rows, decoder.take()]).toEqual([3, 3, null]);
    expect(decoder.isFull).toBe(false);
    expect(decoder.end()?.rows).toBe(1);
    expect(decoder.rows).toBe(7);
  });

  test("of a table without columns has rows only", () => {
    const batches = decodeAll([], [copyOfRows(int16(0), int16(0), int16(0), int16(0))], limits);
    expect(batches).toEqual([
      { rows: 3, columns: [], tombstones: null },
      { rows: 1, columns: [], tombstones: null },
    ]);
  });
});

describe("bytes cut at any place", () => {
  const columns = [plans.int4, plans.text, plans.decimal, plans.texts, plans.numericText];
  const bytes = copyOfRows(
    row(one, utf8.encode("first"), numeric([12, 5000], { scale: 2 }), array(25, null), null),
    row(null, null, null, null, numeric([], { scale: 3 })),
    row(int32(-7), utf8.encode("é😀"), numeric([], {}), array(25), numeric([1, 2], { weight: 1 })),
    row(int32(9), Buffer.alloc(0), null, array(25, utf8.encode("a"), Buffer.alloc(0)), null),
  );
  const whole = decode(columns, bytes);

  test("give the same rows when they come one by one", () => {
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    const [batch] = decodeAll(columns, pieces);
    const rows = whole.map((_, index) => batch?.columns.map((it) => printValue(it, index)));
    expect(rows).toEqual(whole);
    expect(whole[2]).toEqual(["-7", "é😀", "0.00", "{}", "10002"]);
  });

  test("give the same rows when they are cut in two, anywhere", () => {
    for (let at = 0; at <= bytes.byteLength; at += 1) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      const [batch] = decodeAll(columns, pieces);
      const rows = whole.map((_, index) => batch?.columns.map((it) => printValue(it, index)));
      expect(rows, `cut at ${at}`).toEqual(whole);
    }
  });

  test("may lie anywhere in a buffer that is used again", () => {
    const decoder = new CopyDecoder(columns, limits);
    const shared = new Uint8Array(40);
    for (let at = 0; at < bytes.byteLength; at += 7) {
      shared.fill(0xee);
      const piece = bytes.subarray(at, at + 7);
      shared.set(piece, 11);
      decoder.push(shared, 11, 11 + piece.byteLength);
    }
    const first = decoder.take();
    expect(first?.columns.map((it) => printValue(it, 2))).toEqual(whole[2]);
  });

  test("that lack anything are a truncated copy", () => {
    for (let at = 0; at < bytes.byteLength; at += 1) {
      expect(failure(columns, bytes.subarray(0, at)), `cut at ${at}`).toMatchObject({
        kind: "Transient",
        code: "postgres.copy_truncated",
      });
    }
  });

  test("hold a large text and a large array, which come in small pieces", () => {
    const text = Buffer.alloc(5 * 2 ** 20, "0123456789");
    const large = copyOfRows(
      row(one, text, null, array(25, text, null), null),
      row(one, utf8.encode("after"), null, null, null),
    );
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < large.byteLength; at += 8191) pieces.push(large.subarray(at, at + 8191));
    const [first, second] = decodeAll(columns, pieces, { rowsMax: 1, bytesMax: 2 ** 30 });
    const [, texts, , lists] = first?.columns ?? [];
    expect(Buffer.compare(texts?.values ?? one, text)).toBe(0);
    expect(Buffer.compare(lists?.children[0]?.values ?? one, text)).toBe(0);
    expect(second?.columns.map((it) => printValue(it, 0))[1]).toBe("after");
  });
});

describe("a row's length", () => {
  const columns = [plans.text, plans.texts];
  const long = row(Buffer.alloc(40), array(25, Buffer.alloc(10)));
  const bytes = copyOfRows(long, long);
  const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
  const withMax = (rowBytesMax: number) => ({ rowsMax: 9, bytesMax: 2 ** 20, rowBytesMax });

  test.each([
    ["whole", [bytes]],
    ["in pieces", pieces],
  ])("may be the most there is, and no more, when it comes %s", (_, all) => {
    const max = long.byteLength;
    expect(decodeAll(columns, all, withMax(max)).map(({ rows }) => rows)).toEqual([2]);
    expect(() => decodeAll(columns, all, withMax(max - 1))).toThrow(/a row of at most/u);
  });

  test("that is only claimed takes no memory", () => {
    const claims = [
      Buffer.concat([header, int16(1), int32(0x3f_ff_ff_f0), Buffer.alloc(10)]),
      Buffer.concat([header, int16(1), int32(0x3f_ff_ff_f0)]),
    ];
    const before = process.memoryUsage().arrayBuffers;
    for (const claim of claims) {
      for (const column of [plans.text, plans.texts, plans.jsonb]) {
        expect(failure([column], claim)).toMatchObject({ code: "postgres.copy_truncated" });
      }
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
  });

  test("past what a server sends is malformed", () => {
    const claim = Buffer.concat([header, int16(1), int32(2 ** 31 - 1), Buffer.alloc(10)]);
    expect(failure([plans.text], claim)).toMatchObject({ code: "postgres.copy_malformed" });
  });
});

describe("malformed bytes", () => {
  const malformed = (columns: readonly ColumnPlan[], ...parts: readonly Uint8Array[]) =>
    expect(failure(columns, Buffer.concat([...parts, trailer]))).toMatchObject({
      kind: "Permanent",
      code: "postgres.copy_malformed",
    });

  test.each<[string, ColumnPlan, Buffer]>([
    ["an int4 of 5 bytes", plans.int4, Buffer.alloc(5)],
    ["an int4 of no bytes", plans.int4, Buffer.alloc(0)],
    ["a bool of 2", plans.bool, Buffer.of(2)],
    ["a date of 8 bytes", plans.date, Buffer.alloc(8)],
    ["a time past midnight", plans.time, int64(86_400_000_001n)],
    ["a time before midnight", plans.time, int64(-1n)],
    ["a numeric without digits that it claims", plans.decimal, numeric([1, 2]).subarray(0, 10)],
    ["a numeric with bytes past its digits", plans.decimal, Buffer.concat([numeric([1]), one])],
    ["a numeric of 7 bytes", plans.numericText, Buffer.alloc(7)],
    ["a digit of 10000", plans.decimal, numeric([10_000])],
    ["a digit of 10000 in a text", plans.numericText, numeric([10_000])],
    ["a digit of 10000 among many", plans.decimal, numeric([1, 2, 3, 4, 10_000], { weight: 3 })],
    ["a sign of 0x1234", plans.decimal, numeric([1], { sign: 0x12_34 })],
    ["a sign of 0x1234 of a text", plans.numericText, numeric([1], { sign: 0x12_34 })],
    ["a scale of 16384", plans.numericText, numeric([1], { scale: 16_384 })],
    ["an empty jsonb", plans.jsonb, Buffer.alloc(0)],
    ["jsonb of version 2", plans.jsonb, Buffer.of(2, 0x31)],
    ["an array of other items", plans.texts, array(23, one)],
    ["an array of 11 bytes", plans.texts, array(25).subarray(0, 11)],
    ["an array with bytes past its items", plans.texts, Buffer.concat([array(25, one), one])],
    ["an item past its array", plans.texts, array(25, Buffer.alloc(9)).subarray(0, 28)],
    [
      "an item of length -2",
      plans.texts,
      Buffer.concat([array(25, null).subarray(0, 20), int32(-2)]),
    ],
    ["an array of 7 dimensions", plans.texts, Buffer.concat([int32(7), int32(0), int32(25)])],
    ["an array of -1 dimensions", plans.texts, Buffer.concat([int32(-1), int32(0), int32(25)])],
    [
      "an array with room for fewer items",
      plans.texts,
      Buffer.concat([int32(1), int32(0), int32(25), int32(2 ** 31 - 1), int32(1)]),
    ],
    [
      "an array of no items in one dimension",
      plans.texts,
      Buffer.concat([int32(1), int32(0), int32(25), int32(0), int32(1)]),
    ],
    ["an address of a family of its own", plans.network, Buffer.of(4, 32, 0, 4, 1, 2, 3, 4)],
    ["an address of 5 bytes", plans.network, Buffer.of(2, 32, 0, 5, 1, 2, 3, 4, 5)],
    ["a mask of 33 bits", plans.network, Buffer.of(2, 33, 0, 4, 1, 2, 3, 4)],
    ["an address of 2 bytes in all", plans.network, Buffer.of(2, 32)],
    ["a mac of 7 bytes", plans.mac, Buffer.alloc(7)],
  ])("%s", (_, column, value) => {
    malformed([column], header, row(value));
    // Neither does it matter how it comes.
    const pieces = Array.from(copyOfRows(row(value)), (byte) => Uint8Array.of(byte));
    expect(() => decodeAll([column], pieces)).toThrow("of a COPY, got");
  });

  test("a header that isn't one", () => {
    const critical = Buffer.from(header);
    critical.writeUInt32BE(0x1_00_00, 11);
    const negative = Buffer.from(header);
    negative.writeInt32BE(-1, 15);
    malformed([plans.int4], Buffer.from("PGCOPY text"));
    malformed([plans.int4], critical);
    malformed([plans.int4], negative);
  });

  test("a row of another number of values", () => {
    malformed([plans.int4], header, row(one, one));
    malformed([plans.int4], header, row());
    malformed([plans.int4], header, int16(-2));
  });

  test("a value of length -2", () => malformed([plans.int4], header, int16(1), int32(-2)));

  test("anything after the end", () => malformed([plans.int4], header, row(one), trailer));

  test("leave the batches before them, and no batch after", () => {
    const decoder = new CopyDecoder([plans.int4], { rowsMax: 1, bytesMax: 100 });
    expect(() => push(decoder, Buffer.concat([header, row(one), row(Buffer.alloc(3))]))).toThrow(
      "expected 4 bytes in column 'int4' of a COPY, got 3",
    );
    expect(decoder.take()?.rows).toBe(1);
    expect(() => decoder.end()).toThrow("expected every batch");
    expect(() => push(decoder, trailer)).toThrow("after a failure");
  });
});

describe("a header", () => {
  test("may have an extension, which is skipped, and flags that aren't critical", () => {
    const extended = Buffer.from(header);
    extended.writeUInt32BE(0x7f, 11);
    extended.writeInt32BE(5, 15);
    const bytes = Buffer.concat([extended, Buffer.alloc(5, 0xff), row(one), trailer]);
    expect(decode([plans.int4], bytes)).toEqual([["1"]]);
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(decodeAll([plans.int4], pieces).map(({ rows }) => rows)).toEqual([1]);
  });
});

describe("a value that its column doesn't hold", () => {
  test("is SchemaIncompatible and names the column", () => {
    const required = { ...plans.int4, field: { ...plans.int4.field, nullable: false } };
    expect(failure([required], copyOfRows(row(null)))).toMatchObject({
      kind: "SchemaIncompatible",
      code: "value.missing",
      message: "expected int32 in column 'int4', got no value",
    });
    const nan = copyOfRows(row(numeric([], { sign: 0xc0_00 })));
    expect(failure([plans.decimal], nan)).toMatchObject({
      code: "value.not_a_decimal",
      message: "expected decimal(20,2) in column 'decimal', got NaN",
      hint: 'set numeric = "text" or numeric = "double", or leave such rows out by a query',
    });
    const wide = copyOfRows(row(numeric([1], { weight: 5 })));
    expect(failure([plans.decimal], wide)).toMatchObject({ code: "value.out_of_range" });
    const late = copyOfRows(row(int64(9_223_371_331_199_999_999n)));
    expect(failure([plans.timestamp], late)).toMatchObject({ code: "value.out_of_range" });
    expect(failure([plans.date], copyOfRows(row(int32(2 ** 31 - 2))))).toMatchObject({
      code: "value.out_of_range",
    });
  });
});

test.each([
  ["a byte that is none", [Buffer.of(0x61, 0xff)]],
  ["half a character at the end", [Buffer.of(0xc3), Buffer.of(0x61)]],
  ["a character cut in two rows", [Buffer.of(0xc3), Buffer.of(0xa4)]],
])("a text that isn't UTF-8 is malformed: %s", (_, texts) => {
  const malformed = { kind: "Permanent", code: "postgres.copy_malformed" };
  const bytes = copyOfRows(...texts.map((text) => row(text)));
  expect(failure([plans.text], bytes)).toMatchObject(malformed);
  const items = copyOfRows(row(array(25, ...texts)));
  expect(failure([plans.texts], items)).toMatchObject(malformed);
});

test("a batch ends at the same row whether its rows came whole or cut, and by the text of numbers", () => {
  // 10^30000 takes 10 bytes on the wire.
  const large = Buffer.from("00011d4c000000000001", "hex");
  const rows = Array.from({ length: 40 }, () => row(large));
  const bytes = copyOfRows(...rows);
  const roomy = { rowsMax: 1000, bytesMax: 300_000 };
  const sizes = (pieces: readonly Uint8Array[]): readonly number[] =>
    decodeAll([plans.numericText], pieces, roomy).map((batch) => batch.rows);
  const whole = sizes([bytes]);
  expect(whole).toEqual([10, 10, 10, 10]);
  expect(sizes(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
});
