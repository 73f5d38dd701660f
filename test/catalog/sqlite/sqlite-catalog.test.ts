/** The embedded catalog's file: durable, shared by processes, and honest where it is damaged. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { openConnection } from "../../../src/catalog/sqlite/connection.ts";
import { createCatalog } from "../../../src/catalog/sqlite/create-catalog.ts";
import {
  openSqliteCatalog,
  type CatalogOpening,
  type SqliteCatalog,
} from "../../../src/catalog/sqlite/sqlite-catalog.ts";
import { caught } from "../../core/caught.ts";
import { changeOf, creation, fileOf, registerOf, runOnce, storeId } from "../commands.ts";
import { refusalOf } from "../refusal-of.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const create: CatalogOpening = { kind: "create", storeId };

function opened(path: string, opening: CatalogOpening = create, timeoutMs?: number): SqliteCatalog {
  const catalog = openSqliteCatalog(path, opening, timeoutMs);
  onTestFinished(() => catalog.close());
  return catalog;
}

/** A closed catalog with a snapshot. */
async function filledCatalog(): Promise<string> {
  const path = join(temporaryFolder(), "catalog.sqlite");
  const catalog = openSqliteCatalog(path, create);
  await catalog.apply<"register_pipeline">(registerOf("p1"));
  await runOnce(catalog, "p1", "r1", {
    tables: (grant) => [changeOf("t1", [fileOf(grant, 0)], creation)],
  });
  await catalog.close();
  return path;
}

function changeStore(path: string, sql: string): void {
  const raw = new Database(path);
  raw.exec(sql);
  raw.close();
}

describe("opening", () => {
  test("makes a catalog once and leaves nothing else", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "catalog.sqlite");
    const first = openSqliteCatalog(path, create);
    await first.apply<"register_pipeline">(registerOf("p1"));
    await first.close();
    expect(readdirSync(folder)).toEqual(["catalog.sqlite"]);
    const second = opened(path, { kind: "create", storeId: "another" });
    expect((await second.head()).storeId).toBe(storeId);
    expect(await second.pipeline({ id: "p1" })).not.toBeNull();
  });

  test("of a catalog that should exist and doesn't says so", () => {
    const path = join(temporaryFolder(), "catalog.sqlite");
    const error = caught(() => openSqliteCatalog(path, { kind: "existing" }));
    expect(error.code).toBe("catalog.missing");
    expect(existsSync(path)).toBe(false);
  });

  test("sets what a commit's durability stands on, each time anew", async () => {
    const path = await filledCatalog();
    const connection = openConnection(path, { mayCreate: false, busyTimeoutMs: 100 });
    onTestFinished(() => connection.close());
    expect(connection.get({ sql: "pragma journal_mode" })).toEqual({ journal_mode: "wal" });
    expect(connection.get({ sql: "pragma synchronous" })).toEqual({ synchronous: 2 });
    expect(connection.get({ sql: "pragma foreign_keys" })).toEqual({ foreign_keys: 1 });
  });

  test("refuses a database that can't be durable", () => {
    const memory = { mayCreate: true, busyTimeoutMs: 100 };
    expect(caught(() => openConnection(":memory:", memory)).code).toBe("catalog.not_durable");
  });

  test("refuses a newer format and changes nothing", async () => {
    const path = await filledCatalog();
    // Nothing else of its tables need be as this version knows it.
    changeStore(
      path,
      "update store set format_version = 2; alter table store drop column position",
    );
    const error = caught(() => openSqliteCatalog(path, create));
    expect(error.toRecord()).toEqual({
      kind: "Permanent",
      code: "catalog.newer_format",
      message: `expected format version 1 in ${path}, got 2`,
      hint: "use the hakiri that made it, or a newer one",
    });
  });

  test("refuses a format that never was", async () => {
    const path = await filledCatalog();
    changeStore(path, "update store set format_version = 0");
    expect(caught(() => openSqliteCatalog(path, create)).code).toBe("catalog.damaged");
  });

  test("leaves a catalog whose rebuild didn't end to the rebuild", async () => {
    const path = join(temporaryFolder(), "catalog.sqlite");
    await openSqliteCatalog(path, { kind: "restore", storeId }).close();
    expect(caught(() => openSqliteCatalog(path, create)).code).toBe("catalog.restoring");
    const rebuilt = opened(path, { kind: "restore", storeId });
    await rebuilt.apply<"finish_restore">({
      kind: "finish_restore",
      version: 1,
      incarnation: 1,
      at: "1",
    });
    expect((await opened(path).head()).incarnation).toBe(1);
  });

  test("in a folder that isn't there names the path", () => {
    const path = join(temporaryFolder(), "gone", "catalog.sqlite");
    const error = caught(() => openSqliteCatalog(path, create));
    expect(error.code).toBe("disk.missing");
    expect(error.message).toContain(path);
  });
});

