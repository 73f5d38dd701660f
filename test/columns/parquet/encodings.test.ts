/** Which encoding the values of a page get, and that what is past a choice's bound is read, too. */
import { expect, test } from "vitest";
import type { NamedColumn } from "../../../src/columns/named-column.ts";
import type { FlatType } from "../../../src/columns/parquet/storage.ts";
import { vectorBuilder } from "../../../src/columns/vector-builder.ts";
import { Dice } from "./random-vector.ts";
import { readByWasm, withReader, writeParquet, type DuckDbReader } from "./readers.ts";

const text: FlatType = { kind: "text" };
const int64: FlatType = { kind: "int", bits: 64, signed: true };

function built(type: FlatType, values: readonly unknown[]): NamedColumn {
  const builder = vectorBuilder(type, "c");
  for (const value of values) builder.append(value);
  return { id: 1, name: "c", vector: builder.finish() };
}

/** The encodings and codec of the values' one chunk, having read them back. */
async function choiceFor(
  reader: DuckDbReader,
  type: FlatType,
  values: readonly (string | bigint | null)[],
): Promise<string> {
  const column = built(type, values);
  const bytes = writeParquet([column], values.length);
  const file = await reader.save(bytes);
  const [found] = await reader.columns(`SELECT c FROM read_parquet(${file})`);
  expect(found?.join()).toBe(values.join());
  const told = values.map((value) =>
    typeof value === "string" ? new TextEncoder().encode(value).toHex() : value,
  );
  expect(readByWasm(bytes, [column], values.length)[0]?.join()).toBe(told.join());
  const [encodings, codecs] = await reader.columns(
    `SELECT encodings, compression FROM parquet_metadata(${file})`,
  );
  return `${String(encodings?.[0]).replace("RLE, ", "")} ${String(codecs?.[0])}`;
}

const distinct = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `text ${at}`);

test("texts have a dictionary where half of the first 1,024 are distinct, and none past that", async () => {
  await withReader(async (reader) => {
    const some = (count: number, rows: number) =>
      Array.from({ length: rows }, (_, row) => `text ${row % count}`);
    expect(await choiceFor(reader, text, some(512, 2000))).toBe("RLE_DICTIONARY, PLAIN ZSTD");
    expect(await choiceFor(reader, text, some(513, 2000))).toBe("DELTA_LENGTH_BYTE_ARRAY ZSTD");
    expect(await choiceFor(reader, text, some(1, 1))).toBe("RLE_DICTIONARY, PLAIN ZSTD");
    expect(await choiceFor(reader, text, ["a", "b", "c"])).toBe(
      "DELTA_LENGTH_BYTE_ARRAY UNCOMPRESSED",
    );
    expect(await choiceFor(reader, text, [null, "", null, "", null])).toBe(
      "RLE_DICTIONARY, PLAIN ZSTD",
    );
  });
});

test("a dictionary of 16,384 entries is written, and one more gives it up", async () => {
  const first = Array.from({ length: 1024 }, () => "text 0");
  await withReader(async (reader) => {
    expect(await choiceFor(reader, text, [...first, ...distinct(16_384)])).toBe(
      "RLE_DICTIONARY, PLAIN ZSTD",
    );
    expect(await choiceFor(reader, text, [...first, ...distinct(16_385)])).toBe(
      "DELTA_LENGTH_BYTE_ARRAY ZSTD",
    );
  });
});

test("64-bit integers are packed up to 2^51 apart, and plain past that", async () => {
  await withReader(async (reader) => {
    for (const base of [0n, -(2n ** 63n), 2n ** 63n - 1n - 2n ** 51n, 2n ** 53n + 1n]) {
      const within = [base, base + 2n ** 51n, base + 1n, base];
      expect(await choiceFor(reader, int64, within)).toMatch(/^DELTA_BINARY_PACKED/u);
      const past = [base + 2n ** 51n + 1n, base, base + 1n];
      if (base + 2n ** 51n + 1n < 2n ** 63n) {
        expect(await choiceFor(reader, int64, past)).toMatch(/^PLAIN/u);
      }
    }
  });
});

test("what compression doesn't make smaller stays as it is", async () => {
  const dice = new Dice(7);
  const noise = Array.from({ length: 5000 }, () => dice.bits(63));
  await withReader(async (reader) => {
    expect(await choiceFor(reader, int64, noise)).toBe("PLAIN UNCOMPRESSED");
    expect(await choiceFor(reader, int64, [...noise, ...noise])).toBe("PLAIN ZSTD");
    const missing = Array.from({ length: 9 }, () => null);
    expect(await choiceFor(reader, int64, missing)).toBe("PLAIN UNCOMPRESSED");
  });
});

test("nulls that have bytes, as Arrow allows, cost and change nothing", async () => {
  const { vector } = built(text, ["ab", "secret", "c", "xyz"]);
  const column: NamedColumn = {
    id: 1,
    name: "c",
    vector: { ...vector, nullCount: 2, validity: Uint8Array.of(0b1001) },
  };
  const bytes = writeParquet([column], 4);
  expect(new TextDecoder("latin1").decode(bytes)).not.toContain("secret");
  expect(readByWasm(bytes, [column], 4)).toEqual([["6162", null, null, "78797a"]]);
  await withReader(async (reader) => {
    const file = await reader.save(bytes);
    expect(await reader.columns(`SELECT c FROM read_parquet(${file})`)).toEqual([
      ["ab", null, null, "xyz"],
    ]);
  });
});
