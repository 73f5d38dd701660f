/** What shows late in a file: beyond the sample for its types, or beyond its beginning. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Source } from "../../../src/connector.ts";
import { rejectionOf } from "../../context/thrown.ts";
import { withFolder } from "../../context/temporary-folder.ts";
import { testSource } from "./file-table.ts";
import { StagingStore } from "./stage-files.ts";

interface Late {
  readonly folder: string;
  readonly store: StagingStore;
  readonly sourceOf: (settings: object) => Source;
}

async function withStore(use: (late: Late) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const store = await StagingStore.open(join(folder, "store"));
    try {
      const sourceOf = (settings: object): Source =>
        testSource({ project: folder, settings: { stream: "t", ...settings } });
      await use({ folder, store, sourceOf });
    } finally {
      store.close();
    }
  });
}

/** More rows than types are guessed from. */
const many = Array.from({ length: 25_000 }, (_, index) => String(100 + index));

test("a value that a guessed type doesn't hold makes the column wider, and nothing is rounded", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    const lines = many.map((v) => `${v},${v},${v},${v}`);
    const late = "1.5,007,9223372036854775808,1";
    await writeFile(join(folder, "a.csv"), ["a,b,c,d", ...lines, late, ""].join("\n"));
    const { schema, rows, scans } = await store.take(sourceOf({ path: "a.csv" }), "t");
    const types = schema?.columns.map((column) => column.type.kind);
    expect(types).toEqual(["float", "text", "decimal", "int"]);
    expect(rows).toHaveLength(many.length + 1);
    expect(rows.at(-1)).toMatchObject({ a: 1.5, b: "007", c: "9223372036854775808", d: "1" });
    expect(scans).toHaveLength(1);
  });
});

test("a value that a told type doesn't hold is an error with its record, or is put aside", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    await writeFile(join(folder, "a.csv"), ["v", ...many, "1.5", ""].join("\n"));
    const settings = { path: "a.csv", types: { v: "bigint" } };
    expect(await rejectionOf(store.take(sourceOf(settings), "t"))).toMatchObject({
      kind: "Permanent",
      code: "file.bad_row",
      where: { file: "a.csv", line: many.length + 2 },
    });
    const source = sourceOf({ ...settings, on_bad_row: "quarantine" });
    const { rows, quarantined } = await store.take(source, "t");
    expect(rows).toHaveLength(many.length);
    expect(quarantined).toMatchObject([{ file: "a.csv", column: "v" }]);
  });
});

test("a row of another length keeps its error, whatever its types", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    await writeFile(
      join(folder, "a.csv"),
      ["v,w", ...many.map((v) => `${v},x`), "1.5", ""].join("\n"),
    );
    const refused = await rejectionOf(store.take(sourceOf({ path: "a.csv" }), "t"));
    expect(refused).toMatchObject({ code: "file.bad_row", where: { line: many.length + 2 } });
  });
});

test("a JSON member that comes late is a column, and a late fraction no integer", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    const rows = many.map((v) => `{"v":${v}}`);
    await writeFile(join(folder, "a.json"), `[${rows.join(",")},{"v":1.5,"late":"x"}]`);
    const staged = await store.take(sourceOf({ path: "a.json" }), "t");
    expect(staged.schema?.columns.map(({ name, type }) => [name, type.kind])).toEqual([
      ["v", "float"],
      ["late", "text"],
    ]);
    expect(staged.rows.at(-1)).toMatchObject({ v: 1.5, late: "x" });
  });
});

test("line ends that change beyond the beginning are read too", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    const [early, late] = [many, many.map((v) => `-${v}`)];
    const text = `v\n${early.join("\n")}\n${late.join("\r\n")}\r\n`;
    await writeFile(join(folder, "a.csv"), text);
    const { rows } = await store.take(sourceOf({ path: "a.csv" }), "t");
    expect(rows.map((row) => row["v"])).toEqual([...early, ...late]);
    await writeFile(join(folder, "a.csv.gz"), gzipSync(text));
    const zipped = await store.take(sourceOf({ path: "a.csv.gz" }), "t");
    expect(zipped.rows).toHaveLength(rows.length);
    expect(zipped.rows[0]?.["_hakiri_file"]).toBe("a.csv.gz");
  });
});

