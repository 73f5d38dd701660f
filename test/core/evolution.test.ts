/** How a table's schema takes in what a stream brings. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openContract, type ContractMode, type SchemaContract } from "../../src/core/contract.ts";
import {
  columnsMax,
  planEvolution,
  sourceNameLengthMax,
  type EvolutionOptions,
  type EvolutionPlan,
} from "../../src/core/evolution.ts";
import { nameKey } from "../../src/core/name-text.ts";
import type { StreamSchema, TableSchema } from "../../src/core/schema.ts";
import type { DataType, Field } from "../../src/core/type.ts";
import { ranged, unify } from "../../src/core/unify.ts";
import { dataTypes, flatTypes, withSortedMembers } from "./arbitrary-type.ts";

const open: EvolutionOptions = {
  contract: openContract,
  naming: "source",
  onConflict: "error",
  columnBounds: new Map(),
  incomingBounds: new Map(),
};

function under(contract: Partial<SchemaContract>): EvolutionOptions {
  return { ...open, contract: { ...openContract, ...contract } };
}

const text: DataType = { kind: "text" };
const json: DataType = { kind: "json" };
const int64: DataType = { kind: "int", bits: 64, signed: true };
const int32: DataType = { kind: "int", bits: 32, signed: true };
const float64: DataType = { kind: "float", bits: 64 };

/** Fields that may be missing, but for the key's. */
function stream(
  fields: Record<string, DataType>,
  primaryKey: readonly string[] = [],
): StreamSchema {
  const made = Object.entries(fields).map(([name, type]): Field => ({
    name,
    type,
    nullable: !primaryKey.includes(name),
  }));
  return { fields: made, primaryKey };
}

function planned(plan: EvolutionPlan): Extract<EvolutionPlan, { kind: "planned" }> {
  if (plan.kind === "planned") return plan;
  throw new Error(`expected a plan, got ${JSON.stringify(plan)}`);
}

function tableOf(...schemas: readonly StreamSchema[]): TableSchema {
  let table: TableSchema | null = null;
  for (const schema of schemas) table = planned(planEvolution(table, schema, open)).schema;
  if (table === null) throw new Error("expected at least one schema");
  return table;
}

