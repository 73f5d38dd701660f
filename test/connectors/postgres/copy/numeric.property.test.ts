/** numeric by its digits: as a decimal, as text and as a double it is the same number. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ColumnPlan } from "../../../../connectors/postgres/types/column-plan.ts";
import { printValue } from "../types/print-value.ts";
import { decodeAll } from "../types/read-from-server.ts";
import { copyOfRows, numeric, planOf, row } from "./copy-bytes.ts";

const numericText = planOf("v", { kind: "text", tag: "numeric" }, { kind: "numeric-text" });
const double = planOf("v", { kind: "float", bits: 64 }, { kind: "numeric-double" });

function decimal(precision: number, scale: number): ColumnPlan {
  const shape = { kind: "decimal", precision, scale } as const;
  return planOf("v", shape, shape);
}

/** A plain decimal text as the server sends it. */
function encode(text: string): Buffer {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)\.?(\d*)$/u.exec(text) ?? [];
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, "0");
  const right = fraction.padEnd(Math.ceil(fraction.length / 4) * 4, "0");
  const groups = `${left}${right}`.match(/\d{4}/gu)?.map(Number) ?? [];
  const first = groups.findIndex((group) => group !== 0);
  const last = groups.findLastIndex((group) => group !== 0);
  const digits = first === -1 ? [] : groups.slice(first, last + 1);
  const weight = digits.length === 0 ? 0 : left.length / 4 - 1 - first;
  const isNegative = sign === "-" && digits.length > 0;
  return numeric(digits, { weight, sign: isNegative ? 0x40_00 : 0, scale: fraction.length });
}

function decodeOne(plan: ColumnPlan, text: string): string | null {
  const [batch] = decodeAll([plan], [copyOfRows(row(encode(text)))]);
  const [column] = batch?.columns ?? [];
  return column === undefined ? null : printValue(column, 0);
}

/** A number of up to so many digits, with its scale: many are short, or have zeros in them. */
const numbers = (digitsMax: number) =>
  fc
    .record({
      digits: fc.oneof(
        fc.stringMatching(/^\d{1,12}$/u),
        fc.stringMatching(/^[09]{1,38}$/u),
        fc.stringMatching(new RegExp(String.raw`^\d{1,${digitsMax}}$`, "u")),
      ),
      isNegative: fc.boolean(),
      point: fc.nat(digitsMax),
    })
    .map(({ digits, isNegative, point }) => {
      const scale = Math.min(point, digitsMax - 1);
      const padded = digits.padStart(scale + 1, "0");
      const whole = padded.slice(0, padded.length - scale).replace(/^0+(?=\d)/u, "");
      const fraction = padded.slice(padded.length - scale);
      const isZero = /^0*$/u.test(digits);
      const sign = isNegative && !isZero ? "-" : "";
      return { text: `${sign}${whole}${scale === 0 ? "" : `.${fraction}`}`, scale };
    });

test("a decimal of 38 digits holds what the number says, at its scale and at a larger one", () => {
  fc.assert(
    fc.property(numbers(38), fc.nat(6), ({ text, scale }, more) => {
      expect(decodeOne(decimal(38, scale), text)).toBe(text);
      const digits = text.replaceAll(/[-.]/gu, "").length;
      const wider = scale + more;
      if (digits + more > 38) return;
      const point = scale === 0 && more > 0 ? "." : "";
      expect(decodeOne(decimal(38, wider), text)).toBe(`${text}${point}${"0".repeat(more)}`);
    }),
    { numRuns: 3000 },
  );
});

test("a decimal holds every power of two that it can, and its neighbours", () => {
  for (let power = 0n; power < 126n; power += 1n) {
    for (const near of [-1n, 0n, 1n]) {
      const text = String(2n ** power + near);
      expect(decodeOne(decimal(38, 0), text)).toBe(text);
      if (text !== "0") expect(decodeOne(decimal(38, 0), `-${text}`)).toBe(`-${text}`);
    }
  }
});

test("a decimal of fewer digits takes exactly the numbers below its bound", () => {
  fc.assert(
    fc.property(numbers(38), fc.integer({ min: 1, max: 38 }), ({ text, scale }, precision) => {
      fc.pre(scale <= precision);
      const unscaled = BigInt(text.replaceAll(/[-.]/gu, ""));
      const decode = () => decodeOne(decimal(precision, scale), text);
      if (unscaled < 10n ** BigInt(precision)) expect(decode()).toBe(text);
      else expect(decode).toThrow(`expected decimal(${precision},${scale})`);
    }),
    { numRuns: 3000 },
  );
});

test("a decimal of a smaller scale takes exactly the numbers that lose nothing", () => {
  fc.assert(
    fc.property(numbers(38), fc.nat(8), ({ text, scale }, less) => {
      fc.pre(less <= scale && less > 0);
      const kept = scale - less;
      const cut = text.slice(text.length - less);
      const rest = text.slice(0, text.length - less).replace(/\.$/u, "");
      const decode = () => decodeOne(decimal(38, kept), text);
      if (/^0*$/u.test(cut)) expect(decode()?.replace(/^-(?=[0.]*$)/u, "")).toBe(rest);
      else expect(decode).toThrow("got");
    }),
    { numRuns: 3000 },
  );
});

test("text is what the server prints, and a double is the nearest one", () => {
  fc.assert(
    fc.property(numbers(300), ({ text }) => {
      expect(decodeOne(numericText, text)).toBe(text);
      expect(Number(decodeOne(double, text))).toBe(Number(text));
    }),
    { numRuns: 3000 },
  );
});