describe("a damaged catalog", () => {
  const damages: readonly (readonly [about: string, damage: (path: string) => unknown])[] = [
    ["is empty", (path) => truncateSync(path, 0)],
    ["is no database", (path) => writeFileSync(path, "not a database ".repeat(1000))],
    ["is another database", (path) => changeStore(path, "drop table store")],
    ["lost its store", (path) => changeStore(path, "delete from store")],
    ["has a torn header", (path) => overwrite(path, 0, 64)],
  ];

  test.each(damages)("that %s is named with the way out", async (_, damage) => {
    const path = await filledCatalog();
    await damage(path);
    const error = caught(() => openSqliteCatalog(path, create));
    expect(error.code).toBe("catalog.damaged");
    expect(error.message).toContain(path);
    expect(error.hint).toContain("hakiri doctor --rebuild-catalog");
  });

  test("that was cut short is found at the latest by its check", async () => {
    const path = await filledCatalog();
    truncateSync(path, 3 * 4096);
    const code = await refusalOf(
      (async () => {
        const catalog = opened(path);
        expect(await catalog.faults()).toEqual([]);
      })(),
    );
    expect(code).toBe("catalog.damaged");
  });

  test("whose texts were changed is named when they are read", async () => {
    const path = await filledCatalog();
    changeStore(path, "update runs set state = 'not JSON'");
    const catalog = opened(path);
    expect(await refusalOf(catalog.run("r1"))).toBe("catalog.damaged");
    changeStore(path, "update schemas set schema = '{' where version = 1");
    expect(await refusalOf(catalog.tables(1))).toBe("catalog.damaged");
  });

  test("tells what is wrong with it", async () => {
    const path = await filledCatalog();
    const catalog = opened(path);
    expect(await catalog.faults()).toEqual([]);
    await catalog.close();
    const raw = new Database(path);
    raw.unsafeMode(true);
    // The index now is over another column than the one whose values it holds.
    raw.exec(`pragma writable_schema = on;
      update sqlite_schema set sql = replace(sql, '(path)', '(sha256)')`);
    raw.close();
    expect(await opened(path).faults()).not.toEqual([]);
  });
});

async function overwrite(path: string, from: number, length: number): Promise<void> {
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(length, 0x55), 0, length, from);
  await file.close();
}

describe("a disk", () => {
  test("that is full fails a command, and the catalog stays as it was", async () => {
    const path = await filledCatalog();
    const connection = openConnection(path, { mayCreate: false, busyTimeoutMs: 100 });
    onTestFinished(() => connection.close());
    connection.execute("pragma max_page_count = 1");
    const fill = () =>
      connection.write(() => {
        const text = "x".repeat(100_000);
        connection.run("update pipelines set spec = ?", text);
      });
    expect(caught(fill).code).toBe("disk.full");
    expect(connection.get({ sql: "select length(spec) < 5000 as small from pipelines" })).toEqual({
      small: 1,
    });
  });

  test("that may not be written fails a command", async () => {
    const path = await filledCatalog();
    const connection = openConnection(path, { mayCreate: false, busyTimeoutMs: 100 });
    onTestFinished(() => connection.close());
    connection.execute("pragma query_only = on");
    const write = () => connection.write(() => connection.run("delete from spans"));
    expect(caught(write).code).toBe("disk.read_only");
  });

  test("where a folder has the catalog's name is named", () => {
    const path = join(temporaryFolder(), "catalog.sqlite");
    mkdirSync(path);
    const error = caught(() => openSqliteCatalog(path, create));
    expect(error.code).toBe("disk.permission");
    expect(error.message).toContain(path);
  });
});

