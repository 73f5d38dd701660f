/** Numbers as text that a reader takes for the same number again. */

/** The shortest text of a double: `0.1`, `1e+21`, `-0`, `NaN`, `Infinity`. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A short text of a float of 32 bits, which as a double has a tail: 0.1, not 0.10000000149. */
export function floatText(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return doubleText(value);
  for (let digits = 6; digits <= floatDigitsMax; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return String(shorter);
  }
  return String(value);
}

/** Nine digits tell any two floats of 32 bits apart. */
const floatDigitsMax = 9;

/** A decimal of an unscaled value, with all its `scale` digits and one before the point. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}
