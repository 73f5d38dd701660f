/** Files that change while they are read, and the proof that what was read is what is said. */
import { appendFile, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { HakiriError, type Reader, type Scan } from "../../../src/connector.ts";
import { rejectionOf } from "../../context/thrown.ts";
import { withFolder } from "../../context/temporary-folder.ts";
import { FileTable, requestOf, testSource } from "./file-table.ts";

interface UnderWay {
  readonly folder: string;
  readonly path: string;
  readonly reader: Reader;
  readonly scan: Scan;
}

/** A reader that has handed out a scan of a.csv and b.csv. */
async function withScan(use: (context: UnderWay) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    for (const name of ["a.csv", "b.csv"]) {
      await writeFile(join(folder, name), "id,n\n1,a\n2,b\n");
      await utimes(join(folder, name), new Date(1e12), new Date(1e12 + 5));
    }
    const reader = await testSource({ project: folder }).open(requestOf());
    try {
      const item = await reader.next();
      if (item.kind !== "scan") throw new Error("expected a scan");
      await use({ folder, path: join(folder, "b.csv"), reader, scan: item.scan });
    } finally {
      await reader.close();
    }
  });
}

const changes: readonly (readonly [string, string, (path: string) => Promise<void>])[] = [
  ["grew", "grew", (path) => appendFile(path, "3,c\n")],
  ["shrank", "shrank", (path) => truncate(path, 9)],
  ["vanished", "vanished", (path) => rm(path)],
  [
    "was replaced by another of its size and time",
    "was replaced",
    async (path) => {
      await writeFile(`${path}.new`, "id,n\n8,y\n9,z\n");
      await utimes(`${path}.new`, new Date(1e12), new Date(1e12 + 5));
      await rename(`${path}.new`, path);
    },
  ],
  ["was written to in place", "was written to", (path) => writeFile(path, "id,n\n8,y\n9,z\n")],
];

test.each(changes)("a file that %s under a scan makes a new attempt", async (_, how, change) => {
  await withScan(async ({ path, reader, scan }) => {
    await change(path);
    const refused = await rejectionOf(Promise.resolve(reader.verifyScan?.(scan)));
    expect(refused).toMatchObject({
      kind: "Transient",
      code: "file.changed_while_read",
      where: { file: "b.csv" },
    });
    expect(refused.message).toContain(`'b.csv' to stay as it is while it is read, but it ${how}`);
  });
});

test.each(changes)("a scan that fails since a file %s is tried anew", async (_, how, change) => {
  await withScan(async ({ path, reader, scan }) => {
    await change(path);
    const failure = new HakiriError({
      kind: "Permanent",
      code: "file.bad_row",
      message: "half a row",
      hint: "",
    });
    const refused = await rejectionOf(Promise.resolve(reader.recoverScan?.(scan, failure)));
    expect(refused).toMatchObject({ kind: "Transient", code: "file.changed_while_read" });
    expect(refused.message).toContain(how);
  });
});

test("a write within the clock's tick is told by digests before and after", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.csv");
    const now = new Date("2024-01-02T03:04:05.678Z");
    await writeFile(path, "id,n\n1,a\n");
    await utimes(path, now, now);
    const nowMicros = (): bigint => BigInt(now.getTime()) * 1000n;
    const reader = await testSource({ project: folder, nowMicros }).open(requestOf());
    const item = await reader.next();
    if (item.kind !== "scan") throw new Error("expected a scan");
    writeFileSync(path, "id,n\n9,z\n");
    await utimes(path, now, now);
    const refused = await rejectionOf(Promise.resolve(reader.verifyScan?.(item.scan)));
    expect(refused).toMatchObject({ kind: "Transient", code: "file.changed_while_read" });
    await reader.close();
  });
});

test("a file that is gone between the look around and the reading makes a new attempt", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "a.csv"), "id,n\n1,a\n");
    const reader = await testSource({ project: folder }).open(requestOf());
    await rm(join(folder, "a.csv"));
    const refused = await rejectionOf(reader.next());
    expect(refused).toMatchObject({ kind: "Transient", code: "file.changed_while_read" });
    await reader.close();
  });
});

test("a file that grows before its scan begins is read as it is then", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "a.csv"), "id,n\n1,a\n");
    const source = testSource({ project: folder });
    const reader = await source.open(requestOf());
    await appendFile(join(folder, "a.csv"), "2,b\n");
    const item = await reader.next();
    if (item.kind !== "scan") throw new Error("expected a scan");
    const cursor = await reader.verifyScan?.(item.scan);
    expect(cursor?.boundaryLines?.[0]).toContain('"size":13}');
    await reader.close();
  });
});

