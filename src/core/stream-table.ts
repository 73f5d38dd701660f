/**
 * Which table each stream of a pipeline lands in: the one that the user named, else what the
 * pipeline's namespace and template make of the names that the source has.
 */
import { usageError } from "./error.ts";
import { cutName, nameKey, nameText } from "./name-text.ts";
import { nearest } from "./near-miss.ts";
import { reservedPrefix } from "./schema.ts";
import { formatTableName, parseTableName, tableKey, type TableName } from "./table-name.ts";

/** A stream that wants a table. */
export interface UnplacedStream {
  readonly stream: string;
  /** What `{stream}` is; where absent, the stream's name. */
  readonly bareName?: string | undefined;
  /** The source's own namespace, as a database schema; null where it has none. */
  readonly schema: string | null;
  /** `namespace.table` as the user wrote it; null leaves it to the rule. */
  readonly table: string | null;
}

/** How a pipeline names its tables. Both may hold `{schema}` and `{stream}`. */
export interface TableRule {
  readonly namespace: string;
  readonly template: string;
}

/** Where DuckDB keeps things of its own, or can't tell a schema from a database. */
const reservedNamespaces = ["information_schema", "memory", "pg_catalog", "system", "temp"];

const placeholders = ["schema", "stream"] as const;

/**
 * The tables of the streams, in their order; each stream has one of its own. A derived name is NFC,
 * cut at 255 bytes, with `_` for control characters and `source` before hakiri's own prefix. Throws
 * Permanent `usage.same_table` where two streams would share one, naming a way out,
 * `usage.table_template` for a rule that can't be followed, and `usage.reserved_name`.
 */
export function nameTables(
  streams: readonly UnplacedStream[],
  rule: TableRule,
): readonly TableName[] {
  const taken = new Map<string, UnplacedStream>();
  return streams.map((stream) => {
    const name =
      stream.table === null ? derive(stream, rule) : asWritten(stream, stream.table, rule);
    checkNotReserved(name);
    const other = taken.get(tableKey(name));
    if (other !== undefined) throw sameTable(other, stream, name);
    taken.set(tableKey(name), stream);
    return name;
  });
}

function asWritten(stream: UnplacedStream, table: string, rule: TableRule): TableName {
  const parsed = parseTableName(table, "");
  if (parsed.namespace !== "") return parsed;
  return { namespace: expand(rule.namespace, stream), name: parsed.name };
}

function derive(stream: UnplacedStream, { namespace, template }: TableRule): TableName {
  return { namespace: expand(namespace, stream), name: expand(template, stream) };
}

function expand(template: string, stream: UnplacedStream): string {
  const text = template.replaceAll(/\{(?<word>[^{}]*)\}/gu, (_, word: string) => {
    const known = placeholders.find((placeholder) => placeholder === word);
    if (known === undefined) throw unknownPlaceholder(template, word);
    const value = known === "stream" ? (stream.bareName ?? stream.stream) : stream.schema;
    if (value === null) throw noSchema(template, stream.stream);
    return value;
  });
  const name = nameText(text);
  if (name === "") {
    throw usageError(
      "table_template",
      `expected a name from '${template}' for the stream '${stream.stream}', got an empty one`,
      "give the stream a table by name",
    );
  }
  return cutName(isReservedName(name) ? `source${name}` : name);
}

function isReservedName(name: string): boolean {
  return nameKey(name).startsWith(reservedPrefix);
}

function unknownPlaceholder(template: string, word: string): Error {
  const known = placeholders.map((placeholder) => `{${placeholder}}`).join(" or ");
  const meant = nearest(word, placeholders);
  return usageError(
    "table_template",
    `expected ${known} in '${template}', got {${word}}`,
    meant === null ? `write ${known}` : `did you mean {${meant}}?`,
  );
}

function noSchema(template: string, stream: string): Error {
  return usageError(
    "table_template",
    `expected a schema for '${template}', but the stream '${stream}' has none`,
    "leave {schema} out",
  );
}

function checkNotReserved({ namespace, name }: TableName): void {
  if (reservedNamespaces.includes(nameKey(namespace)) || isReservedName(namespace)) {
    throw usageError(
      "reserved_name",
      `expected a namespace of yours, got '${namespace}', which is reserved`,
      `choose another than ${reservedNamespaces.join(", ")} and ${reservedPrefix}...`,
    );
  }
  if (isReservedName(name)) {
    throw usageError(
      "reserved_name",
      `expected a table name of yours, got '${name}', which is reserved`,
      `choose a name that doesn't start with ${reservedPrefix}`,
    );
  }
}

function sameTable(a: UnplacedStream, b: UnplacedStream, name: TableName): Error {
  const [first, second] = [sourceName(a), sourceName(b)];
  const areApart =
    a.schema !== null && b.schema !== null && nameKey(a.schema) !== nameKey(b.schema);
  return usageError(
    "same_table",
    `expected a table for each stream, but ${first} and ${second} ` +
      `would both be ${formatTableName(name)}`,
    areApart
      ? 'set namespace = "{schema}", or table_template = "{schema}_{stream}"'
      : `give one of them a table of its own: table = "NAME"`,
  );
}

function sourceName({ schema, stream, bareName = stream }: UnplacedStream): string {
  return schema === null ? `'${stream}'` : `'${schema}.${bareName}'`;
}
