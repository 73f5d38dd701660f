/** Scans become parts: rows, names and order, what is put aside, and what fails where. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { FieldTarget } from "../../../src/core/evolution/place-field.ts";
import { quoteText } from "../../../src/core/identifier.ts";
import type { CsvDialect, Scan, ScanFile } from "../../../src/core/scan.ts";
import { fileIdOf } from "../../../src/core/snapshot.ts";
import type { DataType, Field } from "../../../src/core/type.ts";
import { quarantineTableId, runId, tableId } from "../fixtures.ts";
import { comma } from "../scan/csv-scan.ts";
import { schemaOf, targetsOf, withBench } from "../scan/scan-bench.ts";
import { rejectionOf } from "../thrown.ts";

const text: DataType = { kind: "text" };
const bigint: DataType = { kind: "int", bits: 64, signed: true };
const field = (name: string, type: DataType): Field => ({ name, type, nullable: true });

const idAndNote = [field("id", bigint), field("note", text)];

function csv(
  files: readonly ScanFile[],
  more: Partial<Extract<Scan, { kind: "csv" }>> = {},
  dialect: Partial<CsvDialect> = {},
): Scan {
  const fields = more.fields ?? idAndNote;
  return {
    kind: "csv",
    files,
    fields,
    fileFields: fields,
    dialect: { ...comma, ...dialect },
    onBadRow: "error",
    rowsMax: null,
    ...more,
  };
}

test("a scan becomes a part with the table's columns, their ids, and the run's own", async () => {
  await withBench(async ({ file, stage, duckDb, filesystem }) => {
    const input = await file("in/a.csv", 'id,note\n1,"a ""quoted"", text"\n2,\n3,""\n');
    const staged = await stage(csv([input]));
    const [part] = staged.files;
    if (part === undefined) throw new Error("expected a part");
    expect(staged).toMatchObject({
      files: [
        {
          fileId: fileIdOf(7, 0),
          path: `runs/${runId}/${tableId}/7-all-0.parquet`,
          rows: 3,
          schemaVersion: 1,
          kind: "data",
          masks: [],
        },
      ],
      quarantineFiles: [],
      rows: 3,
      sizeBytes: part.sizeBytes,
      discarded: 0,
      quarantined: 0,
    });
    const path = quoteText(filesystem.absolute(part.path));
    const own = {
      _hakiri_file: "in/a.csv",
      _hakiri_run_id: runId,
      _hakiri_loaded_at: "2023-11-14 22:13:20.000001+00",
    };
    expect(await duckDb.rows(`SELECT * FROM read_parquet(${path})`)).toEqual([
      { id: "1", note: 'a "quoted", text', ...own },
      { id: "2", note: null, ...own },
      { id: "3", note: null, ...own },
    ]);
    const ids = await duckDb.rows(
      `SELECT name, field_id FROM parquet_schema(${path}) WHERE field_id IS NOT NULL`,
    );
    expect(ids.map((row) => Object.values(row))).toEqual([
      ["id", "1"],
      ["note", "2"],
      ["_hakiri_file", "2000000003"],
      ["_hakiri_run_id", "2000000001"],
      ["_hakiri_loaded_at", "2000000002"],
    ]);
    expect(await filesystem.list(`runs/${runId}/${tableId}`)).toEqual(["7-all-0.parquet"]);
  });
});

test("rows come in the order of files and lines, under the names of the files", async () => {
  await withBench(async ({ file, stage, rows }) => {
    const names = ["b.csv", "a [1]*?.csv", "year=2024/é.csv", "z'\".csv"];
    const files: ScanFile[] = [];
    for (const [index, name] of names.entries()) {
      files.push(await file(name, `id,note\n${index * 2},x\n${index * 2 + 1},y\n`));
    }
    const staged = await stage(csv(files));
    expect((await rows(staged.files)).map((row) => [row["id"], row["_hakiri_file"]])).toEqual(
      names.flatMap((name, index) => [
        [String(index * 2), name],
        [String(index * 2 + 1), name],
      ]),
    );
    // Names that aren't the ends of their paths, as of files outside of the project.
    const renamed = files.map((one, index) => ({ ...one, name: `../elsewhere/${index}` }));
    const other = await stage(csv(renamed));
    expect((await rows(other.files)).map((row) => row["_hakiri_file"])).toEqual(
      renamed.flatMap(({ name }) => [name, name]),
    );
  });
});

test("a scan without a row stages nothing", async () => {
  await withBench(async ({ file, stage, filesystem }) => {
    const input = await file("a.csv", "id,note\n");
    for (const isOrdered of [true, false]) {
      const staged = await stage(csv([input]), { isOrdered });
      expect(staged).toMatchObject({ files: [], rows: 0, sizeBytes: 0 });
    }
    expect(await filesystem.list(`runs/${runId}/${tableId}`)).toEqual([]);
  });
});

test("rows may come in several parts where order doesn't count, and none is lost", async () => {
  await withBench(async ({ file, stage, duckDb, filesystem }) => {
    const lines = Array.from({ length: 50_000 }, (_, id) => `${id},note ${id}`);
    const input = await file("a.csv", `id,note\n${lines.join("\n")}\n`);
    const staged = await stage(csv([input]), { isOrdered: false });
    const paths = staged.files.map(({ path }) => quoteText(filesystem.absolute(path)));
    const found = await duckDb.rows(
      "SELECT count(*)::INT AS n, count(DISTINCT id)::INT AS ids, sum(id)::BIGINT AS total " +
        `FROM read_parquet([${paths.join(", ")}])`,
    );
    expect(found).toEqual([{ n: 50_000, ids: 50_000, total: String((50_000 * 49_999) / 2) }]);
    expect(staged.rows).toBe(50_000);
    const names = staged.files.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
    expect(await filesystem.list(`runs/${runId}/${tableId}`)).toEqual(names.toSorted());
  });
});

test("only so many rows are read as are wanted, the first ones", async () => {
  await withBench(async ({ file, stage, rows }) => {
    const input = await file("a.csv", "id,note\n1,a\n2,b\n3,c\n");
    const staged = await stage(csv([input], { rowsMax: 2 }));
    expect((await rows(staged.files)).map(({ id }) => id)).toEqual(["1", "2"]);
    expect(await stage(csv([input], { rowsMax: 0 }))).toMatchObject({ files: [] });
  });
});

test("columns are picked by name, and names are what they are", async () => {
  await withBench(async ({ file, stage, rows }) => {
    const names = ["Id", "id", "select", 'a"b', "c'd", "e/f", "😀", "_hakiri_path", "p0", "file"];
    const fileFields = names.map((name) => field(name, text));
    const input = await file("a.csv", `x\n${names.map((_, index) => index).join(",")}\n`);
    const wanted = [5, 1, 0, 7].flatMap((index) => fileFields[index] ?? []);
    const staged = await stage(csv([input], { fields: wanted.slice(0, 2), fileFields }));
    expect(await rows(staged.files)).toEqual([{ "e/f": "5", id: "1", _hakiri_file: "a.csv" }]);
    // Id and id are two columns of a stream, but a table calls one of them otherwise.
    const columns = schemaOf(wanted).columns.map((one) => ({ ...one, name: `c${one.id}` }));
    const table = { tableId, schema: { ...schemaOf(wanted), columns } };
    const all = await stage(csv([input], { fields: wanted, fileFields }), { table });
    expect(await rows(all.files)).toEqual([
      { c1: "5", c2: "1", c3: "0", c4: "7", _hakiri_file: "a.csv" },
    ]);
  });
});

test("values are cast up to their column's type, into json as JSON", async () => {
  await withBench(async ({ file, stage, rows }) => {
    const input = await file("a.csv", "id,note\n1,x\n,\n");
    const json: DataType = { kind: "json" };
    const double: DataType = { kind: "float", bits: 64 };
    const table = { tableId, schema: schemaOf([field("id", double), field("note", json)]) };
    const targets: readonly FieldTarget[] = [
      { kind: "column", columnId: 1, cast: { from: bigint, to: double } },
      { kind: "column", columnId: 2, cast: { from: text, to: json } },
    ];
    const staged = await stage(csv([input]), { table, targets });
    expect(await rows(staged.files)).toEqual([
      { id: 1, note: '"x"', _hakiri_file: "a.csv" },
      { id: null, note: null, _hakiri_file: "a.csv" },
    ]);
  });
});

describe("CSV", () => {
  test.each<[string, string | Uint8Array, Partial<CsvDialect>, ScanFile["compression"]]>([
    ["line ends of Windows", "id,note\r\n1,a\r\n2,b\r\n", { newline: "\r\n" }, "none"],
    ["line ends of Windows that nobody told of", "id,note\r\n1,a\r\n2,b\r\n", {}, "none"],
    ["line ends of old Macs", "id,note\r1,a\r2,b\r", {}, "none"],
    ["no end of the last line", "id,note\n1,a\n2,b", {}, "none"],
    ["a byte order mark", "\ufeffid,note\n1,a\n2,b\n", {}, "none"],
    ["no header", "1,a\n2,b\n", { header: false }, "none"],
    [
      "lines before the header",
      "made by\nsomething\nid,note\n1,a\n2,b\n",
      { skipLines: 2 },
      "none",
    ],
    ["semicolons", "id;note\n1;a\n2;b\n", { delimiter: ";" }, "none"],
    ["two delimiters in a row for one", "id||note\n1||a\n2||b\n", { delimiter: "||" }, "none"],
    ["other quotes", "id,note\n'1','a'\n2,b\n", { quote: "'", escape: "'" }, "none"],
    ["gzip", gzipSync("id,note\n1,a\n2,b\n"), {}, "gzip"],
    ["zstd", zstdCompressSync("id,note\n1,a\n2,b\n"), {}, "zstd"],
    [
      "UTF-16",
      Buffer.concat([Buffer.from([255, 254]), Buffer.from("id,note\n1,a\n2,b\n", "utf16le")]),
      { encoding: "utf-16" },
      "none",
    ],
  ])("is read with %s", async (_, content, dialect, compression) => {
    await withBench(async ({ file, stage, rows }) => {
      const input = await file("a.csv", content, compression);
      const staged = await stage(csv([input], {}, dialect));
      expect((await rows(staged.files)).map(({ id, note }) => [id, note])).toEqual([
        ["1", "a"],
        ["2", "b"],
      ]);
    });
  });

  test("keeps line ends, quotes and blanks within quotes", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const input = await file("a.csv", 'id,note\n1,"a\nb"\n2," ""x"" "\n3, y \n4,"a\r\nb"\n');
      const staged = await stage(csv([input]));
      expect((await rows(staged.files)).map(({ note }) => note)).toEqual([
        "a\nb",
        ' "x" ',
        " y ",
        "a\r\nb",
      ]);
    });
  });

  test("has the missing values that it is told of", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const input = await file("a.csv", "id,note\nNA,NA\n,-\n1,null\n");
      const staged = await stage(csv([input], {}, { nullTexts: ["NA", "-"] }));
      expect((await rows(staged.files)).map(({ id, note }) => [id, note])).toEqual([
        [null, null],
        [null, null],
        ["1", "null"],
      ]);
    });
  });

  test("takes a row of many megabytes", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const long = "x".repeat(9_000_000);
      const input = await file("a.csv", `id,note\n1,${long}\n2,y\n`);
      const staged = await stage(csv([input]));
      expect((await rows(staged.files)).map(({ note }) => (note as string).length)).toEqual([
        9_000_000, 1,
      ]);
    });
  });
});

describe("a bad row", () => {
  test.each<[string, string, number, string]>([
    ["too few columns", "id,note\n1,a\n2\n3,c\n", 3, "Expected Number of Columns: 2 Found: 1"],
    ["too many columns", "id,note\n1,a\n2,b,c\n3,c\n", 3, "Expected Number of Columns: 2 Found: 3"],
    ["a quote without its end", 'id,note\n1,a\n2,"b\n3,c\n', 3, "unterminated quote"],
    ["a value of another type", "id,note\n1,a\n2,b\nx,c\n", 4, 'expected int64, got "x"'],
    ["a value that would be rounded", "id,note\n1,a\n2.5,b\n", 3, 'expected int64, got "2.5"'],
    ["a value after a line end in quotes", 'id,note\n1,"a\nb"\n007,b\n', 3, 'got "007"'],
  ])("with %s fails, naming file, record and what is wrong", async (_, content, line, reason) => {
    await withBench(async ({ file, stage, filesystem }) => {
      const good = await file("good.csv", "id,note\n0,z\n");
      const input = await file("dir/bad.csv", content);
      const error = await rejectionOf(stage(csv([good, input])));
      expect(error).toMatchObject({
        kind: "Permanent",
        code: "file.bad_row",
        where: { file: "dir/bad.csv", line },
      });
      expect(error.message).toContain(reason);
      expect(await filesystem.list(`runs/${runId}/${tableId}`)).toEqual([]);
    });
  });

  test("with bytes that are no text fails, and is put aside where that is wanted", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const bytes = Buffer.from("id,note\n1,a\n2,\u00ff\n3,c\n", "latin1");
      const input = await file("a.csv", bytes);
      const error = await rejectionOf(stage(csv([input])));
      expect(error).toMatchObject({ code: "file.bad_row", where: { file: "a.csv", line: 3 } });
      const staged = await stage(csv([input], { onBadRow: "quarantine" }));
      expect((await rows(staged.files)).map(({ id }) => id)).toEqual(["1", "3"]);
      expect(await rows(staged.quarantineFiles)).toMatchObject([{ file: "a.csv", line: "3" }]);
    });
  });

  test("goes into quarantine with its reason, record and number, the others into the table", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const content = 'id,note\n1,"a\nb"\n2\n3,c,d\n4,"x"\n5,"un\n';
      const bad = await file("bad.csv", content);
      const good = await file("good.csv", "id,note\n9,z\n");
      const staged = await stage(csv([bad, good], { onBadRow: "quarantine" }));
      expect((await rows(staged.files)).map(({ id }) => id)).toEqual(["1", "4", "9"]);
      expect([staged.rows, staged.quarantined, staged.discarded]).toEqual([3, 3, 0]);
      const [part] = staged.quarantineFiles;
      expect(part?.path).toMatch(new RegExp(`^runs/${runId}/${quarantineTableId}/7-all-`, "u"));
      const aside = await rows(staged.quarantineFiles);
      expect(aside.toSorted((a, b) => Number(a["line"]) - Number(b["line"]))).toMatchObject([
        { reason: "file.bad_row", file: "bad.csv", line: "3", column: null, record: "2" },
        { reason: "file.bad_row", file: "bad.csv", line: "4", column: null, record: "3,c,d" },
        { reason: "file.bad_row", file: "bad.csv", line: "6" },
      ]);
    });
  });

  test("with a bad value goes into quarantine, with the texts of all its columns", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const first = await file("1.csv", "id,note\n1,a\n2.5,b\n3,c\n");
      const second = await file("2.csv", "id,note\n4,d\n");
      const third = await file("3.csv", 'id,note\n007,"e ""f"""\n');
      const scan = csv([first, second, third], { onBadRow: "quarantine" });
      const staged = await stage(scan);
      expect((await rows(staged.files)).map(({ id }) => id)).toEqual(["1", "3", "4"]);
      expect(await rows(staged.quarantineFiles)).toEqual([
        {
          reason: "file.bad_row",
          detail: 'expected int64, got "2.5"',
          file: "1.csv",
          line: "3",
          column: "id",
          record: '{"id":"2.5","note":"b"}',
        },
        {
          reason: "file.bad_row",
          detail: 'expected int64, got "007"',
          file: "3.csv",
          line: "2",
          column: "id",
          record: JSON.stringify({ id: "007", note: 'e "f"' }),
        },
      ]);
    });
  });

  test("of either kind in one file: each row is somewhere, once", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const input = await file("a.csv", "id,note\n1,a\nx,b\n2\n3,c\ny,d\n");
      const staged = await stage(csv([input], { onBadRow: "quarantine" }));
      expect((await rows(staged.files)).map(({ id }) => id)).toEqual(["1", "3"]);
      const aside = await rows(staged.quarantineFiles);
      expect(new Set(aside.map(({ line, record }) => JSON.stringify([line, record])))).toEqual(
        new Set([
          JSON.stringify(["3", '{"id":"x","note":"b"}']),
          JSON.stringify(["6", '{"id":"y","note":"d"}']),
          JSON.stringify(["4", "2"]),
        ]),
      );
      expect(aside).toHaveLength(3);
    });
  });

  test("leaves no table of its own in the session", async () => {
    await withBench(async ({ file, stage, duckDb }) => {
      const input = await file("a.csv", "id,note\nx,b\n2\n");
      await stage(csv([input], { onBadRow: "quarantine" }));
      await rejectionOf(stage(csv([input])));
      expect(await duckDb.rows("SELECT table_name FROM duckdb_tables()")).toEqual([]);
    });
  });
});

describe("a contract", () => {
  const violation = { kind: "new_column", column: "note", newType: text } as const;
  const refusing = (kind: "discard_row" | "discard_value"): readonly FieldTarget[] => [
    ...targetsOf([field("id", bigint)]),
    { kind, columnId: null, keeps: null, violation },
  ];
  const table = { tableId, schema: schemaOf([field("id", bigint)]) };

  test("that refuses rows puts them into quarantine", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const input = await file("a.csv", "id,note\n1,\n2,x\n3,\n");
      const staged = await stage(csv([input]), { table, targets: refusing("discard_row") });
      expect(await rows(staged.files)).toEqual([
        { id: "1", _hakiri_file: "a.csv" },
        { id: "3", _hakiri_file: "a.csv" },
      ]);
      expect(await rows(staged.quarantineFiles)).toEqual([
        {
          reason: "schema.new_column",
          detail: "the contract lets no column be added, got text",
          file: "a.csv",
          line: null,
          column: "note",
          record: '{"id":2,"note":"x"}',
        },
      ]);
      expect([staged.rows, staged.quarantined, staged.discarded]).toEqual([2, 1, 0]);
    });
  });

  test("that drops values counts their rows, which stay", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const input = await file("a.csv", "id,note\n1,\n2,x\n3,y\n");
      const staged = await stage(csv([input]), { table, targets: refusing("discard_value") });
      expect((await rows(staged.files)).map(({ id }) => id)).toEqual(["1", "2", "3"]);
      expect([staged.rows, staged.quarantined, staged.discarded]).toEqual([3, 0, 2]);
    });
  });
});

describe("JSON", () => {
  const fields = [
    field("id", bigint),
    field("at", { kind: "timestamp", zoned: true }),
    field("tags", { kind: "list", item: text }),
    field("more", { kind: "struct", fields: [field("a", bigint)] }),
    field("any", { kind: "json" }),
  ];
  const objects = [
    { id: 1, at: "2024-01-01T10:00:00+02:00", tags: ["x", "y"], more: { a: 5 }, any: [1, "z"] },
    { id: 2, at: null, other: 5 },
  ];
  const expected = [
    {
      id: "1",
      at: "2024-01-01 08:00:00+00",
      tags: ["x", "y"],
      more: { a: "5" },
      any: '[1,"z"]',
      _hakiri_file: "a.json",
    },
    { id: "2", at: null, tags: null, more: null, any: null, _hakiri_file: "a.json" },
  ];
  const json = (files: readonly ScanFile[], shape: "array" | "lines" | "documents"): Scan => {
    const layout = { shape, pointer: "", keyColumn: null };
    return { kind: "json", files, fields, layout, onBadRow: "error", rowsMax: null };
  };

  test.each([
    ["array", JSON.stringify(objects, null, 2)],
    ["lines", objects.map((object) => JSON.stringify(object)).join("\n")],
    ["documents", objects.map((object) => JSON.stringify(object, null, 2)).join("\n")],
  ] as const)("as %s is read by the names of its members", async (shape, content) => {
    await withBench(async ({ file, stage, rows }) => {
      const input = await file("a.json", content);
      expect(await rows((await stage(json([input], shape))).files)).toEqual(expected);
      const packed = await file("b.json.gz", gzipSync(content), "gzip");
      const staged = await stage(json([{ ...packed, name: "a.json" }], shape));
      expect(await rows(staged.files)).toEqual(expected);
    });
  });

  test("keeps members apart that differ in case only, whatever is in their names", async () => {
    await withBench(async ({ file, stage, rows }) => {
      const row = { Id: 1, id: 2, "a/b~c": "x", 'd"e': true };
      const input = await file("a.json", JSON.stringify(row));
      const names = Object.keys(row);
      const types = [bigint, bigint, text, { kind: "bool" } as const];
      const own = names.map((name, index) => field(name, types[index] ?? text));
      const columns = schemaOf(own).columns.map((one) => ({ ...one, name: `c${one.id}` }));
      const table = { tableId, schema: { ...schemaOf(own), columns } };
      const staged = await stage(
        { ...json([input], "lines"), fields: own },
        { table, targets: targetsOf(own) },
      );
      expect(await rows(staged.files)).toEqual([
        { c1: "1", c2: "2", c3: "x", c4: true, _hakiri_file: "a.json" },
      ]);
    });
  });

  test("with a value of another type fails, naming file and record", async () => {
    await withBench(async ({ file, stage }) => {
      const input = await file("a.json", '{"id":1}\n{"id":2.5}\n');
      const error = await rejectionOf(stage(json([input], "lines")));
      expect(error).toMatchObject({ code: "file.bad_row", where: { file: "a.json", line: 2 } });
      expect(error.message).toContain("expected int64, got \"2.5\" in column 'id'");
    });
  });

  test("that is no JSON fails, naming file and record", async () => {
    await withBench(async ({ file, stage }) => {
      const input = await file("a.json", '{"id":1}\n{"id":\n');
      const error = await rejectionOf(stage(json([input], "lines")));
      expect(error).toMatchObject({ kind: "Permanent", code: "file.unreadable" });
      expect(error.message).toContain("'a.json'");
    });
  });
});

test("Parquet is read by the names and types of its columns, those that a file lacks are missing", async () => {
  await withBench(async ({ file, stage, rows, duckDb }) => {
    const input = await file("a.parquet", "");
    const other = await file("b.parquet", "");
    await duckDb.run(
      `COPY (SELECT 1::INTEGER AS id, 'x' AS note) TO ${quoteText(input.path)} (FORMAT parquet)`,
    );
    await duckDb.run(
      `COPY (SELECT 2::BIGINT AS id, TRUE AS more) TO ${quoteText(other.path)} (FORMAT parquet)`,
    );
    const fields = [...idAndNote, field("more", { kind: "bool" })];
    const files = [input, other];
    const common = { files, fields, fileFields: fields } as const;
    const scan: Scan = { kind: "parquet", ...common, onBadRow: "error", rowsMax: null };
    expect(await rows((await stage(scan)).files)).toEqual([
      { id: "1", note: "x", more: null, _hakiri_file: "a.parquet" },
      { id: "2", note: null, more: true, _hakiri_file: "b.parquet" },
    ]);
  });
});

test("a file that is gone is told as such", async () => {
  await withBench(async ({ file, stage }) => {
    const input = await file("a.csv", "id,note\n1,a\n");
    const gone = { ...input, path: `${input.path}.gone`, name: "a.csv.gone" };
    const error = await rejectionOf(stage(csv([gone])));
    expect(error).toMatchObject({ kind: "Permanent", code: "file.unreadable" });
  });
});
