/** Pipelines as they may be: everything that a pipeline file can say. */
import fc from "fast-check";
import { contractModes } from "../../src/core/contract.ts";
import type { Json } from "../../src/core/json.ts";
import type { PipelineSpec, StreamSpec } from "../../src/core/pipeline.ts";
import { isSecretField } from "../../src/config/secret-field.ts";

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const name = fc.oneof(fc.constantFrom("id", "a.b", 'q"uote', "üñ", "new\nline", "#"), word);
const key = name.filter((text) => text !== "__proto__" && !isSecretField(text));
const mode = fc.constantFrom(...contractModes);

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
);

/** Settings without what TOML can't hold and what would be a secret. */
const setting = fc.letrec<{ value: Json; table: Readonly<Record<string, Json>> }>((tie) => ({
  table: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: "small" },
    fc.boolean(),
    number,
    name,
    fc.constantFrom({ env: "SHOP_KEY" }, { file: "secrets/key" }),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("table"),
  ),
}));

/** References that can't be one are refused, and a random table may look like one. */
function hasBadReference(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  // Any object may be asked for a member that it may not have.
  const { env } = value as { env?: Json };
  return env === "" || Object.values(value).some(hasBadReference);
}

const columns = fc.uniqueArray(name, { minLength: 1, maxLength: 12 });

const stream: fc.Arbitrary<Omit<StreamSpec, "stream">> = fc
  .record({
    table: fc.constantFrom(null, "orders", "shop.orders", '"a.b"."c ""d"""'),
    disposition: fc.constantFrom(null, "append", "replace", "merge"),
    columns: fc.option(columns),
    picked: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
    keys: fc.nat(3),
    others: columns,
  })
  .map(({ table, disposition, columns: read, picked, keys, others }) => {
    const known = read ?? others;
    const pick = (place: number) => known[(picked[place] ?? 0) % known.length] ?? "id";
    return {
      table,
      disposition,
      columns: read,
      primaryKey: known.slice(0, keys),
      incremental: keys % 2 === 0 ? null : pick(1),
      dedupSort: disposition === "append" || disposition === "replace" ? null : pick(2),
    };
  });

/** Any pipeline that a file can hold. */
export const anyPipeline: fc.Arbitrary<PipelineSpec> = fc
  .record({
    name: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/u),
    connector: fc.constantFrom("file", "postgres", "our own"),
    source: setting.table.filter((table) => !hasBadReference(table)),
    namespace: fc.constantFrom("main", "shop", "a.b", "q'uote"),
    tableTemplate: fc.constantFrom("{stream}", "{schema}_{stream}", "raw_{stream}"),
    naming: fc.constantFrom("source", "snake_case"),
    streams: fc.uniqueArray(name, { maxLength: 4 }),
    rules: fc.array(stream, { minLength: 4, maxLength: 4 }),
    contract: fc.record({ tables: mode, columns: mode, dataType: mode }),
    onConflict: fc.constantFrom("error", "json"),
    onChange: fc.constantFrom("replace", "append", "error"),
    onMissing: fc.constantFrom("keep", "delete"),
    rowMetadata: fc.boolean(),
    parallel: fc.integer({ min: 1, max: 64 }),
    deadlineMs: fc.oneof(fc.constant(86_400_000), fc.integer({ min: 1000, max: 30 * 86_400_000 })),
    shared: fc.boolean(),
  })
  .map(({ streams, rules, ...spec }) => ({
    ...spec,
    streams: streams.flatMap((one, index) => {
      const rule = rules[index];
      return rule === undefined ? [] : [{ stream: one, ...rule }];
    }),
  }));
