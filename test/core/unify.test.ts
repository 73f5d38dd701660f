/** The promotion of types: the laws of a least upper bound, and what is above what. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DataType, Field } from "../../src/core/type.ts";
import { ranged, typeDepthMax, unify, type Unified } from "../../src/core/unify.ts";
import type { IntegerBounds } from "../../src/core/unify-numbers.ts";
import { dataTypes, flatTypes, numberTypes, withSortedMembers } from "./arbitrary-type.ts";

const runs = { numRuns: 5000 };

/** Bounds near the edge of what a double holds, none at all, or unknown ones. */
const bounds: fc.Arbitrary<IntegerBounds | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc
    .tuple(fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: -3n, max: 3n }))
    .map(([low, high]) => ({ min: -(2n ** 53n) + low, max: 2n ** 53n + high })),
  fc.constant({ min: 0n, max: 9n }),
);

const rangedTypes = fc
  .tuple(fc.oneof(numberTypes, flatTypes, dataTypes), bounds)
  .map(([type, known]) => ranged(type, known));

/** Equal up to what the laws leave open: the order of members, and what a refusal names. */
function normal(unified: Unified): unknown {
  if (unified.kind === "incompatible") return "incompatible";
  return { ...unified, type: withSortedMembers(unified.type) };
}

function fold(types: readonly Unified[]): Unified {
  return types.reduce((a, b) => unify(a, b), ranged({ kind: "null" }));
}

