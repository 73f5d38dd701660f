/** The source of files as a whole: discovery, streams, and what is refused. */
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { fileStreamName } from "../../../src/config/file-stream-name.ts";
import { rejectionOf, thrownBy } from "../../context/thrown.ts";
import { withFolder } from "../../context/temporary-folder.ts";
import { FileTable, requestOf, testSource } from "./file-table.ts";
import { PlainScanner } from "./plain-scanner.ts";

const context = { scanner: new PlainScanner(), signal: new AbortController().signal };

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

test("a stream is described by some of its files, its columns by all of those", async () => {
  await withFolder(async (folder) => {
    const files = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => {
        const header = index === 0 ? "id,n" : "id,n,late";
        return [
          `${String(index).padStart(3, "0")}.csv`,
          `${header}\n1,a${index === 0 ? "" : ",x"}\n`,
        ];
      }),
    );
    await writeAll(folder, { ...files, "zzz.csv": "" });
    const scanner = new PlainScanner();
    const [stream, ...rest] = await testSource({ project: folder }).discover({
      ...context,
      scanner,
    });
    expect(rest).toEqual([]);
    expect(stream).toMatchObject({
      stream: "t",
      namespace: null,
      disposition: "append",
      hasFiles: true,
      cursorColumns: [],
    });
    expect(stream?.schema).toEqual({
      fields: ["id", "n", "late"].map((name) => ({ name, type: { kind: "text" }, nullable: true })),
      primaryKey: [],
    });
    expect(stream?.comment).toBe(
      '101 files, 1593 bytes; CSV with a header, delimiter ",", quote ", utf-8; 1 without rows',
    );
    // Two headers, however many files.
    expect(scanner.questions).toBe(2);
  });
});

test("a stream is named after its files where nobody names it", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "data/orders-1.csv": "id\n1\n", "data/orders-2.csv": "id\n2\n" });
    const named = async (settings: object): Promise<readonly string[]> => {
      const source = testSource({ project: folder, settings, streamName: fileStreamName });
      return (await source.discover(context)).map(({ stream }) => stream);
    };
    expect(await named({ path: "data/orders-1.csv" })).toEqual(["orders_1"]);
    expect(await named({ glob: "data/orders-*.csv" })).toEqual(["orders"]);
    expect(await named({ glob: "data/*.csv" })).toEqual(["data"]);
    expect(await named({ glob: "data/*.csv", stream: "mine" })).toEqual(["mine"]);
    expect(await named({ glob: "data/*.csv", stream_per_file: true })).toEqual([
      "orders_1",
      "orders_2",
    ]);
  });
});

test("a stream for each file is named by its folders too, and has a cursor of its own", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "d/x.csv": "id,n\n1,a\n", "d/a/x.csv": "id,n\n2,b\n" });
    const settings = { glob: "d/**/*.csv", stream_per_file: true };
    const source = testSource({ project: folder, settings, streamName: fileStreamName });
    const streams = await source.discover(context);
    expect(streams.map(({ stream }) => stream)).toEqual(["a_x", "x"]);
    const reader = await source.open(requestOf({ stream: "a_x" }));
    const item = await reader.next();
    if (item.kind !== "scan") throw new Error("expected a scan");
    expect(item.scan.files.map(({ name }) => name)).toEqual(["d/a/x.csv"]);
    const cursor = await reader.verifyScan?.(item.scan);
    expect(cursor?.stored).toMatchObject({ stream: "a_x", boundary: { count: 1 } });
    await reader.close();
    await writeAll(folder, { "d/a_x.csv": "id,n\n3,c\n" });
    expect(await rejectionOf(source.discover(context))).toMatchObject({
      code: "usage.same_stream",
    });
  });
});

test("a pattern that matches nothing names itself in full and what is near", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "data/orders-1.csv": "id\n1\n" });
    const refused = async (settings: object): Promise<unknown> =>
      rejectionOf(testSource({ project: folder, settings }).discover(context));
    expect(await refused({ glob: "data/orders-*.cvs" })).toMatchObject({
      code: "usage.no_match",
      message: `expected files at '${folder}/data/orders-*.cvs', got none`,
      hint: "change the pattern: beside it there is 'orders-1.csv'",
    });
    expect(await refused({ path: "data/order-1.csv" })).toMatchObject({
      code: "usage.missing_file",
      hint: `did you mean '${folder}/data/orders-1.csv'?`,
    });
    expect(await refused({ glob: "date/*.csv" })).toMatchObject({ code: "usage.missing_folder" });
  });
});

test("a file that is named anew and isn't there is a mistake, also after a first run", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "a.csv": "id,n\n1,a\n" });
    const table = new FileTable();
    await table.run(testSource({ project: folder, settings: { path: "a.csv", stream: "t" } }));
    const settings = { path: ["a.csv", "b.csv"], stream: "t" };
    const refused = await rejectionOf(table.run(testSource({ project: folder, settings })));
    expect(refused).toMatchObject({ code: "usage.missing_file" });
  });
});

test("a stream that there isn't names the nearest one", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "a.csv": "id\n1\n" });
    const source = testSource({ project: folder, settings: { path: "a.csv", stream: "orders" } });
    expect(await rejectionOf(source.open(requestOf({ stream: "order" })))).toMatchObject({
      code: "usage.unknown_stream",
      hint: "did you mean 'orders'?",
    });
  });
});

test("an incremental column and a range are refused, since files have neither", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "a.csv": "id\n1\n" });
    const source = testSource({ project: folder });
    for (const rest of [{ incremental: "id" }, { range: { from: "1", to: null } }]) {
      const refused = await rejectionOf(source.open(requestOf(rest)));
      expect(refused).toMatchObject({ code: "usage.no_cursor_column" });
    }
  });
});

test("a cursor of another connector, or with lines that are none, is damaged", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "a.csv": "id,n\n1,a\n" });
    await utimes(join(folder, "a.csv"), new Date(1e12), new Date(1e12));
    const source = testSource({ project: folder });
    const table = new FileTable();
    await table.run(source);
    const { cursor } = table;
    if (cursor === null) throw new Error("expected a cursor");
    const { stored } = cursor;
    for (const other of [
      { ...cursor, stored: { ...stored, connector: "postgres" } },
      { ...cursor, stored: { ...stored, type: "int8" } },
      { ...cursor, boundaryLines: [] },
      { ...cursor, boundaryLines: ["what is this"] },
      { ...cursor, boundaryLines: ["null"] },
      { ...cursor, boundaryLines: ['{"name":"a.csv","sha256":"00","size":1}'] },
      {
        ...cursor,
        boundaryLines: [cursor.boundaryLines[0]?.replace('"size":9', '"size":-1') ?? ""],
      },
      { ...cursor, boundaryLines: [cursor.boundaryLines[0]?.replace(/"mtime":"\d+",/u, "") ?? ""] },
    ]) {
      const opened = source.open(requestOf({ cursor: other })).then((reader) => reader.next());
      expect(await rejectionOf(opened)).toMatchObject({ code: "cursor.damaged" });
    }
  });
});

test("settings are read when the source is made", () => {
  const refused = thrownBy(() => testSource({ project: "/", settings: { glob: "*", colour: 1 } }));
  expect(refused.code).toBe("usage.unknown_key");
});

test("a source is closed at any time", async () => {
  await withFolder(async (folder) => {
    const source = testSource({ project: folder });
    await source.close();
    await source.close();
  });
});
