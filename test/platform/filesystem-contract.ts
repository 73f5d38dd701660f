/** What every adapter of the filesystem port must do; a test file runs it on each. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HakiriError } from "../../src/core/error.ts";
import type { Filesystem } from "../../src/core/ports/filesystem.ts";

/** A filesystem with nothing in it, and how to get rid of it. */
export interface EmptyFilesystem {
  readonly filesystem: Filesystem;
  readonly remove: () => Promise<void>;
}

const anySizeBytes = 16 * 1024 * 1024;

/** The code of the HakiriError that a call fails with; "none" when it succeeds. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    if (error instanceof HakiriError) return error.code;
    throw error;
  }
}

/** Writes a file in pieces and closes it, durable. */
export async function writeFile(
  filesystem: Filesystem,
  path: string,
  ...pieces: readonly string[]
): Promise<void> {
  const file = await filesystem.create(path);
  for (const piece of pieces) await file.write(new TextEncoder().encode(piece));
  await file.sync();
  await file.close();
}

/** The content of a file as text. */
export async function readText(filesystem: Filesystem, path: string): Promise<string> {
  return new TextDecoder().decode(await filesystem.read(path, anySizeBytes));
}

/** Declares the tests of the contract for one adapter. */
export function filesystemContract(name: string, open: () => Promise<EmptyFilesystem>): void {
  describe(name, () => {
    let filesystem: Filesystem;
    let remove: () => Promise<void>;
    beforeEach(async () => {
      ({ filesystem, remove } = await open());
    });
    afterEach(async () => {
      await remove();
    });
    testFiles(() => filesystem);
    testNames(() => filesystem);
    testFolders(() => filesystem);
    testPaths(() => filesystem);
  });
}

function testFiles(opened: () => Filesystem): void {
  test("what is written in pieces is read whole, before and after it is closed", async () => {
    const filesystem = opened();
    const file = await filesystem.create("a");
    await file.write(new TextEncoder().encode("one "));
    await file.write(new Uint8Array(0));
    await file.write(new TextEncoder().encode("two"));
    await file.sync();
    expect(await readText(filesystem, "a")).toBe("one two");
    await file.close();
    expect(await readText(filesystem, "a")).toBe("one two");
  });

  test("bytes may be reused once they are written", async () => {
    const filesystem = opened();
    const bytes = new TextEncoder().encode("first");
    const file = await filesystem.create("a");
    await file.write(bytes);
    bytes.fill(0);
    await file.close();
    expect(await readText(filesystem, "a")).toBe("first");
  });

  test("a closed file takes no more bytes, and closing it again does nothing", async () => {
    const file = await opened().create("a");
    await file.close();
    await file.close();
    await expect(file.write(new Uint8Array(1))).rejects.toThrow(Error);
    await expect(file.sync()).rejects.toThrow(Error);
  });

  test("a file is made once: where a file or folder is, none is made", async () => {
    const filesystem = opened();
    await writeFile(filesystem, "a", "kept");
    await filesystem.makeFolder("f");
    expect(await codeOf(filesystem.create("a"))).toBe("disk.failed");
    expect(await codeOf(filesystem.create("f"))).toBe("disk.failed");
    expect(await readText(filesystem, "a")).toBe("kept");
  });

  test("a file of the largest size is read, and one of a byte more refused", async () => {
    const filesystem = opened();
    await writeFile(filesystem, "a", "12345");
    expect(await filesystem.read("a", 5)).toEqual(new TextEncoder().encode("12345"));
    expect(await codeOf(filesystem.read("a", 4))).toBe("disk.too_large");
    await writeFile(filesystem, "empty");
    expect(await filesystem.read("empty", 0)).toEqual(new Uint8Array(0));
  });

  test("pieces are at most 1 MiB and make up the content; an empty file has none", async () => {
    const filesystem = opened();
    const content = "0123456789".repeat(250_000);
    await writeFile(filesystem, "a", content);
    let [text, largest] = ["", 0];
    for await (const piece of filesystem.readPieces("a")) {
      largest = Math.max(largest, piece.byteLength);
      text += new TextDecoder().decode(piece);
    }
    expect(text === content).toBe(true);
    expect(largest).toBeLessThanOrEqual(1024 * 1024);
    await writeFile(filesystem, "empty");
    for await (const piece of filesystem.readPieces("empty")) expect(piece).toBe("no piece");
  });

  test("reading or syncing what isn't a file fails, missing or a folder", async () => {
    const filesystem = opened();
    await filesystem.makeFolder("f");
    const pieces = async (path: string): Promise<void> => {
      for await (const piece of filesystem.readPieces(path)) expect(piece).toBe("no piece");
    };
    expect(await codeOf(filesystem.read("none", 1))).toBe("disk.missing");
    expect(await codeOf(pieces("none"))).toBe("disk.missing");
    expect(await codeOf(filesystem.syncFile("none"))).toBe("disk.missing");
    expect(await codeOf(filesystem.read("f", 1))).toBe("disk.failed");
    expect(await codeOf(pieces("f"))).toBe("disk.failed");
  });

  test("what is known of a file is its kind, size, and a number that a new file doesn't have", async () => {
    const filesystem = opened();
    await writeFile(filesystem, "a", "123");
    const first = await filesystem.stat("a");
    expect(first).toMatchObject({ kind: "file", sizeBytes: 3 });
    await filesystem.link("a", "kept");
    await filesystem.unlink("a");
    await writeFile(filesystem, "a", "123");
    expect((await filesystem.stat("kept"))?.inode).toBe(first?.inode);
    expect((await filesystem.stat("a"))?.inode).not.toBe(first?.inode);
    await filesystem.makeFolder("f");
    expect(await filesystem.stat("f")).toMatchObject({ kind: "folder" });
    expect(await filesystem.stat("")).toMatchObject({ kind: "folder" });
    expect(await filesystem.stat("none")).toBeNull();
    expect(await filesystem.stat("f/none")).toBeNull();
    expect(await filesystem.stat("a/none")).toBeNull();
  });
}

