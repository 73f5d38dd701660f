/** The schema's bytes in a Parquet footer. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { schemaBytes } from "../../../../connectors/file/parquet/schema-bytes.ts";

/** `{1: version, 2: [{4: "schema", 5: 1}, {1: int64, 4: "id"}], 3: rows}`, by Thrift. */
function footer(rows: number): Buffer {
  const name = (text: string): Buffer => Buffer.from([text.length, ...Buffer.from(text)]);
  const root = [Buffer.of(0x48), name("schema"), Buffer.of(0x15, 0x02, 0x00)];
  const child = [Buffer.of(0x15, 0x04, 0x38), name("id"), Buffer.of(0x00)];
  const schema = [Buffer.of(0x19, 0x2c), ...root, ...child];
  return Buffer.concat([Buffer.of(0x15, 0x02), ...schema, Buffer.of(0x16, rows * 2, 0x00)]);
}

test("the schema is what stands in the second field, whatever follows", () => {
  const bytes = schemaBytes(footer(1));
  expect(bytes).toEqual(footer(1).subarray(3, footer(1).length - 3));
  expect(schemaBytes(footer(2))).toEqual(bytes);
  expect(bytes?.length).toBe(19);
});

test("a footer that is cut before the schema's end has none", () => {
  const whole = footer(1);
  for (let length = 0; length < whole.length - 3; length += 1) {
    expect(schemaBytes(whole.subarray(0, length))).toBeNull();
  }
});

test("bytes of any kind end in an answer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const found = schemaBytes(bytes);
      expect(found === null || found.length <= bytes.length).toBe(true);
    }),
    { numRuns: 2000 },
  );
  // A list of 2^60 truths, and structs within structs.
  expect(schemaBytes(Buffer.from("29f1ffffffffffffffff0f", "hex"))).toBeNull();
  expect(schemaBytes(Buffer.alloc(100_000, 0x1c))).toBeNull();
});
