/** Random types, and values of them with the JSON text that they shall be read back as. */
import fc from "fast-check";
import type { DataType, Field } from "../../src/core/type.ts";

/** A value as a builder takes it, and as its column tells it; `null` and "null" for none. */
export interface Sample {
  readonly value: unknown;
  readonly json: string;
}

/** A type with samples of it. */
export interface TypedSamples {
  readonly type: DataType;
  readonly samples: readonly Sample[];
}

const int = (bits: 8 | 16 | 32 | 64, signed: boolean): DataType => ({ kind: "int", bits, signed });

/** Every flat type. */
export const flatTypes: readonly DataType[] = [
  { kind: "bool" },
  ...([8, 16, 32, 64] as const).flatMap((bits) => [int(bits, true), int(bits, false)]),
  { kind: "float", bits: 32 },
  { kind: "float", bits: 64 },
  { kind: "decimal", precision: 1, scale: 0 },
  { kind: "decimal", precision: 10, scale: 2 },
  { kind: "decimal", precision: 38, scale: 38 },
  { kind: "decimal", precision: 38, scale: 0 },
  { kind: "text" },
  { kind: "json" },
  { kind: "uuid" },
  { kind: "binary" },
  { kind: "date" },
  { kind: "time" },
  { kind: "timestamp", zoned: true },
  { kind: "timestamp", zoned: false },
];

const sampled = <T>(
  values: fc.Arbitrary<T>,
  json: (value: T) => string,
  given: (value: T) => unknown = (value) => value,
): fc.Arbitrary<Sample> => values.map((value) => ({ value: given(value), json: json(value) }));

function integers(bits: 8 | 16 | 32 | 64, signed: boolean): fc.Arbitrary<Sample> {
  const size = BigInt(bits);
  const min = signed ? -(2n ** (size - 1n)) : 0n;
  const max = signed ? 2n ** (size - 1n) - 1n : 2n ** size - 1n;
  const exact = fc.bigInt({ min, max });
  return fc.oneof(
    sampled(exact, String),
    sampled(exact, String, String),
    sampled(
      exact.filter((value) => Number.isSafeInteger(Number(value))),
      String,
      Number,
    ),
    sampled(fc.constantFrom(min, max), String),
  );
}

function decimals(precision: number, scale: number): fc.Arbitrary<Sample> {
  const bound = 10n ** BigInt(precision) - 1n;
  return sampled(
    fc.oneof(fc.bigInt({ min: -bound, max: bound }), fc.constantFrom(-bound, bound, 0n)),
    (unscaled) => plain(unscaled, scale),
    (unscaled) => plain(unscaled, scale),
  );
}

function plain(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const point = digits.length - scale;
  const fraction = scale === 0 ? "" : `.${digits.slice(point)}`;
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}`;
}

const floats = (float: fc.Arbitrary<number>): fc.Arbitrary<Sample> =>
  sampled(float, (value) => (Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`));

/** ECMAScript's own calendar is the oracle: it is proleptic Gregorian, within 270,000 years. */
const moments = fc.date({
  min: new Date(-8_640_000_000_000_000),
  max: new Date(8_640_000_000_000_000),
  noInvalidDate: true,
});

function iso(moment: Date): string {
  return moment
    .toISOString()
    .replace(/\.000Z$/u, "Z")
    .replace(/(\.\d{3})Z$/u, "$1000Z");
}

/** Samples of a type, some of them missing. */
export function samplesOf(type: DataType): fc.Arbitrary<Sample> {
  const missing = fc.constantFrom<Sample>({ value: null, json: "null" });
  return fc.oneof({ weight: 4, arbitrary: valuesOf(type) }, { weight: 1, arbitrary: missing });
}

function valuesOf(type: DataType): fc.Arbitrary<Sample> {
  const quoted = (text: string): string => JSON.stringify(text);
  switch (type.kind) {
    case "null":
      return fc.constant({ value: null, json: "null" });
    case "bool":
      return sampled(fc.boolean(), String);
    case "int":
      return integers(type.bits, type.signed);
    case "float":
      return floats(type.bits === 32 ? fc.float() : fc.double());
    case "decimal":
      return decimals(type.precision, type.scale);
    case "text":
      return sampled(fc.string({ unit: "binary" }), quoted);
    case "json":
      return sampled(fc.json(), (text) => text);
    case "uuid":
      return sampled(fc.uuid(), quoted, (text) => text.toUpperCase());
    case "binary":
      return sampled(fc.uint8Array({ maxLength: 20 }), (bytes) => `"${bytes.toHex()}"`);
    case "date":
      return sampled(
        moments,
        (moment) => quoted(iso(moment).replace(/T.*$/u, "")),
        (moment) => moment.toISOString().replace(/T.*$/u, ""),
      );
    case "time":
      return sampled(
        moments,
        (moment) => quoted(iso(moment).replace(/^.*T/u, "").replace("Z", "")),
        (moment) => moment.toISOString().replace(/^.*T/u, "").replace("Z", ""),
      );
    case "timestamp":
      return sampled(
        moments,
        (moment) => quoted(type.zoned ? iso(moment) : iso(moment).replace("Z", "")),
        (moment) => (type.zoned ? moment.toISOString() : moment.toISOString().replace("Z", "")),
      );
    case "list":
      return fc.array(samplesOf(type.item), { maxLength: 4 }).map((items) => ({
        value: items.map((item) => item.value),
        json: `[${items.map((item) => item.json).join(",")}]`,
      }));
    case "struct":
      return fc.tuple(...type.fields.map((field) => samplesOf(field.type))).map((members) => ({
        value: Object.fromEntries(type.fields.map(({ name }, at) => [name, members[at]?.value])),
        json: `{${type.fields.map(({ name }, at) => `${quoted(name)}:${members[at]?.json ?? ""}`).join(",")}}`,
      }));
  }
}

/** Types of every kind, lists and structs two deep. */
const types: fc.Arbitrary<DataType> = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 2 },
    { weight: 3, arbitrary: fc.constantFrom(...flatTypes, { kind: "null" } as const) },
    { weight: 1, arbitrary: tie("type").map((item): DataType => ({ kind: "list", item })) },
    {
      weight: 1,
      arbitrary: fc
        .uniqueArray(fc.constantFrom("a", "b c", 'd"', "é"), { minLength: 1 })
        .chain((names) =>
          fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), tie("type")))),
        )
        .map((members): DataType => {
          const fields = members.map(([name, type]): Field => ({ name, type, nullable: true }));
          return { kind: "struct", fields };
        }),
    },
  ),
})).type;

/** A type, and up to 40 samples of it. */
export const typedSamples: fc.Arbitrary<TypedSamples> = types.chain((type) =>
  fc.array(samplesOf(type), { maxLength: 40 }).map((samples): TypedSamples => ({ type, samples })),
);