test("a header and a row longer than the first look are read", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    const names = Array.from(
      { length: 1500 },
      (_, index) => `column_with_a_long_name_${"x".repeat(40)}_${index}`,
    );
    const text = `${names.join(",")}\n${names.map((_, index) => index).join(",")}\n`;
    expect(text.length).toBeGreaterThan(64 * 1024);
    await writeFile(join(folder, "wide.csv"), text);
    // Told, so that what is tested is the first look.
    const types = Object.fromEntries(names.map((name) => [name, "bigint"]));
    const wide = await store.take(sourceOf({ path: "wide.csv", types }), "t");
    expect(wide.schema?.columns).toHaveLength(names.length);
    await writeFile(join(folder, "long.csv"), `id,n\n1,${"x".repeat(3_000_000)}\n`);
    const { rows } = await store.take(sourceOf({ path: "long.csv" }), "t");
    expect(rows[0]?.["n"]).toHaveLength(3_000_000);
  });
});

test("UTF-16 is read through a copy, whatever falls on the end of a piece", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    const words = ["é", "漢字", "😀", 'a "b"', "x\ny"];
    const values = Array.from(
      { length: 100_000 },
      (_, index) => `${words[index % words.length] ?? ""}${index}`,
    );
    const text = `\ufeffn\r\n${values.map((value) => `"${value.replaceAll('"', '""')}"`).join("\r\n")}\r\n`;
    const bytes = Buffer.from(text, "utf16le");
    expect(bytes.length).toBeGreaterThan(1024 * 1024);
    await writeFile(join(folder, "a.csv"), bytes);
    const { rows } = await store.take(sourceOf({ path: "a.csv" }), "t");
    expect(rows.map((row) => row["n"])).toEqual(values);
    expect(rows[0]?.["_hakiri_file"]).toBe("a.csv");
    // What was copied is gone with the reader.
    expect(await readdir(join(folder, ".scratch"))).toEqual([]);
  });
});

test("a limit is kept, over several files too", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    await writeFile(join(folder, "a.csv"), ["v", ...many, ""].join("\n"));
    await writeFile(join(folder, "b.csv"), ["v", ...many, ""].join("\n"));
    const { rows } = await store.take(sourceOf({ glob: "*.csv" }), "t", 10);
    expect(rows.map((row) => row["v"])).toEqual(many.slice(0, 10));
    const document = `{"rows": [${many.join(",")}]}`;
    await writeFile(join(folder, "a.json"), document);
    const settings = { path: "a.json", pointer: "/rows" };
    expect((await store.take(sourceOf(settings), "t", 5)).rows).toHaveLength(5);
  });
});

test("files of the same columns are one scan, whatever else their footers say", async () => {
  await withStore(async ({ folder, store, sourceOf }) => {
    for (const [name, query] of [
      ["a", "SELECT range AS id, 'x' AS n FROM range(10)"],
      ["b", "SELECT range + 1000000 AS id, NULL::VARCHAR AS n FROM range(100000)"],
      ["c", "SELECT range::INTEGER AS id, 'x' AS n FROM range(3)"],
    ] as const) {
      await store.writeParquet(query, join(folder, `${name}.parquet`));
    }
    const { scans, rows, schema } = await store.take(sourceOf({ glob: "*.parquet" }), "t");
    expect(scans.map(({ files }) => files.map(({ name }) => name))).toEqual([
      ["a.parquet", "b.parquet"],
      ["c.parquet"],
    ]);
    expect(rows).toHaveLength(100_013);
    expect(schema?.columns.map(({ type }) => type.kind)).toEqual(["int", "text"]);
  });
});