function testNames(opened: () => Filesystem): void {
  test("a link is a second name; the file stays until both are gone", async () => {
    const filesystem = opened();
    await writeFile(filesystem, "a", "content");
    expect(await filesystem.link("a", "b")).toBe(true);
    expect(await filesystem.unlink("a")).toBe(true);
    expect(await filesystem.stat("a")).toBeNull();
    expect(await readText(filesystem, "b")).toBe("content");
    expect(await filesystem.unlink("b")).toBe(true);
    expect(await filesystem.unlink("b")).toBe(false);
  });

  test("a link never takes a name that is taken, by a file or a folder", async () => {
    const filesystem = opened();
    await writeFile(filesystem, "a", "new");
    await writeFile(filesystem, "b", "old");
    await filesystem.makeFolder("f");
    expect(await filesystem.link("a", "b")).toBe(false);
    expect(await filesystem.link("a", "a")).toBe(false);
    expect(await filesystem.link("a", "f")).toBe(false);
    expect(await readText(filesystem, "b")).toBe("old");
    expect(await codeOf(filesystem.link("none", "c"))).toBe("disk.missing");
    expect(await codeOf(filesystem.link("a", "none/c"))).toBe("disk.missing");
  });

  test("a rename replaces what had the name, and the old name is gone", async () => {
    const filesystem = opened();
    await filesystem.makeFolder("f");
    await writeFile(filesystem, "a", "new");
    await writeFile(filesystem, "f/b", "old");
    await filesystem.rename("a", "f/b");
    expect(await readText(filesystem, "f/b")).toBe("new");
    expect(await filesystem.stat("a")).toBeNull();
    await filesystem.rename("f/b", "f/b");
    expect(await readText(filesystem, "f/b")).toBe("new");
    expect(await codeOf(filesystem.rename("none", "c"))).toBe("disk.missing");
    expect(await codeOf(filesystem.rename("f/b", "none/c"))).toBe("disk.missing");
    expect(await codeOf(filesystem.rename("f/b", "f"))).toBe("disk.failed");
  });

  test("an open file is written on under its new name, and without a name", async () => {
    const filesystem = opened();
    const file = await filesystem.create("a");
    await filesystem.rename("a", "b");
    await file.write(new TextEncoder().encode("1"));
    expect(await readText(filesystem, "b")).toBe("1");
    await filesystem.unlink("b");
    await file.write(new TextEncoder().encode("2"));
    await file.sync();
    await file.close();
    expect(await filesystem.list("")).toEqual([]);
  });

  test("a folder isn't removed as a file, nor linked", async () => {
    const filesystem = opened();
    await filesystem.makeFolder("f");
    expect(await codeOf(filesystem.unlink("f"))).not.toBe("none");
    expect(await codeOf(filesystem.link("f", "g"))).toBe("disk.permission");
    expect(await filesystem.list("")).toEqual(["f"]);
  });
}