describe("unify is a least upper bound", () => {
  test("it is commutative", () => {
    fc.assert(
      fc.property(rangedTypes, rangedTypes, (a, b) => {
        expect(normal(unify(a, b))).toEqual(normal(unify(b, a)));
      }),
      runs,
    );
  });

  test("it is associative", () => {
    fc.assert(
      fc.property(rangedTypes, rangedTypes, rangedTypes, (a, b, c) => {
        expect(normal(unify(unify(a, b), c))).toEqual(normal(unify(a, unify(b, c))));
      }),
      { numRuns: 20_000 },
    );
  });

  test("it is associative among all small numbers, with and without bounds", () => {
    const numbers = smallNumbers().flatMap((type) => [
      ranged(type),
      ranged(type, null),
      ranged(type, { min: 0n, max: 2n ** 53n + 1n }),
    ]);
    const failures: unknown[] = [];
    for (const a of numbers) {
      for (const b of numbers) {
        const ab = unify(a, b);
        for (const c of numbers) {
          if (!alike(unify(ab, c), unify(a, unify(b, c)))) failures.push([a, b, c]);
        }
      }
    }
    expect(failures.slice(0, 3)).toEqual([]);
  });

  test("it is idempotent, and null is its identity", () => {
    fc.assert(
      fc.property(rangedTypes, (a) => {
        expect(unify(a, a)).toEqual(a);
        expect(normal(unify(a, ranged({ kind: "null" })))).toEqual(normal(a));
        expect(normal(unify(ranged({ kind: "null" }), a))).toEqual(normal(a));
      }),
      runs,
    );
  });

  test("a refusal stays one, whatever comes to it", () => {
    const refusal = unify(ranged({ kind: "bool" }), ranged({ kind: "uuid" }));
    expect(refusal.kind).toBe("incompatible");
    fc.assert(
      fc.property(rangedTypes, (a) => {
        expect(unify(a, refusal).kind).toBe("incompatible");
        expect(unify(refusal, a)).toEqual(refusal);
      }),
      runs,
    );
  });

  test("a fold answers the same in whatever order the types come", () => {
    const shuffled = fc
      .array(fc.oneof(rangedTypes, fc.constant(ranged({ kind: "null" }))), { maxLength: 6 })
      .chain((types) =>
        fc.tuple(
          fc.constant(types),
          fc.shuffledSubarray(types, { minLength: types.length, maxLength: types.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([types, others]) => {
        expect(normal(fold(types))).toEqual(normal(fold(others)));
      }),
      runs,
    );
  });
});

/** Every int and float, and the decimals whose digits those meet. */
function smallNumbers(): DataType[] {
  const widths = [8, 16, 32, 64] as const;
  const digits: [number, number][] = [
    [1, 0],
    [1, 1],
    [5, 0],
    [15, 0],
    [16, 0],
    [19, 0],
    [20, 0],
    [38, 0],
    [20, 19],
    [12, 2],
  ];
  return [
    ...widths.flatMap((bits): DataType[] => [
      { kind: "int", bits, signed: true },
      { kind: "int", bits, signed: false },
    ]),
    { kind: "float", bits: 32 },
    { kind: "float", bits: 64 },
    ...digits.map(([precision, scale]): DataType => ({ kind: "decimal", precision, scale })),
    { kind: "text" },
  ];
}

/** What `normal` would say of flat types, quickly. */
function alike(a: Unified, b: Unified): boolean {
  if (a.kind === "incompatible" || b.kind === "incompatible") return a.kind === b.kind;
  return a.fitsDouble === b.fitsDouble && JSON.stringify(a.type) === JSON.stringify(b.type);
}

/** The smallest and the largest value of a type of whole numbers, as far as it may be a float. */
function extremes(type: DataType): [bigint, bigint] | null {
  if (type.kind === "decimal") {
    const whole = 10n ** BigInt(type.precision - type.scale) - 1n;
    return [-whole, whole];
  }
  if (type.kind !== "int") return null;
  const bits = BigInt(type.bits);
  return type.signed ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n];
}

function holds(type: DataType, value: bigint): boolean {
  if (type.kind === "float") {
    return BigInt(type.bits === 32 ? Math.fround(Number(value)) : Number(value)) === value;
  }
  const [min, max] = extremes(type) ?? [1n, 0n];
  return value >= min && value <= max;
}

function kept(type: DataType): string {
  return type.kind === "decimal" ? `scale ${type.scale}` : type.kind;
}

test("no number is lost: what is above a type holds its extremes and its digits", () => {
  fc.assert(
    fc.property(numberTypes, numberTypes, (a, b) => {
      const unified = unify(ranged(a), ranged(b));
      if (unified.kind === "incompatible") return;
      for (const type of [a, b]) {
        for (const value of extremes(type) ?? []) {
          expect(holds(unified.type, value), `${kept(unified.type)} ${value}`).toBe(true);
        }
        if (type.kind === "decimal" && unified.type.kind === "decimal") {
          expect(unified.type.scale).toBeGreaterThanOrEqual(type.scale);
        }
        if (type.kind === "decimal" && type.scale > 0) expect(unified.type.kind).toBe("decimal");
        if (type.kind === "float") expect(unified.type.kind).toBe("float");
      }
    }),
    runs,
  );
});

function int(bits: 8 | 16 | 32 | 64, signed = true): DataType {
  return { kind: "int", bits, signed };
}

function decimal(precision: number, scale: number): DataType {
  return { kind: "decimal", precision, scale };
}

const float32: DataType = { kind: "float", bits: 32 };
const float64: DataType = { kind: "float", bits: 64 };
const text: DataType = { kind: "text" };
const local: DataType = { kind: "timestamp", zoned: false };
const zoned: DataType = { kind: "timestamp", zoned: true };

function both(a: DataType, b: DataType): DataType | string {
  const unified = unify(ranged(a), ranged(b));
  return unified.kind === "ranged" ? unified.type : unified.reason;
}

test.each<[DataType, DataType, DataType]>([
  [int(8), int(64), int(64)],
  [int(8), int(8, false), int(16)],
  [int(8), int(32, false), int(64)],
  [int(64), int(16, false), int(64)],
  [int(8), int(64, false), decimal(20, 0)],
  [int(64), decimal(10, 2), decimal(21, 2)],
  [int(64, false), decimal(10, 2), decimal(22, 2)],
  [int(32), decimal(28, 28), decimal(38, 28)],
  [decimal(10, 0), decimal(4, 4), decimal(14, 4)],
  [float32, float64, float64],
  [int(16), float32, float64],
  [int(32), float64, float64],
  [decimal(15, 0), float64, float64],
  [{ kind: "date" }, local, local],
  [{ kind: "text", tag: "enum" }, text, text],
  [{ kind: "text", tag: "enum" }, { kind: "text", tag: "range" }, text],
  [
    { kind: "list", item: int(8) },
    { kind: "list", item: int(32) },
    { kind: "list", item: int(32) },
  ],
])("%j and %j make %j", (a, b, expected) => {
  expect(both(a, b)).toEqual(expected);
  expect(both(b, a)).toEqual(expected);
});

test.each<[DataType, DataType, RegExp]>([
  [int(64), decimal(38, 20), /39 digits, and a decimal has at most 38/u],
  [int(64), float64, /int64 may hold integers beyond 2\^53/u],
  [int(32, false), float64, /uint32 may hold/u],
  [decimal(16, 0), float64, /decimal\(16,0\) may hold/u],
  [decimal(4, 2), float64, /float64 and decimal\(4,2\)|decimal\(4,2\) and float64/u],
  [local, zoned, /timestamp and timestamp with time zone/u],
  [{ kind: "date" }, zoned, /date and timestamp with time zone/u],
  [{ kind: "json" }, text, /json and text/u],
  [{ kind: "bool" }, int(8), /bool and int8/u],
  [{ kind: "list", item: text }, { kind: "list", item: int(8) }, /^in the list: no type/u],
  [
    { kind: "struct", fields: [{ name: "zip", type: text, nullable: true }] },
    { kind: "struct", fields: [{ name: "zip", type: int(8), nullable: true }] },
    /^in the member zip: no type holds both text and int8/u,
  ],
  [
    { kind: "struct", fields: [{ name: "zip", type: text, nullable: true }] },
    { kind: "struct", fields: [{ name: "Zip", type: text, nullable: true }] },
    /the members zip and Zip have the same name/u,
  ],
])("%j and %j are refused", (a, b, reason) => {
  expect(both(a, b)).toMatch(reason);
});

test("an int64 becomes a double exactly while its values are within +-2^53", () => {
  const limit = 2n ** 53n;
  const fits = (known: IntegerBounds): string =>
    unify(ranged(int(64), known), ranged(float64)).kind;
  expect(fits({ min: -limit, max: limit })).toBe("ranged");
  expect(fits(null)).toBe("ranged");
  expect(fits({ min: -limit - 1n, max: 0n })).toBe("incompatible");
  expect(fits({ min: 0n, max: limit + 1n })).toBe("incompatible");
});

test("what fits a double is remembered through another int type", () => {
  const small = { min: 0n, max: 9n };
  const ints = unify(ranged(int(64, false), small), ranged(int(64), small));
  expect(ints).toEqual({ kind: "ranged", type: decimal(20, 0), fitsDouble: true });
  expect(unify(ints, ranged(float64))).toEqual(ranged(float64));
});

test("a struct keeps its members' order, appends new ones and makes missing ones nullable", () => {
  const a: DataType = {
    kind: "struct",
    fields: [
      { name: "y", type: int(8), nullable: false },
      { name: "x", type: int(8), nullable: false },
    ],
  };
  const b: DataType = {
    kind: "struct",
    fields: [
      { name: "z", type: text, nullable: false },
      { name: "y", type: int(16), nullable: false },
    ],
  };
  expect(both(a, b)).toEqual({
    kind: "struct",
    fields: [
      { name: "y", type: int(16), nullable: false },
      { name: "x", type: int(8), nullable: true },
      { name: "z", type: text, nullable: true },
    ],
  });
});

test("a struct whose members differ only in case goes with nothing, at any depth", () => {
  const member = (name: string): Field => ({ name, type: text, nullable: true });
  const type: DataType = {
    kind: "list",
    item: { kind: "struct", fields: [member("id"), member("ID")] },
  };
  expect(ranged(type)).toMatchObject({ reason: "the members id and ID have the same name" });
});

test("a type may be nested as deep as the bound, and not one level more", () => {
  const nest = (levels: number): DataType =>
    levels === 0 ? text : { kind: "list", item: nest(levels - 1) };
  expect(ranged(nest(typeDepthMax)).kind).toBe("ranged");
  expect(ranged(nest(typeDepthMax + 1))).toMatchObject({
    kind: "incompatible",
    reason: "expected a type nested at most 16 deep",
  });
});
