/**
 * The names of tables, `namespace.table`: parsing, printing, equality.
 *
 * Any text may be a name: a part that has a dot or a quote in it, or blanks at an end, is written
 * in double quotes, with a quote doubled, as in SQL. Equality has no regard to case.
 */
import { usageError, type HakiriError } from "./error.ts";
import { quoteIdentifier } from "./identifier.ts";
import { cutName, nameKey, nameText } from "./name-text.ts";

/** A table's full name. */
export interface TableName {
  readonly namespace: string;
  readonly name: string;
}

/** Where tables go that are named without a namespace. */
const defaultNamespace = "main";

/**
 * Reads `table`, `namespace.table` or `"any.thing"."with ""quotes"""`, reserved names too, as NFC.
 * Throws Permanent `usage.table_name` for any other text and for a name that no table can have.
 */
export function parseTableName(text: string, namespace: string = defaultNamespace): TableName {
  const parts = splitName(text);
  const [first, second] = parts ?? [];
  if (first === undefined || (parts ?? []).length > 2) {
    throw nameError(
      `expected TABLE or NAMESPACE.TABLE, got ${JSON.stringify(text)}`,
      'quote a part that has a dot or a quote in it: main."a.b"',
    );
  }
  if (second === undefined) return { namespace, name: checkedPart("table", first) };
  return { namespace: checkedPart("namespace", first), name: checkedPart("table", second) };
}

const part = /"(?<quoted>(?:[^"]|"")*)"|(?<bare>[^".]+)/uy;

/** The parts between the dots, or null where a part is missing or badly quoted. */
function splitName(text: string): readonly string[] | null {
  const parts: string[] = [];
  let at = 0;
  while (parts.length <= 2) {
    part.lastIndex = at;
    const groups = part.exec(text)?.groups;
    if (groups === undefined) return null;
    parts.push(groups["bare"]?.trim() ?? (groups["quoted"] ?? "").replaceAll('""', '"'));
    if (part.lastIndex === text.length) return parts;
    if (text[part.lastIndex] !== ".") return null;
    at = part.lastIndex + 1;
  }
  return parts;
}

function checkedPart(what: "namespace" | "table", text: string): string {
  const name = nameText(text);
  if (name !== "" && name === cutName(text.normalize("NFC"))) return name;
  throw nameError(
    `expected a ${what} name of 1 to 255 bytes without control characters, ` +
      `got ${JSON.stringify(cutName(text.toWellFormed()))}`,
    "choose another name",
  );
}

function nameError(message: string, hint: string): HakiriError {
  return usageError("table_name", message, hint);
}

/** The name as `parseTableName` reads it, without the default namespace. */
export function formatTableName({ namespace, name }: TableName): string {
  const prefix = nameKey(namespace) === defaultNamespace ? "" : `${formatPart(namespace)}.`;
  return prefix + formatPart(name);
}

function formatPart(name: string): string {
  return /^[^".\s]+(?:\s+[^".\s]+)*$/u.test(name) ? name : quoteIdentifier(name);
}

/** What two full names that are one table have in common. */
export function tableKey({ namespace, name }: TableName): string {
  return JSON.stringify([nameKey(namespace), nameKey(name)]);
}
