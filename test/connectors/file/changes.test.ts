/** What a later run does about files that changed since, at the level of the Source port. */
import { chmod, mkdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ChangeRules } from "../../../connectors/file/change/plan-files.ts";
import type { Source } from "../../../src/connector.ts";
import { rejectionOf } from "../../context/thrown.ts";
import { withFolder } from "../../context/temporary-folder.ts";
import { FileTable, requestOf, testSource } from "./file-table.ts";

/** Long enough ago that the modification time proves what it says; a second later each time. */
let longAgo = Date.parse("2024-01-02T03:04:05.500Z");

async function write(folder: string, name: string, rows: readonly string[]): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, ["id,n", ...rows, ""].join("\n"));
  longAgo += 1000;
  await utimes(path, new Date(longAgo), new Date(longAgo));
}

/** A folder with a.csv and b.csv, which a first run has read. */
async function withFirstRun(
  rules: Partial<ChangeRules>,
  use: (context: { folder: string; source: Source; table: FileTable }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await write(folder, "a.csv", ["1,a"]);
    await write(folder, "b.csv", ["2,b"]);
    const source = testSource({
      project: folder,
      rules: { onChange: "replace", onMissing: "keep", ...rules },
    });
    const table = new FileTable();
    await table.run(source);
    expect(table.content()).toEqual({ "a.csv": ["1,a"], "b.csv": ["2,b"] });
    await use({ folder, source, table });
  });
}

test("files that are as they were are not read again, and the cursor stays", async () => {
  await withFirstRun({}, async ({ source, table }) => {
    const { cursor } = table;
    await table.run(source);
    expect(table.read).toEqual([]);
    expect(table.cursor).toEqual(cursor);
  });
});

test("the lines say name, size, digest, time and inode", async () => {
  await withFirstRun({}, ({ folder, table }) => {
    const { ino, mtimeNs } = statSync(join(folder, "a.csv"), { bigint: true });
    expect(table.cursor?.boundaryLines).toContain(
      `{"inode":"${ino}","mtime":"${mtimeNs}","name":"a.csv","sha256":` +
        '"fd92af0fa1415e01f27ed40c04005e01b0a5d70a4a93bd5396d8a23cb786b6aa","size":9}',
    );
    return Promise.resolve();
  });
});

test("a new file is read alone", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    await write(folder, "c.csv", ["3,c"]);
    await table.run(source);
    expect(table.read).toEqual(["c.csv"]);
    expect(table.content()).toEqual({ "a.csv": ["1,a"], "b.csv": ["2,b"], "c.csv": ["3,c"] });
  });
});

test("a file that grew takes the place of its earlier version", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    await write(folder, "a.csv", ["1,a", "3,c"]);
    await table.run(source);
    expect(table.read).toEqual(["a.csv"]);
    expect(table.content()).toEqual({ "a.csv": ["1,a", "3,c"], "b.csv": ["2,b"] });
  });
});

test("a file of the same size and time but another content is told by its inode", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    const { mtime } = statSync(join(folder, "a.csv"));
    await write(folder, "other", ["9,z"]);
    await utimes(join(folder, "other"), mtime, mtime);
    await rename(join(folder, "other"), join(folder, "a.csv"));
    await table.run(source);
    expect(table.content()).toEqual({ "a.csv": ["9,z"], "b.csv": ["2,b"] });
  });
});

test("a file that was only touched is not read again, and its line is refreshed", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    const later = new Date("2024-05-05T05:05:05.555Z");
    await utimes(join(folder, "a.csv"), later, later);
    const { cursor } = table;
    await table.run(source);
    expect(table.read).toEqual([]);
    expect(table.cursor?.stored).not.toEqual(cursor?.stored);
    const refreshed = table.cursor;
    await table.run(source);
    expect(table.cursor).toEqual(refreshed);
  });
});

test("a change within one tick of the clock is seen, since the time proves nothing then", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.csv");
    const now = new Date("2024-01-02T03:04:05.678Z");
    const nowMicros = (): bigint => BigInt(now.getTime()) * 1000n;
    const source = testSource({ project: folder, nowMicros });
    const table = new FileTable();
    await write(folder, "a.csv", ["1,a"]);
    await table.run(source);
    expect(table.cursor?.boundaryLines[0]).not.toContain("mtime");
    // In place, of the same size, at the same time.
    writeFileSync(path, "id,n\n2,b\n");
    await utimes(path, now, now);
    await table.run(source);
    expect(table.content()).toEqual({ "a.csv": ["2,b"] });
    await table.run(testSource({ project: folder }));
    expect(table.read).toEqual([]);
    expect(table.cursor?.boundaryLines[0]).toContain("mtime");
  });
});

