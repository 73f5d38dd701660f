/**
 * Values of a result as text, one way for each of DuckDB's types: `plainText` is what a CSV field
 * or the cell of a table says, `jsonText` is a JSON value (docs in cli: `hakiri help query`).
 *
 * - BIGINT, UBIGINT, HUGEINT, UHUGEINT, BIGNUM and DECIMAL are JSON strings, or literals where
 *   numbers are `native`. Smaller integers and floats are literals; NaN and infinities strings.
 * - Dates and times are ISO 8601 with all digits of their type, zoned timestamps in UTC with `Z`.
 * - Blobs are base64. UUID, BIT, INTERVAL and GEOMETRY are spelled as DuckDB spells them.
 * - JSON is itself, line ends in it become blanks; what only DuckDB takes for JSON, such as `NaN`,
 *   is a string. Lists and arrays are arrays, structs objects in the order of their
 *   members, maps objects by the text of their keys, a union is its value.
 */
import {
  DuckDBTypeId,
  type DuckDBArrayValue,
  type DuckDBBlobValue,
  type DuckDBDateValue,
  type DuckDBDecimalValue,
  type DuckDBListValue,
  type DuckDBMapType,
  type DuckDBMapValue,
  type DuckDBStructType,
  type DuckDBStructValue,
  type DuckDBTimeNSValue,
  type DuckDBTimestampMillisecondsValue,
  type DuckDBTimestampNanosecondsValue,
  type DuckDBTimestampSecondsValue,
  type DuckDBTimestampTZValue,
  type DuckDBTimestampValue,
  type DuckDBTimeTZValue,
  type DuckDBTimeValue,
  type DuckDBType,
  type DuckDBUnionType,
  type DuckDBUnionValue,
  type DuckDBValue,
  type DuckDBVariantValue,
} from "@duckdb/node-api";
import { usageError, type HakiriError } from "../../../core/error.ts";
import { decimalText, doubleText, floatText } from "./number-text.ts";
import {
  dateText,
  microseconds,
  milliseconds,
  nanoseconds,
  offsetText,
  seconds,
  timestampText,
  timeText,
} from "./temporal-text.ts";

/**
 * The text of a value of one type that isn't NULL. A vector of a type holds values of that type's
 * own class, which the library's types don't say; a method's parameter may be that class.
 */
export type ValueText = { text(value: NonNullable<DuckDBValue>): string }["text"];

/** How JSON spells numbers that a double may round. */
export type Numbers = "text" | "native";

const scalars: ReadonlyMap<DuckDBTypeId, ValueText> = new Map<DuckDBTypeId, ValueText>([
  [DuckDBTypeId.FLOAT, floatText],
  [DuckDBTypeId.DOUBLE, doubleText],
  [DuckDBTypeId.DECIMAL, ({ value, scale }: DuckDBDecimalValue) => decimalText(value, scale)],
  [DuckDBTypeId.BLOB, ({ bytes }: DuckDBBlobValue) => bytes.toBase64()],
  [DuckDBTypeId.DATE, ({ days }: DuckDBDateValue) => dateText(days)],
  [DuckDBTypeId.TIME, ({ micros }: DuckDBTimeValue) => timeText(micros, microseconds)],
  [DuckDBTypeId.TIME_NS, ({ nanos }: DuckDBTimeNSValue) => timeText(nanos, nanoseconds)],
  [
    DuckDBTypeId.TIME_TZ,
    ({ micros, offset }: DuckDBTimeTZValue) => timeText(micros, microseconds) + offsetText(offset),
  ],
  [
    DuckDBTypeId.TIMESTAMP,
    ({ micros }: DuckDBTimestampValue) => timestampText(micros, microseconds),
  ],
  [DuckDBTypeId.TIMESTAMP_TZ, ({ micros }: DuckDBTimestampTZValue) => instantText(micros)],
  [
    DuckDBTypeId.TIMESTAMP_S,
    (value: DuckDBTimestampSecondsValue) => timestampText(value.seconds, seconds),
  ],
  [
    DuckDBTypeId.TIMESTAMP_MS,
    ({ millis }: DuckDBTimestampMillisecondsValue) => timestampText(millis, milliseconds),
  ],
  [
    DuckDBTypeId.TIMESTAMP_NS,
    ({ nanos }: DuckDBTimestampNanosecondsValue) => timestampText(nanos, nanoseconds),
  ],
]);

function instantText(micros: bigint): string {
  const text = timestampText(micros, microseconds);
  return text.endsWith("infinity") ? text : `${text}Z`;
}