function testFolders(opened: () => Filesystem): void {
  test("a folder is made once, below one that exists", async () => {
    const filesystem = opened();
    expect(await filesystem.makeFolder("f")).toBe(true);
    expect(await filesystem.makeFolder("f")).toBe(false);
    expect(await filesystem.makeFolder("f/g")).toBe(true);
    expect(await codeOf(filesystem.makeFolder("none/g"))).toBe("disk.missing");
    await writeFile(filesystem, "a");
    expect(await codeOf(filesystem.makeFolder("a"))).toBe("disk.failed");
    expect(await codeOf(filesystem.makeFolder("a/g"))).toBe("disk.failed");
  });

  test("names are listed by code unit; a folder that isn't there has none", async () => {
    const filesystem = opened();
    for (const name of ["b", "C", "ä", "a", "10", "9", "\u{1f600}", "\uffee"]) {
      await writeFile(filesystem, name);
    }
    await filesystem.makeFolder("f");
    expect(await filesystem.list("")).toEqual([
      "10",
      "9",
      "C",
      "a",
      "b",
      "f",
      "ä",
      "\u{1f600}",
      "\uffee",
    ]);
    expect(await filesystem.list("f")).toEqual([]);
    expect(await filesystem.list("none")).toEqual([]);
    expect(await codeOf(filesystem.list("a"))).toBe("disk.failed");
  });

  test("an empty folder is removed, a full one and an absent one not", async () => {
    const filesystem = opened();
    await filesystem.makeFolder("f");
    await writeFile(filesystem, "f/a");
    expect(await filesystem.removeFolder("f")).toBe(false);
    await filesystem.unlink("f/a");
    expect(await filesystem.removeFolder("f")).toBe(true);
    expect(await filesystem.removeFolder("f")).toBe(false);
    await writeFile(filesystem, "a");
    expect(await codeOf(filesystem.removeFolder("a"))).toBe("disk.failed");
  });

  test("folders and files are made durable, what isn't there fails", async () => {
    const filesystem = opened();
    await filesystem.makeFolder("f");
    await writeFile(filesystem, "f/a", "x");
    await filesystem.syncFile("f/a");
    await filesystem.syncFolder("f");
    await filesystem.syncFolder("");
    expect(await codeOf(filesystem.syncFolder("none"))).toBe("disk.missing");
    expect(await codeOf(filesystem.syncFolder("f/a"))).toBe("disk.failed");
  });
}

function testPaths(opened: () => Filesystem): void {
  test("a path that leaves the root, or spells a name twice, is refused by every call", async () => {
    const filesystem = opened();
    await writeFile(filesystem, "a");
    for (const path of ["..", "../a", "f/../../a", "/a", "a\0", "./a", "f//a", "a/", "f/."]) {
      const pieces = async (): Promise<void> => {
        for await (const piece of filesystem.readPieces(path)) expect(piece).toBe("no piece");
      };
      const calls: readonly (() => Promise<unknown>)[] = [
        async () => filesystem.absolute(path),
        () => filesystem.create(path),
        () => filesystem.read(path, 1),
        pieces,
        () => filesystem.stat(path),
        () => filesystem.list(path),
        () => filesystem.makeFolder(path),
        () => filesystem.link("a", path),
        () => filesystem.link(path, "b"),
        () => filesystem.rename("a", path),
        () => filesystem.rename(path, "b"),
        () => filesystem.unlink(path),
        () => filesystem.removeFolder(path),
        () => filesystem.syncFile(path),
        () => filesystem.syncFolder(path),
      ];
      for (const call of calls) expect(await codeOf(call()), path).toBe("disk.outside_root");
    }
    expect(await filesystem.list("")).toEqual(["a"]);
  });

  test("the root is listed and synced under both its spellings, and its name stays", async () => {
    const filesystem = opened();
    for (const root of ["", "."]) {
      expect(await filesystem.list(root)).toEqual([]);
      await filesystem.syncFolder(root);
      const calls: readonly (() => Promise<unknown>)[] = [
        () => filesystem.create(root),
        () => filesystem.makeFolder(root),
        () => filesystem.rename(root, "a"),
        () => filesystem.link(root, "a"),
        () => filesystem.unlink(root),
        () => filesystem.removeFolder(root),
      ];
      for (const call of calls) expect(await codeOf(call())).toBe("disk.outside_root");
    }
  });

  test("a file where the path needs a folder is a failure that names the path", async () => {
    const filesystem = opened();
    await writeFile(filesystem, "a");
    const failure = filesystem.create("a/b");
    await expect(failure).rejects.toMatchObject({ kind: "Permanent", code: "disk.failed" });
    await expect(failure).rejects.toThrow(/a\/b/);
    expect(await filesystem.unlink("a/b")).toBe(false);
  });
}