const table = "id,n\n".concat(...Array.from({ length: 5000 }, (_, index) => `${index},v\n`));

test("a compressed file that is cut off is refused, though its rows can be read", async () => {
  await withFolder(async (folder) => {
    const whole = gzipSync(table);
    await writeFile(join(folder, "a.csv.gz"), whole.subarray(0, whole.length - 8));
    const settings = { glob: "*.csv.gz", stream: "t" };
    const source = testSource({ project: folder, settings });
    // Longer than what is looked into at first, so that it is found out by the digest.
    const long = gzipSync(Buffer.from(`${table}${"9,long line of text\n".repeat(20_000)}`));
    await writeFile(join(folder, "b.csv.gz"), long.subarray(0, long.length - 8));
    await utimes(join(folder, "b.csv.gz"), new Date(1e12), new Date(1e12));
    const scanner = {
      describe: () =>
        Promise.resolve({ schema: { fields: [], primaryKey: [] }, dialect: null, sample: [] }),
    };
    const first = await source.open(requestOf({ scanner }));
    expect(await rejectionOf(first.next())).toMatchObject({
      code: "file.damaged",
      where: { file: "a.csv.gz" },
    });
    await first.close();
    await rm(join(folder, "a.csv.gz"));
    const reader = await source.open(requestOf({ scanner }));
    const item = await reader.next();
    if (item.kind !== "scan") throw new Error("expected a scan");
    const refused = await rejectionOf(Promise.resolve(reader.verifyScan?.(item.scan)));
    expect(refused).toMatchObject({
      kind: "Permanent",
      code: "file.damaged",
      where: { file: "b.csv.gz" },
    });
    await reader.close();
  });
});

test("a failed scan is told to be of a damaged file where it is", async () => {
  await withFolder(async (folder) => {
    const long = gzipSync(Buffer.from(`${table}${"9,long line of text\n".repeat(20_000)}`));
    const wrong = Buffer.concat([long.subarray(0, -8), Buffer.alloc(8)]);
    await writeFile(join(folder, "b.csv.gz"), wrong);
    await utimes(join(folder, "b.csv.gz"), new Date(1e12), new Date(1e12));
    const source = testSource({ project: folder, settings: { glob: "*.gz", stream: "t" } });
    const scanner = {
      describe: () =>
        Promise.resolve({ schema: { fields: [], primaryKey: [] }, dialect: null, sample: [] }),
    };
    const reader = await source.open(requestOf({ scanner }));
    const item = await reader.next();
    if (item.kind !== "scan") throw new Error("expected a scan");
    const failure = new Error("any");
    const refused = await rejectionOf(Promise.resolve(reader.recoverScan?.(item.scan, failure)));
    expect(refused).toMatchObject({ code: "file.damaged" });
    await reader.close();
  });
});

test("closing a reader ends its hashing and is done twice", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "a.csv"), `id,n\n${"1,a\n".repeat(1_000_000)}`);
    await utimes(join(folder, "a.csv"), new Date(1e12), new Date(1e12));
    const reader = await testSource({ project: folder }).open(requestOf());
    await reader.next();
    await reader.close();
    await reader.close();
  });
});

test("an aborted read rejects, and gives nothing more", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "a.csv"), "id,n\n1,a\n");
    const controller = new AbortController();
    const reader = await testSource({ project: folder }).open(
      requestOf({ signal: controller.signal }),
    );
    controller.abort(new Error("stop"));
    await expect(reader.next()).rejects.toThrow("stop");
    await reader.close();
  });
});

test("a reader whose scan wasn't verified has a defect for an answer", async () => {
  await withScan(async ({ reader }) => {
    await expect(reader.next()).rejects.toThrow("expected verifyScan before the next scan");
  });
});

test("a read with a limit hashes nothing, and its cursors lead nowhere", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "a.csv"), "id,n\n1,a\n2,b\n");
    const source = testSource({ project: folder });
    const run = new FileTable();
    await run.run(source);
    await writeFile(join(folder, "b.csv"), "id,n\n3,c\n");
    const limits = { batchRowsMax: 10, batchBytesMax: 10, rowsMax: 1 };
    const reader = await source.open(requestOf({ cursor: run.cursor, limits }));
    const item = await reader.next();
    if (item.kind !== "scan") throw new Error("expected a scan");
    expect(item.scan.rowsMax).toBe(1);
    expect(await reader.verifyScan?.(item.scan)).toEqual({
      resume: "none",
      stored: run.cursor?.stored,
      boundaryLines: null,
    });
    expect(await reader.next()).toMatchObject({ kind: "end", cursor: null });
    await reader.close();
  });
});