/** The plain text of a type's values; lists, structs and maps are their JSON. */
export function plainText(type: DuckDBType): ValueText {
  switch (type.typeId) {
    case DuckDBTypeId.UNION:
      return unionText(type, plainText);
    case DuckDBTypeId.VARIANT:
      return variantText(plainText);
    default:
      return nestedText(type, "text") ?? scalars.get(type.typeId) ?? String;
  }
}

/** Whether the type's values are numbers. */
export function isNumberType({ typeId }: DuckDBType): boolean {
  return exactNumbers.has(typeId) || smallNumbers.has(typeId) || isFloat(typeId);
}

const exactNumbers: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.BIGNUM,
  DuckDBTypeId.DECIMAL,
]);

const smallNumbers: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
]);

function isFloat(typeId: DuckDBTypeId): boolean {
  return typeId === DuckDBTypeId.FLOAT || typeId === DuckDBTypeId.DOUBLE;
}

/** The JSON of a type's values. */
export function jsonText(type: DuckDBType, numbers: Numbers): ValueText {
  const { typeId } = type;
  if (smallNumbers.has(typeId) || typeId === DuckDBTypeId.BOOLEAN) return String;
  if (typeId === DuckDBTypeId.VARCHAR) {
    return type.alias === "JSON" ? documentText : JSON.stringify;
  }
  const plain = scalars.get(typeId) ?? String;
  if (isFloat(typeId)) {
    return (value) => (Number.isFinite(value) ? plain(value) : JSON.stringify(plain(value)));
  }
  if (exactNumbers.has(typeId)) {
    return numbers === "native" ? plain : (value) => `"${plain(value)}"`;
  }
  return nestedText(type, numbers) ?? ((value) => JSON.stringify(plain(value)));
}

/** A document that spans lines stays one, and its lines become one. */
function documentText(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return JSON.stringify(text);
  }
  return text.replaceAll(/[\r\n]/gu, " ");
}

function nestedText(type: DuckDBType, numbers: Numbers): ValueText | null {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY: {
      const item = orNull(jsonText(type.valueType, numbers));
      return ({ items }: DuckDBListValue | DuckDBArrayValue) => `[${items.map(item).join(",")}]`;
    }
    case DuckDBTypeId.STRUCT:
      return structText(type, numbers);
    case DuckDBTypeId.MAP:
      return mapText(type, numbers);
    case DuckDBTypeId.UNION:
      return unionText(type, (member) => jsonText(member, numbers));
    case DuckDBTypeId.VARIANT:
      return variantText((inner) => jsonText(inner, numbers));
    default:
      return null;
  }
}

function orNull(text: ValueText): (value: DuckDBValue) => string {
  return (value) => (value === null ? "null" : text(value));
}

function structText({ entryNames, entryTypes }: DuckDBStructType, numbers: Numbers): ValueText {
  if (entryNames.includes("__proto__")) throw lostMember();
  const members = entryTypes.map((type, index) => {
    const name = entryNames[index] ?? "";
    return { name, key: `${JSON.stringify(name)}:`, text: orNull(jsonText(type, numbers)) };
  });
  return ({ entries }: DuckDBStructValue) => {
    const texts = members.map(({ name, key, text }) => key + text(entries[name] ?? null));
    return `{${texts.join(",")}}`;
  };
}

/** The library keeps members in an object, where this name is no member. */
function lostMember(): HakiriError {
  return usageError(
    "sql",
    "expected a struct without a member called '__proto__', whose value can't be shown",
    'show the member by itself: SELECT s."__proto__"',
  );
}

function mapText({ keyType, valueType }: DuckDBMapType, numbers: Numbers): ValueText {
  const keyText = plainText(keyType);
  const text = orNull(jsonText(valueType, numbers));
  return ({ entries }: DuckDBMapValue) => {
    const texts = entries.map(
      ({ key, value }) => `${JSON.stringify(key === null ? "" : keyText(key))}:${text(value)}`,
    );
    return `{${texts.join(",")}}`;
  };
}

type TextOfType = (type: DuckDBType) => ValueText;

function unionText({ memberTags, memberTypes }: DuckDBUnionType, textOf: TextOfType): ValueText {
  const texts = new Map(
    memberTypes.map((type, index) => [memberTags[index], orNull(textOf(type))]),
  );
  return ({ tag, value }: DuckDBUnionValue) => texts.get(tag)?.(value) ?? "null";
}

function variantText(textOf: TextOfType): ValueText {
  return ({ value, type }: DuckDBVariantValue) =>
    value === null || type === undefined ? "null" : textOf(type)(value);
}
