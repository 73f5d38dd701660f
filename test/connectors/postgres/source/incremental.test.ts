/** Incremental reads of a real server: nothing lost, nothing doubled. */
import fc from "fast-check";
import pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { jsonRowsOf } from "../../../../src/columns/json-text.ts";
import { boundaryKeysMax } from "../../../../src/core/cursor.ts";
import type { OpenRequest, Source, StartCursor } from "../../../../src/core/ports/source.ts";
import {
  databaseForEach,
  readAll,
  requestOf,
  sourceOf,
  startOf,
  type ReadRows,
} from "./database.ts";
import { Follower } from "./follower.ts";
import { refusalOf } from "../wire/connect-to.ts";

const database = databaseForEach({ max_prepared_transactions: 4 });
const { sql } = database;

/** The ids of rows, in the order of delivery. */
const idsOf = ({ rows }: ReadRows): readonly number[] =>
  rows.map((row) => (JSON.parse(row) as { id: number }).id);

const sortedIdsOf = (read: ReadRows): readonly number[] => idsOf(read).toSorted((a, b) => a - b);

interface Step {
  /** Values of new rows, small so that many are alike. */
  readonly values: readonly number[];
  /** Whether the read is given up after this many batches, and gone on from there where it may. */
  readonly cutAfter: number | null;
}

const step: fc.Arbitrary<Step> = fc.record({
  values: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 12 }),
  cutAfter: fc.option(fc.integer({ min: 1, max: 3 })),
});

