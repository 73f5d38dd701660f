/**
 * Random histories of a table against a naive model: its rows as they were written, without the
 * deleted ones, each value cast to what its column has become.
 */
import fc from "fast-check";
import { test, expect } from "vitest";
import type { Column } from "../../../src/core/schema.ts";
import type { DataType } from "../../../src/core/type.ts";
import { ranged, unify } from "../../../src/core/unify.ts";
import { quoteIdentifier } from "../../../src/core/identifier.ts";
import type { DuckDb } from "../../../src/context/duckdb/open-duckdb.ts";
import { withFolder } from "../temporary-folder.ts";
import {
  betweenLiterals,
  date,
  decimal,
  float32,
  float64,
  int,
  json,
  listOf,
  literalsOf,
  structOf,
  text,
  timestamp,
} from "./literals.ts";
import {
  columnOf,
  createTable,
  promoted,
  schemaWith,
  withTable,
  type Place,
  type Row,
  type StoredTable,
} from "./stored-table.ts";

const types: readonly DataType[] = [
  { kind: "null" },
  int(8),
  int(16, false),
  int(32),
  int(64),
  int(64, false),
  decimal(4, 2),
  decimal(18, 4),
  float32,
  float64,
  date,
  timestamp,
  text,
  { kind: "text", tag: "enum" },
  listOf(int(8)),
  listOf(float64),
  structOf({ a: int(16) }),
  structOf({ a: float64, b: text }),
];

/** One step in the life of a table. `pick` chooses among what there is. */
type Step =
  | { readonly kind: "add_column"; readonly type: DataType }
  | { readonly kind: "rename"; readonly pick: number }
  | { readonly kind: "retype"; readonly pick: number; readonly type: DataType }
  | { readonly kind: "write"; readonly rows: readonly (readonly number[])[]; readonly lost: number }
  | { readonly kind: "delete"; readonly picks: readonly number[] };

const picks = fc.nat(1000);
const someType = fc.constantFrom(...types);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("add_column" as const), type: someType }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("rename" as const), pick: picks }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("retype" as const), pick: picks, type: someType }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("write" as const),
        rows: fc.array(fc.array(picks, { minLength: 1, maxLength: 6 }), { maxLength: 4 }),
        lost: picks,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("delete" as const),
        picks: fc.array(picks, { minLength: 1, maxLength: 5 }),
      }),
    },
  ),
  { minLength: 3, maxLength: 10, size: "max" },
);

interface ModelRow extends Place {
  readonly values: Row;
  /** As the row was written. */
  readonly columns: readonly Column[];
}

interface History {
  columns: Column[];
  version: number;
  readonly rows: ModelRow[];
  readonly deleted: Set<ModelRow>;
}

/** Plays the steps on the files and on the model. */
async function play(table: StoredTable, all: readonly Step[]): Promise<History> {
  const first = [columnOf(1, "id", int(32)), columnOf(2, "x2", int(16))];
  const history: History = { columns: first, version: 1, rows: [], deleted: new Set() };
  for (const step of all) await playStep(table, history, step);
  return history;
}

async function playStep(table: StoredTable, history: History, step: Step): Promise<void> {
  switch (step.kind) {
    case "write":
      return write(table, history, step);
    case "delete":
      return mask(table, history, step.picks);
    case "add_column":
    case "rename":
    case "retype":
      history.columns = evolved(history.columns, step);
      history.version += 1;
  }
}

function evolved(
  columns: readonly Column[],
  step: Exclude<Step, { kind: "write" | "delete" }>,
): Column[] {
  if (step.kind === "add_column") {
    const id = columns.length + 1;
    return [...columns, columnOf(id, `x${id}`, step.type)];
  }
  const at = 1 + (step.pick % (columns.length - 1));
  return columns.map((column, index) => {
    if (index !== at) return column;
    if (step.kind === "rename") return { ...column, name: `${column.name}'` };
    const unified = unify(ranged(column.type), ranged(step.type));
    // As a source of JSON has it with on_conflict = json.
    return { ...column, type: unified.kind === "ranged" ? unified.type : json };
  });
}

