/** Cursors of a database on the command line, and columns that change between runs. */
import { describe, expect, test } from "vitest";
import { databaseOfTests, errorOf } from "./database-project.ts";

const { project, url, sql, rows } = databaseOfTests();

const run = (...args: readonly string[]) => project().document(0, "run", "postgres", ...args);
const refusedRun = (exitCode: number, ...args: readonly string[]) =>
  errorOf(project(), exitCode, "run", "postgres", ...args);
const ids = () => rows("select string_agg(id, ' ' order by id) as ids from t");

const stateOf = async (): Promise<unknown> => {
  const { cursors } = (await project().document(0, "state", "show", "postgres")) as {
    cursors: { cursor: { value: string } }[];
  };
  return cursors.map(({ cursor }) => cursor.value);
};

describe("an incremental ingest", () => {
  test("with a key merges what has changed, from where the cursor stands", async () => {
    await sql("CREATE TABLE t (id int PRIMARY KEY, at timestamptz, v text)");
    await sql(
      "INSERT INTO t SELECT g, '2026-01-01Z'::timestamptz + g * interval '1 day', 'a' FROM generate_series(1, 5) AS g",
    );
    const ingest = () => project().document(0, "ingest", url("table=t"), "--incremental", "at");
    expect(await ingest()).toMatchObject({ tables: [{ rows: 5, inserted: 5 }] });
    expect(await ingest()).toMatchObject({ snapshot_id: null });
    await sql("UPDATE t SET v = 'b', at = '2026-02-01Z' WHERE id = 2");
    await sql("INSERT INTO t VALUES (6, '2026-02-02Z', 'a')");
    expect(await ingest()).toMatchObject({ tables: [{ inserted: 1, updated: 1, deleted: 0 }] });
    expect(await stateOf()).toEqual(["2026-02-02T00:00:00Z"]);
    expect(await rows("select id, v from t where v = 'b'")).toEqual([{ id: 2, v: "b" }]);

    await sql("UPDATE t SET v = 'c' WHERE id <= 3");
    expect(await run("--from", "2026-01-02", "--to", "2026-01-03")).toMatchObject({
      tables: [{ rows: 1, updated: 1 }],
    });
    expect(await stateOf()).toEqual(["2026-02-02T00:00:00Z"]);
    expect(await refusedRun(2, "--from", "yesterday")).toMatchObject({
      code: "usage.invalid_range",
    });

    await project().document(0, "state", "set", "postgres", "t", "--value", "2026-01-03T00:00:00Z");
    expect(await run("--limit", "1")).toMatchObject({ tables: [{ rows: 1 }] });
    expect(await stateOf()).toEqual(["2026-01-03T00:00:00Z"]);
    expect(await run()).toMatchObject({ tables: [{ rows: 5, inserted: 0 }] });
    await project().document(0, "state", "rewind", "postgres", "--stream", "t");
    expect(await run()).toMatchObject({ tables: [{ rows: 6, inserted: 0 }] });
    await sql("DELETE FROM t WHERE id = 1");
    await run("--full-refresh");
    expect(await ids()).toEqual([{ ids: "2 3 4 5 6" }]);
    expect(await run()).toMatchObject({ snapshot_id: null });
  });

  test("without a key appends, and takes no row at the edge twice", async () => {
    await sql("CREATE TABLE t (id int, note text); INSERT INTO t VALUES (1, 'a'), (2, 'a')");
    const line = ["ingest", url("table=t"), "--incremental", "id", "--mode", "append"];
    await project().document(0, ...line);
    await sql("INSERT INTO t VALUES (2, 'a'), (2, 'b'), (3, 'a')");
    expect(await project().document(0, ...line)).toMatchObject({ tables: [{ rows: 3 }] });
    expect(await ids()).toEqual([{ ids: "1 2 2 2 3" }]);
    expect(await refusedRun(2, "--from", "1", "--to", "3")).toMatchObject({
      code: expect.stringMatching(/^usage\./u) as string,
    });
    expect(await project().document(0, "plan", "postgres")).toMatchObject({
      streams: [{ stream: "t", disposition: "append", start: { column: "id", value: "3" } }],
    });
  });

  test("takes a key of the user's, and refuses what can't be done in one clear error each", async () => {
    await sql("CREATE TABLE t (id int, n int, b bool); INSERT INTO t VALUES (1, 1, true)");
    const ingest = (...more: readonly string[]) => ["ingest", url("table=t"), ...more];
    for (const [line, code] of [
      [ingest("--mode", "merge"), "usage.key_needed"],
      [ingest("--incremental", "nn"), "usage.unknown_column"],
      [ingest("--incremental", "b"), "usage.no_cursor_column"],
      [ingest("--primary-key", "idd"), "usage.unknown_column"],
      [ingest("--incremental", "n", "--set", "lag=10m"), "usage.invalid_lag"],
    ] as const) {
      expect(await errorOf(project(), 2, ...line)).toMatchObject({ kind: "Permanent", code });
    }
    await project().document(
      0,
      ...ingest("--incremental", "n", "--primary-key", "id", "--set", "lag=0"),
    );
    await sql("UPDATE t SET n = 2");
    expect(await run()).toMatchObject({ tables: [{ updated: 1, inserted: 0 }] });
    await sql("INSERT INTO t VALUES (2, NULL)");
    expect(await refusedRun(4)).toMatchObject({ code: "cursor.null_value" });
    await sql("UPDATE t SET n = 5, id = NULL WHERE n IS NULL");
    expect(await refusedRun(4)).toMatchObject({ kind: "SchemaIncompatible" });
    expect(await ids()).toEqual([{ ids: "1" }]);
  });
});