describe("two processes", () => {
  test("that make the catalog at once have one", async () => {
    const path = join(temporaryFolder(), "catalog.sqlite");
    const ids = ["a", "b", "c", "d"];
    const heads = await Promise.all(ids.map((id) => openInChild(path, id)));
    expect(new Set(heads).size).toBe(1);
    expect(ids).toContain(heads[0]);
    expect(readdirSync(join(path, "..")).filter((name) => name.includes(".tmp-"))).toEqual([]);
  });

  test("keep the catalog that was first", async () => {
    const path = await filledCatalog();
    createCatalog(path, { storeId: "another", restoring: false });
    expect((await opened(path).head()).storeId).toBe(storeId);
    expect(readdirSync(join(path, ".."))).not.toContain("catalog.sqlite.tmp-another");
  });

  test("that write at once are both done with all they wanted", async () => {
    const path = await filledCatalog();
    const counts = await Promise.all(["x", "y"].map((id) => openInChild(path, id, "40")));
    expect(counts).toEqual([storeId, storeId]);
    expect((await opened(path).pipelines(null)).length).toBe(81);
  });

  test("have their turn from a command's beginning on", async () => {
    const path = await filledCatalog();
    const connection = openConnection(path, { mayCreate: false, busyTimeoutMs: 100 });
    const other = new Database(path, { timeout: 0 });
    onTestFinished(() => {
      connection.close();
      other.close();
    });
    connection.write(() => {
      expect(() => other.exec("begin immediate")).toThrow("database is locked");
    });
    other.exec("begin immediate");
  });

  test("take turns; who waited too long is told to try again", async () => {
    const path = await filledCatalog();
    const other = new Database(path);
    onTestFinished(() => void other.close());
    const catalog = opened(path, create, 20);
    other.exec("begin immediate");
    const register = () => catalog.apply<"register_pipeline">(registerOf("p2"));
    const error = await register().catch((caughtError: unknown) => caughtError);
    expect(error).toMatchObject({ kind: "Transient", code: "catalog.busy" });
    expect((await catalog.head()).sequence).toBe(1);
    other.exec("rollback");
    expect((await register()).created).toBe(true);
  });
});

/** The store's id as another process sees it, which does what `open-catalog.ts` says. */
async function openInChild(...args: readonly string[]): Promise<string> {
  const script = fileURLToPath(new URL("./open-catalog.ts", import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (piece: Buffer) => {
    text += piece.toString();
  });
  await once(child, "close");
  return text.trim();
}

describe("a copy", () => {
  test("is a catalog of its own", async () => {
    const path = await filledCatalog();
    const catalog = opened(path);
    const target = join(temporaryFolder(), "copy.sqlite");
    await catalog.backupTo(target);
    await runOnce(catalog, "p1", "r2", {
      tables: (grant) => [changeOf("t1", [fileOf(grant, 0)])],
    });
    const copy = opened(target, { kind: "existing" });
    expect((await copy.head()).sequence).toBe(1);
    expect((await catalog.head()).sequence).toBe(2);
    await runOnce(copy, "p1", "r3", { tables: (grant) => [changeOf("t1", [fileOf(grant, 1)])] });
    expect((await copy.head()).sequence).toBe(2);
  });

  test("that can't be made names its path", async () => {
    const catalog = opened(await filledCatalog());
    const target = join(temporaryFolder(), "gone", "copy.sqlite");
    await expect(catalog.backupTo(target)).rejects.toThrow();
  });
});

describe("closing", () => {
  test("is done twice as well as once", async () => {
    const catalog = openSqliteCatalog(await filledCatalog(), create);
    await catalog.close();
    await catalog.close();
    await expect(catalog.head()).rejects.toThrow("not open");
  });
});