test("a shrunk file takes the place of its rows, an emptied one of all of them", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    await write(folder, "a.csv", ["1,a", "3,c"]);
    await table.run(source);
    await write(folder, "a.csv", ["3,c"]);
    await table.run(source);
    expect(table.content()).toEqual({ "a.csv": ["3,c"], "b.csv": ["2,b"] });
    await writeFile(join(folder, "a.csv"), "");
    await write(folder, "b.csv", []);
    await table.run(source);
    expect(table.content()).toEqual({});
    expect(table.notices).toEqual(["'a.csv' is without rows, and so are 1 more"]);
    await table.run(source);
    expect(table.notices).toEqual([]);
  });
});

test("an emptied file keeps its rows until the end, so that a crash before loses nothing", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    await writeFile(join(folder, "a.csv"), "");
    await write(folder, "c.csv", ["3,c"]);
    await table.run(source, 1);
    expect(table.content()).toEqual({ "a.csv": ["1,a"], "b.csv": ["2,b"], "c.csv": ["3,c"] });
    await table.run(source);
    expect(table.content()).toEqual({ "b.csv": ["2,b"], "c.csv": ["3,c"] });
  });
});

test("on_change = append adds the changed file to its earlier rows", async () => {
  await withFirstRun({ onChange: "append" }, async ({ folder, source, table }) => {
    await write(folder, "a.csv", ["1,a", "3,c"]);
    await table.run(source);
    expect(table.content()).toEqual({ "a.csv": ["1,a", "1,a", "3,c"], "b.csv": ["2,b"] });
  });
});

test("on_change = error refuses a changed file before anything is read", async () => {
  await withFirstRun({ onChange: "error" }, async ({ folder, source, table }) => {
    await write(folder, "a.csv", ["9,z"]);
    await write(folder, "b.csv", ["2,b"]);
    await write(folder, "c.csv", ["3,c"]);
    const refused = await rejectionOf(table.run(source));
    expect(refused).toMatchObject({
      kind: "Permanent",
      code: "file.changed",
      where: { file: "a.csv" },
    });
    expect(table.scans).toBe(0);
  });
});

test("a file that is gone keeps its rows, and is known when it comes back", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    const bytes = readFileSync(join(folder, "a.csv"));
    await rm(join(folder, "a.csv"));
    await table.run(source);
    expect(table.content()).toEqual({ "a.csv": ["1,a"], "b.csv": ["2,b"] });
    await writeFile(join(folder, "a.csv"), bytes);
    await table.run(source);
    expect(table.read).toEqual([]);
    await write(folder, "a.csv", ["4,d"]);
    await table.run(source);
    expect(table.content()).toEqual({ "a.csv": ["4,d"], "b.csv": ["2,b"] });
  });
});

test("on_missing = delete takes the rows of a file that is gone, with the end", async () => {
  await withFirstRun({ onMissing: "delete" }, async ({ folder, source, table }) => {
    await rm(join(folder, "a.csv"));
    await write(folder, "c.csv", ["3,c"]);
    await table.run(source, 1);
    expect(table.content()).toEqual({ "a.csv": ["1,a"], "b.csv": ["2,b"], "c.csv": ["3,c"] });
    await table.run(source);
    expect(table.content()).toEqual({ "b.csv": ["2,b"], "c.csv": ["3,c"] });
  });
});

test("when all files are gone the read ends, where some were read before", async () => {
  await withFirstRun({ onMissing: "delete" }, async ({ folder, source, table }) => {
    await rm(join(folder, "a.csv"));
    await rm(join(folder, "b.csv"));
    await table.run(source);
    expect(table.content()).toEqual({});
    expect(table.cursor?.stored.boundary).toBeNull();
    const scanner = requestOf().scanner;
    const signal = new AbortController().signal;
    expect(await source.discover({ scanner, signal, wasRead: true })).toMatchObject([
      { stream: "t", schema: { fields: [] } },
    ]);
  });
});