async function write(
  table: StoredTable,
  history: History,
  { rows, lost }: Extract<Step, { kind: "write" }>,
): Promise<void> {
  const { columns } = history;
  const written = columns.filter(({ id }) => id === 1 || id !== 2 + (lost % 8));
  const values = rows.map((row, index): Row => {
    const own = history.rows.length + index;
    const literals = written.map(({ id, type }): [number, string] => {
      const choices = [...literalsOf(type), "NULL"];
      return [
        id,
        id === 1 ? String(own) : (choices[(row[id % row.length] ?? 0) % choices.length] ?? ""),
      ];
    });
    return new Map(literals);
  });
  const file = await table.addPart(schemaWith(history.version, columns), values, { written });
  history.rows.push(
    ...values.map((one, row) => ({ fileId: file.fileId, row, values: one, columns: written })),
  );
}

async function mask(
  table: StoredTable,
  history: History,
  chosen: readonly number[],
): Promise<void> {
  const places = chosen.flatMap((pick) => history.rows[pick % history.rows.length] ?? []);
  if (places.length === 0) return;
  for (const place of places) history.deleted.add(place);
  await table.addDeletes([...new Set(places)]);
}

/** The model as a query over literals. */
function modelQuery({ columns, rows, deleted }: History): string {
  const live = rows.filter((row) => !deleted.has(row));
  const selects = live.map(({ values, columns: written }) => {
    const items = columns.map(({ id, name, type }) => {
      const stored = written.find((column) => column.id === id);
      const value =
        stored === undefined ? "NULL" : promoted(values.get(id) ?? "", stored.type, type);
      return `${stored === undefined ? promoted("NULL", type, type) : value} AS ${quoteIdentifier(name)}`;
    });
    return `SELECT ${items.join(", ")}`;
  });
  const none = columns.map(
    ({ name, type }) => `${promoted("NULL", type, type)} AS ${quoteIdentifier(name)}`,
  );
  return [`SELECT ${none.join(", ")} WHERE false`, ...selects].join(" UNION ALL ");
}

/** A filter on one column, at or beside a value that may be in it. */
function filterOf({ columns, rows }: History, seed: readonly number[]): string {
  const [pickColumn = 0, pickConstant = 0, pickOperator = 0] = seed;
  const { id, name, type } = columns[pickColumn % columns.length] ?? columnOf(1, "id", int(32));
  const column = quoteIdentifier(name);
  const stored = rows.flatMap(({ values, columns: written }) => {
    const own = written.find((candidate) => candidate.id === id);
    const value = values.get(id);
    return own === undefined || value === undefined ? [] : [promoted(value, own.type, type)];
  });
  const constants = [...stored, ...betweenLiterals(type)];
  const operator = ["=", "<>", "<", "<=", ">", ">=", "IS NULL"][pickOperator % 7] ?? "=";
  const constant = constants[pickConstant % constants.length];
  if (operator === "IS NULL" || constant === undefined || type.kind === "json") {
    return `${column} IS NOT NULL`;
  }
  return `${column} ${operator} ${constant}`;
}

async function answer(duckDb: DuckDb, from: string, filter: string): Promise<readonly string[]> {
  const rows = await duckDb.rows(
    `SELECT COLUMNS(*)::VARCHAR FROM ${from} WHERE ${filter} ORDER BY ALL`,
  );
  return rows.map((row) => JSON.stringify(row));
}

test("any history of schemas, files and deletes reads as the model of it", async () => {
  await withTable(async (_, duckDb) => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(fc.tuple(picks, picks, picks), { minLength: 3, maxLength: 6 }),
        (all, seeds) =>
          withFolder(async (folder) => {
            const table = await createTable(duckDb, folder);
            const history = await play(table, all);
            const view = table.relation(schemaWith(history.version, history.columns));
            await duckDb.run(`CREATE OR REPLACE TABLE model AS ${modelQuery(history)}`);
            for (const filter of ["true", ...seeds.map((seed) => filterOf(history, seed))]) {
              expect(await answer(duckDb, `(${view})`, filter), filter).toEqual(
                await answer(duckDb, "model", filter),
              );
            }
          }),
      ),
      { numRuns: 30 },
    );
  });
});