describe("a table evolves", () => {
  test("from nothing: ids from 1 in the source's order, with the stream's key", () => {
    const plan = planned(planEvolution(null, stream({ b: text, a: int64 }, ["a"]), open));
    expect(plan.schema).toEqual({
      version: 1,
      columns: [
        { id: 1, name: "b", sourceName: "b", type: text, nullable: true },
        { id: 2, name: "a", sourceName: "a", type: int64, nullable: false },
      ],
      nextColumnId: 3,
      primaryKey: [2],
    });
    expect(plan.changes.map((change) => change.kind)).toEqual([
      "added_column",
      "added_column",
      "added_key",
    ]);
    expect(plan.targets).toEqual([
      { kind: "column", columnId: 1, cast: null },
      { kind: "column", columnId: 2, cast: null },
    ]);
  });

  test("not at all by what it has: the same object comes back", () => {
    const table = tableOf(stream({ id: int64, name: text }, ["id"]));
    for (const again of [
      stream({ id: int64, name: text }, ["id"]),
      stream({ name: text, id: int32 }, ["id"]),
    ]) {
      const plan = planned(planEvolution(table, again, open));
      expect(plan.schema).toBe(table);
      expect(plan.changes).toEqual([]);
    }
  });

  test("by a new column, which is appended with a new id and may be missing in old rows", () => {
    const table = tableOf(stream({ id: int64 }, ["id"]));
    const incoming: StreamSchema = {
      fields: [
        { name: "new", type: text, nullable: false },
        { name: "id", type: int64, nullable: false },
      ],
      primaryKey: ["id"],
    };
    const plan = planned(planEvolution(table, incoming, open));
    const column = { id: 2, name: "new", sourceName: "new", type: text, nullable: true };
    expect(plan.schema).toMatchObject({ version: 2, nextColumnId: 3 });
    expect(plan.schema.columns[1]).toEqual(column);
    expect(plan.changes).toEqual([{ kind: "added_column", column }]);
    expect(plan.targets.map((target) => target.columnId)).toEqual([2, 1]);
  });

  test("by a column that leaves the source: it stays, and may be missing", () => {
    const table = tableOf({
      fields: [
        { name: "a", type: text, nullable: false },
        { name: "b", type: text, nullable: true },
      ],
      primaryKey: [],
    });
    const plan = planned(planEvolution(table, stream({}), open));
    expect(plan.changes).toEqual([{ kind: "made_nullable", columnId: 1 }]);
    expect(plan.schema.columns.map((column) => column.nullable)).toEqual([true, true]);
  });

  test("by a wider type, and a narrower one is cast up", () => {
    const table = tableOf(stream({ n: int32 }));
    const plan = planned(planEvolution(table, stream({ n: int64 }), open));
    expect(plan.changes).toEqual([{ kind: "promoted_type", columnId: 1, from: int32, to: int64 }]);
    expect(plan.targets).toEqual([{ kind: "column", columnId: 1, cast: null }]);
    expect(planned(planEvolution(plan.schema, stream({ n: int32 }), open))).toEqual({
      kind: "planned",
      schema: plan.schema,
      changes: [],
      targets: [{ kind: "column", columnId: 1, cast: { from: int32, to: int64 } }],
    });
  });

  test("by a type that neither had: both the old and the new values are cast", () => {
    const table = tableOf(stream({ n: int64 }));
    const decimal: DataType = { kind: "decimal", precision: 5, scale: 2 };
    const plan = planned(planEvolution(table, stream({ n: decimal }), open));
    const both = { kind: "decimal", precision: 21, scale: 2 };
    expect(plan.schema.columns[0]?.type).toEqual(both);
    expect(plan.targets).toEqual([
      { kind: "column", columnId: 1, cast: { from: decimal, to: both } },
    ]);
  });

  test("int64 to double by the bounds of the table, and to a double by those of the stream", () => {
    const small = { min: -5n, max: 5n };
    const table = tableOf(stream({ n: int64 }));
    expect(planEvolution(table, stream({ n: float64 }), open).kind).toBe("refused");
    const columnBounds = new Map([[1, small]]);
    const plan = planned(planEvolution(table, stream({ n: float64 }), { ...open, columnBounds }));
    expect(plan.schema.columns[0]?.type).toEqual(float64);
    expect(planEvolution(plan.schema, stream({ n: int64 }), open).kind).toBe("refused");
    const incomingBounds = new Map([["n", small]]);
    expect(planEvolution(plan.schema, stream({ n: int64 }), { ...open, incomingBounds })).toEqual({
      kind: "planned",
      schema: plan.schema,
      changes: [],
      targets: [{ kind: "column", columnId: 1, cast: { from: int64, to: float64 } }],
    });
  });

  test("by a renamed column, which is a new one beside the old one", () => {
    const table = tableOf(stream({ id: int64, mail: text }), stream({ id: int64, email: text }));
    expect(table.columns.map(({ id, name }) => [id, name])).toEqual([
      [1, "id"],
      [2, "mail"],
      [3, "email"],
    ]);
  });

  test("by nothing where a column comes back: it has its old id, promoted if need be", () => {
    const table = tableOf(stream({ a: int32, b: text }), stream({ b: text }), stream({ a: int64 }));
    expect(table.columns).toMatchObject([{ id: 1, name: "a", type: int64 }, { id: 2 }]);
  });

  test("with names that collide, each keeping the column that it had", () => {
    const table = tableOf(stream({ Id: text }), stream({ id: text, Id: text, ID: text }));
    expect(table.columns.map(({ id, name, sourceName }) => [id, name, sourceName])).toEqual([
      [1, "Id", "Id"],
      [2, "id_2", "id"],
      [3, "ID_3", "ID"],
    ]);
  });

  test("by a first key, which is the only change of a key that there is", () => {
    const table = tableOf(stream({ a: text, b: text }));
    const plan = planned(planEvolution(table, stream({ a: text, b: text }, ["b", "a"]), open));
    expect(plan.changes).toEqual([{ kind: "added_key", primaryKey: [2, 1] }]);
    expect(planEvolution(plan.schema, stream({ a: text, b: text }, ["a"]), open)).toEqual({
      kind: "refused",
      violations: [{ kind: "changed_key", oldKey: ["b", "a"], newKey: ["a"] }],
    });
    const reordered = stream({ a: text, b: text }, ["a", "b"]);
    expect(planned(planEvolution(plan.schema, reordered, open)).schema).toBe(plan.schema);
    const keyless = stream({ a: text, b: text });
    expect(planned(planEvolution(plan.schema, keyless, open)).schema.primaryKey).toEqual([2, 1]);
  });
});