describe("between two runs", () => {
  const begin = async (...more: readonly string[]): Promise<void> => {
    await sql("CREATE TABLE t (id int PRIMARY KEY, n int, v numeric(6,2))");
    await sql("INSERT INTO t VALUES (1, 1, 1.5), (2, 2, 2.5)");
    await project().document(0, "ingest", url("table=t"), "--incremental", "id", ...more);
  };

  test("columns may come, go and widen, and no row is lost", async () => {
    await begin();
    await sql("ALTER TABLE t ADD note text; INSERT INTO t VALUES (3, 3, 3.5, 'new')");
    await run();
    await sql("ALTER TABLE t DROP note; ALTER TABLE t ALTER n TYPE bigint");
    await sql("INSERT INTO t VALUES (4, 5000000000, 4.5)");
    expect(await project().document(0, "plan", "postgres")).toMatchObject({
      streams: [
        {
          schema_changes: [{ change: "promoted_type", column: "n", from: "int32", to: "int64" }],
        },
      ],
    });
    await run();
    await sql("ALTER TABLE t ALTER n TYPE numeric(30,4), ALTER v TYPE numeric(20,5)");
    await sql("INSERT INTO t VALUES (5, 5.1234, 5.00001)");
    await run();
    await sql("ALTER TABLE t ALTER n TYPE int USING 7, ALTER id TYPE bigint");
    await sql("INSERT INTO t VALUES (6000000000, 7, 6)");
    await run();
    expect(await rows("select id, n, v, note from t order by id")).toEqual([
      { id: "1", n: "1.0000", v: "1.50000", note: null },
      { id: "2", n: "2.0000", v: "2.50000", note: null },
      // The newest row of a run is read again by the next one where it has changed, as here.
      { id: "3", n: "3.0000", v: "3.50000", note: null },
      { id: "4", n: "5000000000.0000", v: "4.50000", note: null },
      { id: "5", n: "7.0000", v: "5.00001", note: null },
      { id: "6000000000", n: "7.0000", v: "6.00000", note: null },
    ]);
  });

  test("an integer that becomes text is refused, with the column, types, a value and its key", async () => {
    await begin();
    await sql("ALTER TABLE t ALTER n TYPE text; INSERT INTO t VALUES (3, 'three', 3)");
    expect(await refusedRun(4)).toMatchObject({
      kind: "SchemaIncompatible",
      code: "schema.incompatible_type",
      message: expect.stringContaining("expected int32 in 'n' of t, got text") as string,
      evidence: {
        column: "n",
        old_type: "int32",
        new_type: "text",
        example: `"three"`,
        primary_key: "3",
      },
    });
    expect(await ids()).toEqual([{ ids: "1 2" }]);
    await sql("ALTER TABLE t ALTER n TYPE int USING 3");
    await run();
    expect(await ids()).toEqual([{ ids: "1 2 3" }]);
  });

  test("a contract discards such values, or their rows", async () => {
    await begin("--set", "contract.data_type=discard_value");
    await sql("ALTER TABLE t ALTER n TYPE text; INSERT INTO t VALUES (3, 'three', 3), (4, '4', 4)");
    expect(await run()).toMatchObject({ tables: [{ table: "t", inserted: 2, discarded: 1 }] });
    expect(await rows("select id, n from t where id > 2 order by id")).toEqual([
      { id: 3, n: null },
      { id: 4, n: 4 },
    ]);
    await sql("INSERT INTO t VALUES (5, 'five', 5), (6, '6', 6)");
    await project().document(
      0,
      "ingest",
      url("table=t"),
      "--set",
      "contract.data_type=discard_row",
    );
    expect(await ids()).toEqual([{ ids: "1 2 3 4 6" }]);
  });

  test("a NaN that no decimal holds stops the run, and numeric = text takes it", async () => {
    await begin();
    await sql("INSERT INTO t VALUES (3, 3, 'NaN')");
    const error = await refusedRun(4);
    expect(error).toMatchObject({
      kind: "SchemaIncompatible",
      code: "value.not_a_decimal",
      hint: expect.stringContaining('numeric = "text"') as string,
      evidence: { column: "v", value: "NaN" },
    });
    const again = ["ingest", url("table=t"), "--set", "numeric=text", "--namespace", "texts"];
    await project().document(0, ...again);
    expect(await rows("select v from texts.t where id = 3")).toEqual([{ v: "NaN" }]);
  });

  test("a table or its cursor's column that is gone is one clear error, and nothing is lost", async () => {
    await begin();
    await sql("ALTER TABLE t DROP id");
    expect(await refusedRun(2)).toMatchObject({ code: "usage.unknown_column" });
    await sql("DROP TABLE t");
    expect(await refusedRun(2)).toMatchObject({ code: "usage.unknown_stream" });
    expect(await ids()).toEqual([{ ids: "1 2" }]);
    await sql("CREATE TABLE t (id text, n int); INSERT INTO t VALUES ('x', 1)");
    expect(await refusedRun(4)).toMatchObject({ kind: "SchemaIncompatible" });
    expect(await ids()).toEqual([{ ids: "1 2" }]);
  });
});