/** What the values are in the database, by type; each grows with its number. */
const kinds = {
  bigint: (value: number) => `${value}`,
  timestamptz: (value: number) => `'2026-01-01'::timestamptz + interval '${value} seconds'`,
  "numeric(12,3)": (value: number) => `${value} / 8.0`,
  date: (value: number) => `'2026-01-01'::date + ${value}`,
  text: (value: number) => `'v${value}'`,
  uuid: (value: number) => `'00000000-0000-7000-8000-00000000000${value}'::uuid`,
} as const;

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])("a cursor of %s", (type) => {
  test.each([
    ["with a key and an index", "id int primary key", true],
    ["with a key and no index", "id int primary key", false],
    ["without a key, and rows alike", "id int", true],
  ])(
    "%s delivers each row once, whatever comes between",
    async (_, id, isIndexed) => {
      const isAlike = id === "id int";
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
          await sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (${id}, at ${type} NOT NULL)`);
          if (isIndexed) await sql("CREATE INDEX ON t (at)");
          const source = sourceOf(database.server);
          const limits = { batchRowsMax: 2, batchBytesMax: 1_000_000, rowsMax: null };
          const follower = new Follower(source, { incremental: "at", limits });
          const delivered: string[] = [];
          const inserted: number[] = [];
          let newest = 0;
          try {
            for (const { values, cutAfter } of steps) {
              // Values never go below what was committed before: that is what a lag is for.
              const ids = values.map((value, index) => (isAlike ? value : inserted.length + index));
              const rows = values.map(
                (value, i) => `(${ids[i]}, ${kinds[type](newest + (value % 2))})`,
              );
              if (rows.length > 0) await sql(`INSERT INTO t VALUES ${rows.join(", ")}`);
              if (values.some((value) => value % 2 === 1)) newest = Math.min(9, newest + 1);
              inserted.push(...ids);
              if (cutAfter !== null)
                delivered.push(...(await cutRead(source, follower, { limits, cutAfter })));
              delivered.push(...(await follower.read()).rows);
            }
            const { rows } = await readAll(source, requestOf("t"));
            expect(delivered.toSorted()).toEqual(rows.toSorted());
          } finally {
            await source.close();
          }
        }),
        { numRuns: 8 },
      );
    },
    60_000,
  );
});

interface LateStep {
  readonly lag: number;
  /** How far from the newest value each new row is: below 0 it comes late. */
  readonly offsets: readonly number[];
  readonly cutAfter: number | null;
}

const lateStep: fc.Arbitrary<LateStep> = fc.record({
  lag: fc.constantFrom(0, 0, 3, 5, 10),
  offsets: fc.array(fc.integer({ min: -8, max: 3 }), { maxLength: 6 }),
  cutAfter: fc.option(fc.integer({ min: 1, max: 3 })),
});

describe.each([
  ["a key", "id int primary key"],
  ["no key", "id int"],
])("rows that come late to a table with %s", (_, id) => {
  test.each([true, false])(
    "come once, and all that are within each lag there was; by an index: %s",
    async (isIndexed) => {
      await fc.assert(
        fc.asyncProperty(fc.array(lateStep, { minLength: 2, maxLength: 6 }), async (steps) => {
          await sql(`DROP TABLE IF EXISTS t; CREATE TABLE t (${id}, at int NOT NULL)`);
          if (isIndexed) await sql("CREATE INDEX ON t (at)");
          const limits = { batchRowsMax: 2, batchBytesMax: 1_000_000, rowsMax: null };
          const delivered: number[] = [];
          const due: number[] = [];
          let start: StartCursor | null = null;
          let next = 0;
          let [newest, since] = [-Infinity, -Infinity];
          for (const { lag, offsets, cutAfter } of steps) {
            // What was delivered is known from `since` on, and of later rows no smaller one is due.
            const edge = Math.max(newest - lag, since);
            let largest = newest;
            for (const offset of offsets) {
              next += 1;
              const at = Math.max(0, newest) + offset;
              await sql(`INSERT INTO t VALUES (${next}, ${at})`);
              largest = Math.max(largest, at);
              if (at >= edge) due.push(next);
            }
            const source = sourceOf(database.server, { lag: String(lag) });
            const follower = new Follower(source, { incremental: "at", limits });
            follower.start = start;
            if (cutAfter !== null) {
              const kept = await cutRead(source, follower, { limits, cutAfter });
              delivered.push(...kept.map((row) => (JSON.parse(row) as { id: number }).id));
            }
            delivered.push(...idsOf(await follower.read()));
            start = follower.start;
            newest = largest;
            since = Math.max(newest - lag, since);
            await source.close();
          }
          expect(delivered.toSorted((a, b) => a - b)).toEqual(due);
        }),
        { numRuns: 12 },
      );
    },
    60_000,
  );
});

/** Reads a few batches and gives up; the rows that stay delivered. */
async function cutRead(
  source: Source,
  follower: Follower,
  { limits, cutAfter }: { readonly limits: OpenRequest["limits"]; readonly cutAfter: number },
): Promise<readonly string[]> {
  const request = requestOf("t", { incremental: "at", limits, cursor: follower.start });
  const reader = await source.open(request);
  const kept: string[] = [];
  const open: string[] = [];
  try {
    for (let batches = 0; batches < cutAfter; batches += 1) {
      const item = await reader.next();
      if (item.kind !== "records") break;
      const text = jsonRowsOf(item.batch, item.schema.fields);
      for (let row = 0; row < item.batch.rows; row += 1) open.push(text(row));
      if (item.cursor.resume !== "any") continue;
      kept.push(...open.splice(0));
      follower.start = startOf(item.cursor, follower.start);
    }
  } finally {
    await reader.close();
  }
  return kept;
}

describe("a read by a cursor", () => {
  test("goes by the index and can be resumed in the middle; without one only at its end", async () => {
    await sql("CREATE TABLE t (id int, at bigint NOT NULL)");
    await sql("INSERT INTO t SELECT i, i FROM generate_series(1, 10) i");
    const limits = { batchRowsMax: 3, batchBytesMax: 1_000_000, rowsMax: null };
    const resumes = async (): Promise<readonly string[]> => {
      const source = sourceOf(database.server);
      const follower = new Follower(source, { incremental: "at", limits });
      await sql("DELETE FROM t WHERE id > 10");
      await follower.read();
      await sql("INSERT INTO t SELECT i, i FROM generate_series(11, 20) i");
      const { items, rows } = await follower.read();
      await source.close();
      expect(rows).toHaveLength(10);
      return items.map(({ cursor }) => cursor.resume);
    };
    expect(new Set(await resumes())).toEqual(new Set(["none"]));
    await sql("CREATE INDEX ON t (at)");
    expect(new Set(await resumes())).toEqual(new Set(["any"]));
  });

  test("finds rows that were committed late within the lag, and only those", async () => {
    await sql("CREATE TABLE t (id int primary key, at timestamptz NOT NULL)");
    await sql("INSERT INTO t VALUES (1, '2026-01-01 10:00Z'), (2, '2026-01-01 11:00Z')");
    const source = sourceOf(database.server, { lag: "30m" });
    const follower = new Follower(source, { incremental: "at" });
    expect(idsOf(await follower.read())).toEqual([1, 2]);
    await sql("INSERT INTO t VALUES (3, '2026-01-01 10:29:59Z'), (4, '2026-01-01 10:30Z')");
    await sql("INSERT INTO t VALUES (5, '2026-01-01 11:00Z'), (6, '2026-01-01 11:10Z')");
    expect(sortedIdsOf(await follower.read())).toEqual([4, 5, 6]);
    expect(idsOf(await follower.read())).toEqual([]);
    await sql("INSERT INTO t VALUES (7, '2026-01-01 10:40Z'), (8, '2026-01-01 10:39:59Z')");
    expect(idsOf(await follower.read())).toEqual([7]);
    await source.close();
  });

  test("that found nothing new leaves the cursor as it was", async () => {
    await sql("CREATE TABLE t (id int primary key, at int NOT NULL)");
    await sql("INSERT INTO t VALUES (1, 5), (2, 5)");
    const source = sourceOf(database.server);
    const follower = new Follower(source, { incremental: "at" });
    await follower.read();
    const before = follower.start;
    const { end } = await follower.read();
    expect(end.cursor).toMatchObject({ resume: "any", boundaryLines: null });
    expect(end.cursor?.stored).toEqual(before?.stored);
    await source.close();
  });

  test("leaves out columns that it needs but nobody asked for", async () => {
    await sql("CREATE TABLE t (id int primary key, at int NOT NULL, note text)");
    await sql("INSERT INTO t VALUES (1, 5, 'a'), (2, 5, 'b')");
    const source = sourceOf(database.server);
    const follower = new Follower(source, { incremental: "at", columns: ["note"] });
    expect((await follower.read()).rows).toEqual(['{"note":"a"}', '{"note":"b"}']);
    await sql("INSERT INTO t VALUES (3, 5, 'c')");
    expect((await follower.read()).rows).toEqual(['{"note":"c"}']);
    await source.close();
  });

  test("keeps to a half open range, and takes no row of it away from later reads", async () => {
    await sql("CREATE TABLE t (id int primary key, at date NOT NULL)");
    await sql("INSERT INTO t SELECT i, '2026-01-01'::date + i FROM generate_series(0, 9) i");
    const source = sourceOf(database.server);
    const range = { from: "2026-01-03", to: "2026-01-05" };
    const read = await readAll(source, requestOf("t", { incremental: "at", range }));
    expect(idsOf(read)).toEqual([2, 3]);
    const wrong = requestOf("t", { incremental: "at", range: { from: "soon", to: null } });
    expect(await refusalOf(readAll(source, wrong))).toMatchObject({ code: "usage.invalid_range" });
    await source.close();
  });

  test.each([
    ["at", "bytea", "usage.no_cursor_column"],
    ["att", "int", "usage.no_cursor_column"],
  ])("by the column %s of type %s is %s", async (column, type, code) => {
    await sql(`CREATE TABLE t (id int primary key, at ${type})`);
    const source = sourceOf(database.server);
    const read = readAll(source, requestOf("t", { incremental: column }));
    expect(await refusalOf(read)).toMatchObject({ code });
    await source.close();
  });

  test("whose column is of another type now is refused", async () => {
    await sql("CREATE TABLE t (id int primary key, at text NOT NULL)");
    await sql("INSERT INTO t VALUES (1, 'x')");
    const source = sourceOf(database.server);
    const follower = new Follower(source, { incremental: "at" });
    await follower.read();
    await sql("ALTER TABLE t ALTER at TYPE int USING 1");
    await source.discover({ ...requestOf("t") });
    expect(await refusalOf(follower.read())).toMatchObject({
      kind: "SchemaIncompatible",
      code: "cursor.other_type",
    });
    await source.close();
  });
});

describe("rows that change or come where the last read ended", () => {
  test("and are merged by key are read again, though their value is the same", async () => {
    await sql("CREATE TABLE t (id int primary key, at date NOT NULL, note text)");
    await sql("INSERT INTO t VALUES (1, '2026-01-01', 'a'), (2, '2026-01-01', 'b')");
    const source = sourceOf(database.server);
    const follower = new Follower(source, { incremental: "at", isKeyed: true });
    await follower.read();
    await sql("UPDATE t SET note = 'changed' WHERE id = 1");
    expect(idsOf(await follower.read())).toEqual([1]);
    expect(idsOf(await follower.read())).toEqual([]);
    await source.close();
  });

  test.each([
    ["with a key", "id int primary key"],
    ["without one", "id int"],
  ])("are read once where the lag is another one than before, %s", async (_, id) => {
    await sql(`CREATE TABLE t (${id}, at int NOT NULL)`);
    await sql("INSERT INTO t SELECT i, i FROM generate_series(1, 100) i");
    let start: StartCursor | null = null;
    const read = async (lag: string): Promise<readonly number[]> => {
      const source = sourceOf(database.server, { lag });
      const answer = await readAll(source, requestOf("t", { incremental: "at", cursor: start }));
      start = startOf(answer.end.cursor, start);
      await source.close();
      return sortedIdsOf(answer);
    };
    await read("0");
    await sql("INSERT INTO t VALUES (101, 95), (102, 110)");
    expect(await read("20")).toEqual([102]);
    await sql("INSERT INTO t VALUES (103, 95), (104, 100), (105, 105)");
    expect(await read("50")).toEqual([104, 105]);
    await sql("INSERT INTO t VALUES (106, 140), (107, 101), (108, 99)");
    expect(await read("30")).toEqual([106, 107]);
    await sql("INSERT INTO t VALUES (109, 110), (110, 109)");
    expect(await read("100")).toEqual([109]);
    expect(await read("100")).toEqual([]);
  });

  test("without a key are known when their table has another column", async () => {
    await sql("CREATE TABLE t (id int, at int NOT NULL, j json)");
    await sql("INSERT INTO t VALUES (1, 5, 'null'), (2, 5, NULL)");
    const source = sourceOf(database.server);
    const follower = new Follower(source, { incremental: "at" });
    expect(idsOf(await follower.read())).toEqual([1, 2]);
    await sql("ALTER TABLE t ADD note text; INSERT INTO t VALUES (2, 5, 'null')");
    await source.discover(requestOf("t"));
    expect((await follower.read()).rows).toEqual(['{"id":2,"at":5,"j":null,"note":null}']);
    await source.close();
  });

  test("by another column than the cursor's are refused", async () => {
    await sql("CREATE TABLE t (id int primary key, made int NOT NULL, at int NOT NULL)");
    await sql("INSERT INTO t VALUES (1, 100, 5)");
    const source = sourceOf(database.server);
    const follower = new Follower(source, { incremental: "made" });
    await follower.read();
    const other = requestOf("t", { incremental: "at", cursor: follower.start });
    expect(await refusalOf(readAll(source, other))).toMatchObject({
      kind: "SchemaIncompatible",
      code: "cursor.other_column",
    });
    await source.close();
  });

  test("are all read where texts without a value come after them, wherever it is cut", async () => {
    await sql("CREATE TABLE t (id int, at text)");
    await sql("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL), (4, NULL)");
    for (const cutAfter of [1, 2, 3, 4]) {
      const source = sourceOf(database.server, { nullCursor: "include" });
      const limits = { batchRowsMax: 1, batchBytesMax: 1_000_000, rowsMax: null };
      const follower = new Follower(source, { incremental: "at", limits });
      const kept = await cutRead(source, follower, { limits, cutAfter });
      const rest = await follower.read();
      expect([...kept, ...rest.rows]).toHaveLength(4);
      expect(idsOf(await follower.read())).toEqual([]);
      await source.close();
    }
  });
});

describe("rows that no watermark passes", () => {
  beforeEach(async () => {
    await sql("CREATE TABLE t (id int primary key, at timestamptz)");
    await sql(
      "INSERT INTO t VALUES (1, '2026-01-01Z'), (2, NULL), (3, 'infinity'), (4, '2026-01-02Z')",
    );
  });

  test("are an error that says what to set", async () => {
    const source = sourceOf(database.server);
    const error = await refusalOf(readAll(source, requestOf("t", { incremental: "at" })));
    expect(error).toMatchObject({ code: "cursor.null_value", kind: "SchemaIncompatible" });
    expect(error.hint).toContain("null_cursor");
    await source.close();
  });

  test("are left out where they are excluded", async () => {
    const source = sourceOf(database.server, { nullCursor: "exclude" });
    const follower = new Follower(source, { incremental: "at" });
    expect(sortedIdsOf(await follower.read())).toEqual([1, 4]);
    expect(follower.start?.stored.value).toBe("2026-01-02T00:00:00Z");
    await source.close();
  });

  test.each([
    [false, []],
    [true, [2, 3]],
  ])(
    "come with the first read where they are included, and again by key: %s",
    async (isKeyed, again) => {
      const source = sourceOf(database.server, { nullCursor: "include" });
      const follower = new Follower(source, { incremental: "at", isKeyed });
      expect(sortedIdsOf(await follower.read())).toEqual([1, 2, 3, 4]);
      expect(follower.start?.stored.value).toBe("2026-01-02T00:00:00Z");
      expect(sortedIdsOf(await follower.read())).toEqual(again);
      await source.close();
    },
  );
});

describe("hold_back", () => {
  test("reads up to the oldest transaction that still runs, and the rest when it has ended", async () => {
    await sql("CREATE TABLE t (id int primary key, at timestamptz NOT NULL DEFAULT now())");
    await sql("INSERT INTO t VALUES (1)");
    const late = new pg.Client({ connectionString: database.server.url });
    await late.connect();
    await late.query("BEGIN; INSERT INTO t VALUES (2)");
    await sql("INSERT INTO t VALUES (3)");
    const source = sourceOf(database.server, { lateCommits: "hold_back" });
    const follower = new Follower(source, { incremental: "at" });
    expect(idsOf(await follower.read())).toEqual([1]);
    await late.query("COMMIT");
    await late.end();
    expect(sortedIdsOf(await follower.read())).toEqual([2, 3]);
    await source.close();
  });

  test("waits for prepared transactions, of which nobody knows when they began", async () => {
    await sql("CREATE TABLE t (id int primary key, at timestamptz NOT NULL DEFAULT now())");
    const late = new pg.Client({ connectionString: database.server.url });
    await late.connect();
    await late.query("BEGIN; INSERT INTO t VALUES (1)");
    await sql("INSERT INTO t VALUES (2)");
    await late.query("PREPARE TRANSACTION 'late'");
    await late.end();
    const source = sourceOf(database.server, { lateCommits: "hold_back" });
    const notices: string[] = [];
    const notice = (text: string): void => void notices.push(text);
    const follower = new Follower(source, { incremental: "at", notice });
    expect(idsOf(await follower.read())).toEqual([]);
    expect(notices.join()).toContain("prepared transaction");
    await sql("COMMIT PREPARED 'late'");
    expect(sortedIdsOf(await follower.read())).toEqual([1, 2]);
    await source.close();
  });

  test("is refused for a column that isn't of timestamps", async () => {
    await sql("CREATE TABLE t (id int primary key)");
    const source = sourceOf(database.server, { lateCommits: "hold_back" });
    const read = readAll(source, requestOf("t", { incremental: "id" }));
    expect(await refusalOf(read)).toMatchObject({ code: "usage.no_hold_back" });
    await source.close();
  });
});

describe("more rows with the newest value than can be remembered", () => {
  beforeEach(async () => {
    await sql("CREATE TABLE t (id int, at int NOT NULL)");
    await sql("INSERT INTO t VALUES (0, 1)");
    await sql(`INSERT INTO t SELECT i, 2 FROM generate_series(1, ${boundaryKeysMax + 1}) i`);
  }, 60_000);
  const limits = { batchRowsMax: 50_000, batchBytesMax: 8_000_000, rowsMax: null };

  test("wait for a larger one where nothing else would tell them apart", async () => {
    const source = sourceOf(database.server);
    const notices: string[] = [];
    const notice = (text: string): void => void notices.push(text);
    const follower = new Follower(source, { incremental: "at", limits, notice });
    expect(idsOf(await follower.read())).toEqual([0]);
    expect(notices.join()).toContain("once there is a larger one");
    await sql("INSERT INTO t VALUES (-1, 3)");
    expect((await follower.read()).rows).toHaveLength(boundaryKeysMax + 2);
    expect(idsOf(await follower.read())).toEqual([]);
    await source.close();
  }, 60_000);

  test("wait though rows of infinity come after them", async () => {
    await sql("CREATE TABLE o AS SELECT id, '2026-01-01'::date + at AS at FROM t; DROP TABLE t");
    await sql("ALTER TABLE o RENAME TO t; INSERT INTO t VALUES (-1, 'infinity')");
    const source = sourceOf(database.server, { nullCursor: "exclude" });
    const follower = new Follower(source, { incremental: "at", limits });
    expect(idsOf(await follower.read())).toEqual([0]);
    await source.close();
  }, 60_000);

  test("come again where rows of one key are one row", async () => {
    const source = sourceOf(database.server);
    const follower = new Follower(source, { incremental: "at", limits, isKeyed: true });
    expect((await follower.read()).rows).toHaveLength(boundaryKeysMax + 2);
    expect((await follower.read()).rows).toHaveLength(boundaryKeysMax + 1);
    await source.close();
  }, 60_000);
});