describe("a conflict of types", () => {
  const table = tableOf(stream({ id: int64, v: int64 }, ["id"]));
  const asJson: EvolutionOptions = { ...open, onConflict: "json" };

  test("is refused, naming the column and both types", () => {
    expect(planEvolution(table, stream({ id: int64, v: text }), open)).toEqual({
      kind: "refused",
      violations: [
        {
          kind: "incompatible_type",
          column: "v",
          oldType: int64,
          newType: text,
          reason: "no type holds both int64 and text without loss",
        },
      ],
    });
  });

  test("makes a JSON source's column json, which then takes everything", () => {
    const plan = planned(planEvolution(table, stream({ id: int64, v: text }, ["id"]), asJson));
    expect(plan.changes).toEqual([{ kind: "promoted_type", columnId: 2, from: int64, to: json }]);
    expect(plan.targets[1]).toEqual({
      kind: "column",
      columnId: 2,
      cast: { from: text, to: json },
    });
    const later = planned(
      planEvolution(plan.schema, stream({ id: int64, v: int64 }, ["id"]), asJson),
    );
    expect(later.schema).toBe(plan.schema);
    expect(later.targets[1]).toMatchObject({ cast: { from: int64, to: json } });
  });

  test("never makes a column of the key json", () => {
    const plan = planEvolution(table, stream({ id: text, v: int64 }), asJson);
    expect(plan).toMatchObject({ kind: "refused", violations: [{ column: "id" }] });
  });

  test("a type that no column can have is one, and json where a source chooses that", () => {
    const deep = Array.from({ length: 17 }).reduce<DataType>(
      (item) => ({ kind: "list", item }),
      text,
    );
    const reason = "expected a type nested at most 16 deep";
    expect(planEvolution(null, stream({ deep }), open)).toMatchObject({
      violations: [{ kind: "incompatible_type", oldType: null, reason }],
    });
    expect(planned(planEvolution(null, stream({ deep }), asJson)).schema.columns).toMatchObject([
      { type: json },
    ]);
  });
});