test("a folder that is gone as a whole is an error, and takes no rows", async () => {
  await withFolder(async (folder) => {
    await mkdir(join(folder, "data"));
    await write(folder, "data/a.csv", ["1,a"]);
    const source = testSource({
      project: folder,
      settings: { glob: "data/*.csv", stream: "t" },
      rules: { onChange: "replace", onMissing: "delete" },
    });
    const table = new FileTable();
    await table.run(source);
    await rename(join(folder, "data"), join(folder, "gone"));
    expect(await rejectionOf(table.run(source))).toMatchObject({ code: "usage.missing_folder" });
    expect(table.content()).toEqual({ "data/a.csv": ["1,a"] });
  });
});

test.each(["replace", "error"] as const)(
  "a renamed file's rows move with it, with on_change = %s",
  async (onChange) => {
    await withFirstRun({ onChange }, async ({ folder, source, table }) => {
      await rename(join(folder, "a.csv"), join(folder, "z.csv"));
      await table.run(source);
      expect(table.content()).toEqual({ "b.csv": ["2,b"], "z.csv": ["1,a"] });
      await table.run(source);
      expect(table.read).toEqual([]);
    });
  },
);

test("the old name of a file that moved is a new file when it comes back", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    await rename(join(folder, "a.csv"), join(folder, "z.csv"));
    await table.run(source);
    await write(folder, "a.csv", ["1,a"]);
    await table.run(source);
    expect(table.content()).toEqual({ "a.csv": ["1,a"], "b.csv": ["2,b"], "z.csv": ["1,a"] });
  });
});

test("a renamed file isn't read again with on_change = append, which takes nothing away", async () => {
  await withFirstRun({ onChange: "append" }, async ({ folder, source, table }) => {
    await rename(join(folder, "a.csv"), join(folder, "z.csv"));
    await table.run(source);
    expect(table.read).toEqual([]);
    expect(table.content()).toEqual({ "a.csv": ["1,a"], "b.csv": ["2,b"] });
    // The new name is the one that is known now.
    await write(folder, "a.csv", ["1,a"]);
    await table.run(source);
    expect(table.read).toEqual(["a.csv"]);
  });
});

test("a file that is renamed over another one leaves its rows once", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    await rename(join(folder, "a.csv"), join(folder, "b.csv"));
    await table.run(source);
    expect(table.content()).toEqual({ "b.csv": ["1,a"] });
  });
});

test("of two equal files that were renamed each moves, of a copy nothing does", async () => {
  await withFolder(async (folder) => {
    await write(folder, "a.csv", ["1,a"]);
    await write(folder, "b.csv", ["1,a"]);
    const source = testSource({ project: folder });
    const table = new FileTable();
    await table.run(source);
    await rename(join(folder, "a.csv"), join(folder, "y.csv"));
    await rename(join(folder, "b.csv"), join(folder, "z.csv"));
    await table.run(source);
    expect(table.content()).toEqual({ "y.csv": ["1,a"], "z.csv": ["1,a"] });
    await write(folder, "x.csv", ["1,a"]);
    await table.run(source);
    expect(table.content()).toEqual({ "x.csv": ["1,a"], "y.csv": ["1,a"], "z.csv": ["1,a"] });
  });
});

test("a rotated log is read once under each name", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    appendFileSync(join(folder, "a.csv"), "3,c\n");
    await rename(join(folder, "a.csv"), join(folder, "a.1.csv"));
    await write(folder, "a.csv", ["4,d"]);
    await table.run(source);
    expect(table.content()).toEqual({
      "a.1.csv": ["1,a", "3,c"],
      "a.csv": ["4,d"],
      "b.csv": ["2,b"],
    });
  });
});

test("a file that can't be read is an error, whoever runs this", async () => {
  await withFirstRun({}, async ({ folder, source, table }) => {
    await write(folder, "c.csv", ["3,c"]);
    await chmod(join(folder, "c.csv"), 0);
    // Root reads everything: then there is nothing to refuse.
    if (process.getuid?.() === 0) {
      await table.run(source);
      expect(table.content()).toHaveProperty(["c.csv"]);
    } else {
      const refused = await rejectionOf(table.run(source));
      expect(refused).toMatchObject({ code: "file.unreadable", where: { file: "c.csv" } });
    }
  });
});
