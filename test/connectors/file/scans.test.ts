/** How files are put together into scans. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  scanBounds,
  scansTarget,
  smallScan,
  type ScanBounds,
} from "../../../connectors/file/scan-bounds.ts";
import type { Scan } from "../../../src/connector.ts";
import { withFolder } from "../../context/temporary-folder.ts";
import { FileTable, requestOf, testSource, type TestOptions } from "./file-table.ts";
import { PlainScanner } from "./plain-scanner.ts";

/** The scans of a whole read. */
async function scansOf(
  options: TestOptions,
  columns: readonly string[] | null = null,
): Promise<readonly Scan[]> {
  const scans: Scan[] = [];
  const reader = await testSource(options).open(requestOf({ columns }));
  for (;;) {
    const item = await reader.next();
    if (item.kind !== "scan") break;
    scans.push(item.scan);
    await reader.verifyScan?.(item.scan);
  }
  await reader.close();
  return scans;
}

async function namesByScan(
  folder: string,
  bounds: ScanBounds,
): Promise<readonly (readonly string[])[]> {
  const scans = await scansOf({ project: folder, bounds });
  return scans.map(({ files }) => files.map(({ name }) => name));
}

const ample: ScanBounds = { filesMax: 100, bytesMax: 1e9 };

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

test("10,000 small files are a handful of scans, and 10,000 more nothing but the new ones", async () => {
  await withFolder(async (folder) => {
    const names = Array.from(
      { length: 10_000 },
      (_, index) => `${String(index).padStart(5, "0")}.csv`,
    );
    await Promise.all(
      names.map((name, index) => writeFile(join(folder, name), `id,n\n${index},x\n`)),
    );
    const source = testSource({ project: folder });
    const table = new FileTable();
    await table.run(source);
    expect(table.scans).toBe(3);
    expect(table.rows).toHaveLength(10_000);
    expect(table.read).toEqual(names);
    expect(table.cursor?.stored.boundary?.count).toBe(10_000);
    await writeFile(join(folder, "new.csv"), "id,n\n1,y\n");
    await table.run(source);
    expect(table.read).toEqual(["new.csv"]);
  });
});

test("files of a scan follow one another and have the same header", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, {
      "a.csv": "id,n\n1,x\n",
      "b.csv": "id,n\r\n2,y\r\n",
      "c.csv": "n,id\nz,3\n",
      "d.csv": "id;n\n4;w\n",
      "e.csv": "id,n\n5,v\n",
      "f.csv": '"id","n"\n6,u\n',
    });
    expect(await namesByScan(folder, ample)).toEqual([
      ["a.csv", "b.csv"],
      ["c.csv"],
      ["d.csv"],
      ["e.csv", "f.csv"],
    ]);
    const scans = await scansOf({ project: folder });
    const names = scans.map(
      (scan) => scan.kind === "csv" && scan.fileFields.map(({ name }) => name),
    );
    expect(names).toEqual([
      ["id", "n"],
      ["n", "id"],
      ["id", "n"],
      ["id", "n"],
    ]);
  });
});

test("a scan takes as many files and bytes as its bounds say, and a larger file alone", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, {
      "a.csv": "id,n\n1,x\n",
      "b.csv": "id,n\n2,x\n",
      "c.csv": "id,n\n3,x\n",
      "d.csv": `id,n\n${"4,x\n".repeat(10)}`,
      "e.csv": "id,n\n5,x\n",
    });
    expect(await namesByScan(folder, { filesMax: 2, bytesMax: 1e9 })).toEqual([
      ["a.csv", "b.csv"],
      ["c.csv", "d.csv"],
      ["e.csv"],
    ]);
    expect(await namesByScan(folder, { filesMax: 100, bytesMax: 27 })).toEqual([
      ["a.csv", "b.csv", "c.csv"],
      ["d.csv"],
      ["e.csv"],
    ]);
    expect(await namesByScan(folder, { filesMax: 100, bytesMax: 26 })).toEqual([
      ["a.csv", "b.csv"],
      ["c.csv"],
      ["d.csv"],
      ["e.csv"],
    ]);
  });
});

test("the largest reads are divided into a bounded number of scans", () => {
  expect(scanBounds(10, 10)).toEqual(smallScan);
  const bounds = scanBounds(1_000_000, 1e15);
  expect(Math.ceil(1_000_000 / bounds.filesMax)).toBeLessThanOrEqual(scansTarget);
  expect(Math.ceil(1e15 / bounds.bytesMax)).toBeLessThanOrEqual(scansTarget);
});

test("columns that aren't wanted are read past, not written", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "a.csv": "id,n,x\n1,a,b\n" });
    const [scan] = await scansOf({ project: folder }, ["x", "id"]);
    if (scan?.kind !== "csv") throw new Error("expected a CSV scan");
    expect(scan.fields.map(({ name }) => name)).toEqual(["id", "x"]);
    expect(scan.fileFields.map(({ name }) => name)).toEqual(["id", "n", "x"]);
  });
});

test("types are asked for once a scan, and not at all where all are told", async () => {
  await withFolder(async (folder) => {
    await writeAll(folder, { "a.csv": "id,n\n1,a\n", "b.csv": "id,n\n2,b\n" });
    const scanner = new PlainScanner();
    const open = async (settings: object): Promise<void> => {
      const source = testSource({ project: folder, settings });
      const reader = await source.open(requestOf({ scanner }));
      await reader.next();
      await reader.close();
    };
    await open({ glob: "*.csv", stream: "t" });
    expect(scanner.questions).toBe(1);
    await open({ glob: "*.csv", stream: "t", types: { id: "bigint", n: "text" } });
    expect(scanner.questions).toBe(1);
  });
});

test("files in hidden folders are left alone, and names have the folders in them", async () => {
  await withFolder(async (folder) => {
    await mkdir(join(folder, "year=2024"));
    await mkdir(join(folder, ".cache"));
    await writeAll(folder, { "year=2024/a.csv": "id,n\n1,x\n", ".cache/b.csv": "id,n\n1,x\n" });
    const [scan, ...rest] = await scansOf({
      project: folder,
      settings: { glob: "**/*.csv", stream: "t" },
    });
    expect(scan?.files).toEqual([
      { path: join(folder, "year=2024/a.csv"), name: "year=2024/a.csv", compression: "none" },
    ]);
    expect(rest).toEqual([]);
  });
});