describe("a contract", () => {
  const table = tableOf(stream({ id: int64, v: int32 }, ["id"]));
  const withNew = stream({ id: int64, v: int32, w: text }, ["id"]);
  const wider = stream({ id: int64, v: int64 }, ["id"]);
  const newColumn = { kind: "new_column", column: "w", newType: text };
  const newType = {
    kind: "new_type",
    column: "v",
    oldType: int32,
    newType: int64,
    reason: "the contract lets no types change",
  };
  const newTable = { kind: "new_table" };

  test.each<[keyof SchemaContract, TableSchema | null, StreamSchema, object]>([
    ["tables", null, withNew, newTable],
    ["columns", table, withNew, newColumn],
    ["dataType", table, wider, newType],
  ])("that freezes %s refuses such a change and names it", (part, old, incoming, violation) => {
    const plan = planEvolution(old, incoming, under({ [part]: "freeze" }));
    expect(plan).toEqual({ kind: "refused", violations: [violation] });
  });

  test.each<ContractMode>(["discard_row", "discard_value"])("that says %s drops", (mode) => {
    expect(planEvolution(null, withNew, under({ tables: mode }))).toEqual({
      kind: "discarded",
      mode,
      violation: newTable,
    });
    const columns = planned(planEvolution(table, withNew, under({ columns: mode })));
    expect(columns.schema).toBe(table);
    expect(columns.targets[2]).toEqual({
      kind: mode,
      columnId: null,
      keeps: null,
      violation: newColumn,
    });
    const types = planned(planEvolution(table, wider, under({ dataType: mode })));
    expect(types.schema).toBe(table);
    const keeps = table.columns[1]?.type;
    expect(types.targets[1]).toEqual({ kind: mode, columnId: 2, keeps, violation: newType });
  });

  test("an id that a dropped column would have had goes to the next one", () => {
    const first = stream({ a: text, b: text });
    const later = stream({ a: text, x: text, b: text, c: text });
    const dropped = planned(
      planEvolution(tableOf(first), later, under({ columns: "discard_value" })),
    );
    expect(dropped.schema).toMatchObject({ version: 1, nextColumnId: 3 });
    expect(planned(planEvolution(dropped.schema, later, open)).schema.nextColumnId).toBe(5);
  });

  test("that drops values makes their column one that may be missing", () => {
    const strict = tableOf({
      fields: [{ name: "v", type: int32, nullable: false }],
      primaryKey: [],
    });
    const plan = planned(
      planEvolution(strict, stream({ v: text }), under({ dataType: "discard_value" })),
    );
    expect(plan.changes).toEqual([{ kind: "made_nullable", columnId: 1 }]);
    expect(plan.targets[0]).toMatchObject({
      kind: "discard_value",
      violation: { kind: "incompatible_type" },
    });
  });

  test("that drops values drops the whole row where the value is of the key", () => {
    const plan = planned(
      planEvolution(
        table,
        stream({ id: text, v: int32 }, ["id"]),
        under({ dataType: "discard_value" }),
      ),
    );
    expect(plan.targets[0]).toMatchObject({ kind: "discard_row", columnId: 1 });
  });

  test("doesn't hold a new table's columns back, nor a cast up, nor a missing column", () => {
    const strict = under({ columns: "freeze", dataType: "freeze" });
    expect(planEvolution(null, withNew, strict).kind).toBe("planned");
    const missing: StreamSchema = {
      fields: [{ name: "id", type: int32, nullable: true }],
      primaryKey: [],
    };
    expect(planned(planEvolution(table, missing, strict)).changes).toEqual([
      { kind: "made_nullable", columnId: 1 },
    ]);
  });

  test("freezes before a JSON source may make json of it", () => {
    const options = { ...under({ dataType: "freeze" }), onConflict: "json" } as const;
    expect(planEvolution(table, stream({ id: int64, v: text }), options)).toMatchObject({
      kind: "refused",
      violations: [{ kind: "incompatible_type", column: "v" }],
    });
  });
});

describe("bounds and wrong input", () => {
  const wide = (count: number): StreamSchema =>
    stream(Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, text])));

  test("a table has as many columns as the bound, and not one more", () => {
    expect(planEvolution(null, wide(columnsMax), open).kind).toBe("planned");
    expect(() => planEvolution(null, wide(columnsMax + 1), open)).toThrow(
      expect.objectContaining({ kind: "SchemaIncompatible", code: "schema.too_many_columns" }),
    );
  });

  test("a source's name is as long as the bound, and not one character more", () => {
    const named = (length: number): StreamSchema => stream({ ["x".repeat(length)]: text });
    expect(planEvolution(null, named(sourceNameLengthMax), open).kind).toBe("planned");
    expect(() => planEvolution(null, named(sourceNameLengthMax + 1), open)).toThrow(
      expect.objectContaining({ code: "schema.name_too_long" }),
    );
  });

  test("a key that isn't a column is a usage error that says what may be meant", () => {
    expect(() =>
      planEvolution(null, { ...stream({ user_id: text }), primaryKey: ["usre_id"] }, open),
    ).toThrow(
      expect.objectContaining({
        code: "usage.unknown_key_column",
        hint: "did you mean 'user_id'?",
      }),
    );
  });

  test("a key of a column that the contract drops is a change of the key", () => {
    const plan = planEvolution(
      tableOf(stream({ a: text })),
      stream({ a: text, k: text }, ["k"]),
      under({ columns: "discard_value" }),
    );
    expect(plan).toEqual({
      kind: "refused",
      violations: [{ kind: "changed_key", oldKey: [], newKey: ["k"] }],
    });
  });
});

const modes = fc.constantFrom<ContractMode>("evolve", "freeze", "discard_row", "discard_value");
const contracts = fc.record({
  tables: fc.constant("evolve" as const),
  columns: modes,
  dataType: modes,
});
const fieldNames = fc.constantFrom("a", "A", "b", "c", "_hakiri_x", "");
const streams: fc.Arbitrary<StreamSchema> = fc
  .array(
    fc.record({ name: fieldNames, type: fc.oneof(flatTypes, dataTypes), nullable: fc.boolean() }),
    { maxLength: 5 },
  )
  .map((fields) => ({ fields, primaryKey: [] }));

test("over any history ids and names stay, types only grow, and a repeat adds nothing", () => {
  const steps = fc.tuple(streams, contracts, fc.constantFrom("error", "json"));
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 6 }), (history) => {
      let table: TableSchema | null = null;
      for (const [incoming, contract, onConflict] of history) {
        const options = { ...open, contract, onConflict };
        const plan: EvolutionPlan = planEvolution(table, incoming, options);
        if (plan.kind !== "planned") continue;
        checkStep(table, plan, incoming);
        // What was taken in once changes nothing when it comes again.
        expect(planned(planEvolution(plan.schema, incoming, options)).schema).toBe(plan.schema);
        table = plan.schema;
      }
    }),
    { numRuns: 2000 },
  );
});

function checkStep(
  before: TableSchema | null,
  { schema, changes, targets }: Extract<EvolutionPlan, { kind: "planned" }>,
  incoming: StreamSchema,
): void {
  const old = before?.columns ?? [];
  const ids = schema.columns.map((column) => column.id);
  expect(ids).toEqual(ids.map((_, index) => index + 1));
  expect(schema.nextColumnId).toBe(ids.length + 1);
  expect(new Set(schema.columns.map(({ name }) => nameKey(name))).size).toBe(ids.length);
  expect(schema === before).toBe(changes.length === 0 && before !== null);
  if (schema !== before) expect(schema.version).toBe((before?.version ?? 0) + 1);
  for (const [index, column] of old.entries()) {
    const after = schema.columns[index];
    if (after === undefined) throw new Error(`expected column ${column.id} to stay`);
    expect(after).toMatchObject({ id: column.id, name: column.name });
    expect(after.nullable || !column.nullable).toBe(true);
    expectHolds(after.type, column.type);
  }
  expect(targets).toHaveLength(incoming.fields.length);
  const used = targets.flatMap(({ columnId }) => columnId ?? []);
  expect(new Set(used).size).toBe(used.length);
  for (const [index, target] of targets.entries()) {
    if (target.kind !== "column") continue;
    const column = schema.columns[target.columnId - 1];
    const field = incoming.fields[index];
    if (column === undefined || field === undefined) throw new Error("expected both");
    expectHolds(column.type, field.type);
    expect(target.cast ?? { from: column.type, to: column.type }).toEqual({
      from: field.type,
      to: column.type,
    });
    expect(column.nullable || !field.nullable).toBe(true);
  }
}

function expectHolds(wide: DataType, narrow: DataType): void {
  if (wide.kind === "json") return;
  const unified = unify(ranged(wide), ranged(narrow));
  expect(unified.kind).toBe("ranged");
  if (unified.kind === "ranged") {
    expect(withSortedMembers(unified.type)).toEqual(withSortedMembers(wide));
  }
}
