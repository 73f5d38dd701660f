/** The simulator of power cuts: right programs pass it, and each classical mistake is caught. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Filesystem } from "../../../src/core/ports/filesystem.ts";
import { anyCall, perform, treeOf } from "../filesystem-model.ts";
import { memoryFilesystem, type MemoryFilesystem } from "../memory-filesystem.ts";
import { withSeed } from "../seeded-random.ts";
import { diskFiles, type Disk } from "./disk.ts";
import { possibleDisks } from "./possible-disks.ts";
import { disksAfter } from "./recording.ts";
import { recordingFilesystem } from "./recording-filesystem.ts";

const disksPerCut = 30;
const oldText = "old ".repeat(400);
const newText = "new ".repeat(600);

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string | null =>
  bytes === undefined ? null : new TextDecoder().decode(bytes);
const filesOf = (disk: Disk): Record<string, string | null> =>
  Object.fromEntries([...diskFiles(disk)].map(([path, bytes]) => [path, textOf(bytes)]));
const disksOf = (memory: MemoryFilesystem, seed: number, disksMax = disksPerCut): Disk[] => [
  ...possibleDisks(memory.volume, { seed, disksMax }),
];

/** A program that replaces the file `folder/table`, which may be there, by one with `newText`. */
type Program = (filesystem: Filesystem) => Promise<void>;

async function write(filesystem: Filesystem, path: string, text: string): Promise<void> {
  const file = await filesystem.create(path);
  await file.write(bytesOf(text.slice(0, text.length / 2)));
  await file.write(bytesOf(text.slice(text.length / 2)));
  await file.close();
}

/** What is wrong on some disk after some cut of a program; empty for a right one. */
async function faultsOf(start: Program, program: Program, seed: number): Promise<string[]> {
  const memory = memoryFilesystem();
  await start(memory);
  const before = textOf(diskFiles(disksOf(memory, seed)[0] ?? never()).get("folder/table"));
  const { filesystem, recording } = await recordingFilesystem(memory);
  await program(filesystem);
  const recorded = recording();
  const faults: string[] = [];
  for (let cut = 0; cut <= recorded.steps.length; cut += 1) {
    const allowed = cut === recorded.steps.length ? [newText] : [before, newText];
    for (const disk of disksAfter(recorded, cut, seed, disksPerCut)) {
      if (!allowed.includes(textOf(diskFiles(disk).get("folder/table")))) faults.push(disk.label);
    }
  }
  return faults;
}

function never(): never {
  throw new Error("expected a disk");
}

const emptyFolder: Program = async (filesystem) => {
  await filesystem.makeFolder("folder");
  await filesystem.syncFolder("");
};

const oldTable: Program = async (filesystem) => {
  await emptyFolder(filesystem);
  await write(filesystem, "folder/table", oldText);
  await filesystem.syncFile("folder/table");
  await filesystem.syncFolder("folder");
};

const nothing: Program = async () => undefined;

describe("a right program shows the old file or the new one after every cut", () => {
  test.each<[string, Program, Program]>([
    [
      "write, sync, link, unlink, sync the folder",
      emptyFolder,
      async (filesystem) => {
        await write(filesystem, "folder/new", newText);
        await filesystem.syncFile("folder/new");
        await filesystem.link("folder/new", "folder/table");
        await filesystem.unlink("folder/new");
        await filesystem.syncFolder("folder");
      },
    ],
    [
      "write, sync, rename over the old one, sync the folder",
      oldTable,
      async (filesystem) => {
        await write(filesystem, "folder/new", newText);
        await filesystem.syncFile("folder/new");
        await filesystem.rename("folder/new", "folder/table");
        await filesystem.syncFolder("folder");
      },
    ],
    [
      "write elsewhere, sync, rename into the folder, sync both folders",
      oldTable,
      async (filesystem) => {
        await write(filesystem, "new", newText);
        await filesystem.syncFile("new");
        await filesystem.rename("new", "folder/table");
        await filesystem.syncFolder("folder");
        await filesystem.syncFolder("");
      },
    ],
    [
      "the same in a new folder, and sync of the folder above it",
      nothing,
      async (filesystem) => {
        await filesystem.makeFolder("folder");
        await filesystem.syncFolder("");
        const file = await filesystem.create("folder/new");
        await file.write(bytesOf(newText));
        await file.sync();
        await file.close();
        await filesystem.link("folder/new", "folder/table");
        await filesystem.syncFolder("folder");
      },
    ],
  ])("%s", async (_, start, program) => {
    await withSeed(async (seed) => {
      expect(await faultsOf(start, program, seed)).toEqual([]);
    });
  });
});

describe("a classical mistake is caught by at least one disk", () => {
  test.each<[string, Program, Program, RegExp]>([
    [
      "no sync of the file before the rename",
      oldTable,
      async (filesystem) => {
        await write(filesystem, "folder/new", newText);
        await filesystem.rename("folder/new", "folder/table");
        await filesystem.syncFolder("folder");
      },
      /lost \d+ bytes/,
    ],
    [
      "no sync of the file before the rename, nor of the folder after it",
      oldTable,
      async (filesystem) => {
        await write(filesystem, "folder/new", newText);
        await filesystem.rename("folder/new", "folder/table");
      },
      /(lost|torn) \d+ bytes/,
    ],
    [
      "a sync of the file before its last write",
      emptyFolder,
      async (filesystem) => {
        const file = await filesystem.create("folder/new");
        await file.write(bytesOf(newText.slice(0, 1000)));
        await file.sync();
        await file.write(bytesOf(newText.slice(1000)));
        await file.close();
        await filesystem.link("folder/new", "folder/table");
        await filesystem.syncFolder("folder");
      },
      /(lost|torn) \d+ bytes at 1000/,
    ],
    [
      "no sync of the folder after the rename",
      oldTable,
      async (filesystem) => {
        await write(filesystem, "folder/new", newText);
        await filesystem.syncFile("folder/new");
        await filesystem.rename("folder/new", "folder/table");
      },
      /lost folder\/new->folder\/table/,
    ],
    [
      "no sync of the folder after the link",
      emptyFolder,
      async (filesystem) => {
        await write(filesystem, "folder/new", newText);
        await filesystem.syncFile("folder/new");
        await filesystem.syncFolder("folder");
        await filesystem.link("folder/new", "folder/table");
      },
      /lost \+folder\/table/,
    ],
    [
      "no sync above a new folder",
      nothing,
      async (filesystem) => {
        await filesystem.makeFolder("folder");
        await write(filesystem, "folder/table", newText);
        await filesystem.syncFile("folder/table");
        await filesystem.syncFolder("folder");
      },
      /lost \+folder$/,
    ],
    [
      "the old file removed before the new one has its name",
      oldTable,
      async (filesystem) => {
        await write(filesystem, "folder/new", newText);
        await filesystem.syncFile("folder/new");
        await filesystem.unlink("folder/table");
        await filesystem.link("folder/new", "folder/table");
        await filesystem.syncFolder("folder");
      },
      /unlink folder\/table/,
    ],
  ])("%s", async (_, start, program, lost) => {
    await withSeed(async (seed) => {
      const faults = await faultsOf(start, program, seed);
      expect(
        faults.some((label) => lost.test(label)),
        faults.join("\n"),
      ).toBe(true);
    });
  });
});

describe("the disks after a cut", () => {
  test("begin with nothing lost, all lost, names without writes, writes without names", async () => {
    const memory = memoryFilesystem();
    const file = await memory.create("a");
    await memory.syncFolder("");
    await file.write(bytesOf("12"));
    await memory.link("a", "b");
    const [present, lost, names, writes] = disksOf(memory, 1).map(filesOf);
    expect(present).toEqual({ a: "12", b: "12" });
    expect(lost).toEqual({ a: "" });
    expect(names).toEqual({ a: "", b: "" });
    expect(writes).toEqual({ a: "12" });
  });

  test("are the one that there is, when everything was synced", async () => {
    const memory = memoryFilesystem();
    await oldTable(memory);
    expect(disksOf(memory, 1).map(filesOf)).toEqual([{ "folder/table": oldText }]);
  });

  test("differ, are no more than asked for, and are the same for the same seed", async () => {
    await withSeed(async (seed) => {
      const memory = memoryFilesystem();
      for (const path of ["a", "b", "c", "d"]) await write(memory, path, oldText);
      const digests = disksOf(memory, seed, 12).map(({ digest }) => digest);
      expect(new Set(digests).size).toBe(12);
      expect(disksOf(memory, seed, 12).map(({ digest }) => digest)).toEqual(digests);
      const others = disksOf(memory, seed + 1, 12).map(({ digest }) => digest);
      // No name is durable, so losing all names loses the writes too: three disks come first.
      expect(others.slice(0, 3)).toEqual(digests.slice(0, 3));
      expect(others).not.toEqual(digests);
    });
  });

  test("have a torn write as its beginning, or with whole sectors of zeros", async () => {
    await withSeed(async (seed) => {
      const memory = memoryFilesystem();
      const file = await memory.create("a");
      await memory.syncFolder("");
      await file.write(bytesOf("s".repeat(700)));
      await file.sync();
      await file.write(bytesOf("w".repeat(2000)));
      const contents = disksOf(memory, seed, 60).map((disk) => filesOf(disk)["a"] ?? "");
      const [shorter, zeroed] = [new Set<string>(), new Set<string>()];
      for (const content of contents) {
        expect(content.slice(0, 700)).toBe("s".repeat(700));
        const tail = content.slice(700);
        if (tail.includes("\0")) zeroed.add(tail);
        else if (tail.length < 2000) shorter.add(tail);
        if (!tail.includes("\0")) expect(tail).toBe("w".repeat(tail.length));
        // Sectors count from the file's start: 324 bytes of the write share one with synced bytes.
        const sectors = [tail.slice(0, 324), ...(tail.slice(324).match(/[^]{1,512}/g) ?? [])];
        for (const sector of sectors) expect(sector).toMatch(/^(w*|\0*)$/);
      }
      expect(shorter.size).toBeGreaterThan(3);
      expect(zeroed.size).toBeGreaterThan(3);
    });
  });

  test("have zeros where a write was lost before a later one", async () => {
    await withSeed(async (seed) => {
      const memory = memoryFilesystem();
      const file = await memory.create("a");
      await memory.syncFolder("");
      await file.write(bytesOf("1"));
      await file.write(bytesOf("2"));
      const contents = disksOf(memory, seed, 100).map((disk) => filesOf(disk)["a"]);
      expect(new Set(contents)).toEqual(new Set(["", "1", "12", "\u00002", "1\0", "\0\0", "\0"]));
    });
  });

  test("keep the order of changes of one name, and no other order", async () => {
    await withSeed(async (seed) => {
      const memory = memoryFilesystem();
      for (const path of ["a", "b"]) {
        await write(memory, path, path);
        await memory.syncFile(path);
      }
      await memory.unlink("a");
      await write(memory, "a", "again");
      await memory.syncFile("a");
      const disks = disksOf(memory, seed, 100).map((disk) => JSON.stringify(filesOf(disk)));
      const possible = [null, "a", "again"].flatMap((a) =>
        [null, "b"].map((b) =>
          JSON.stringify({ ...(a === null ? {} : { a }), ...(b === null ? {} : { b }) }),
        ),
      );
      expect(new Set(disks)).toEqual(new Set(possible));
    });
  });

  test("show a name's next file only where the rename that freed the name is kept", async () => {
    await withSeed(async (seed) => {
      const memory = memoryFilesystem();
      await write(memory, "next", "1");
      await memory.syncFile("next");
      await memory.rename("next", "table");
      await write(memory, "next", "2");
      await memory.syncFile("next");
      const disks = new Set(
        disksOf(memory, seed, 100).map((disk) => JSON.stringify(filesOf(disk))),
      );
      const possible = [{}, { next: "1" }, { table: "1" }, { next: "2", table: "1" }];
      expect(disks).toEqual(new Set(possible.map((files) => JSON.stringify(files))));
    });
  });

  test("never miss a file that moved to another folder, but may have it under both names", async () => {
    await withSeed(async (seed) => {
      const memory = memoryFilesystem();
      for (const folder of ["f", "g"]) await memory.makeFolder(folder);
      await memory.syncFolder("");
      await write(memory, "f/a", "x");
      await memory.syncFile("f/a");
      await memory.syncFolder("f");
      await memory.rename("f/a", "g/a");
      const names = disksOf(memory, seed).map((disk) => Object.keys(filesOf(disk)).join());
      expect(new Set(names)).toEqual(new Set(["f/a", "g/a", "f/a,g/a"]));
      await memory.removeFolder("f");
      const after = disksOf(memory, seed).map((disk) => Object.keys(filesOf(disk)).join());
      expect(new Set(after)).toEqual(new Set(names));
      await memory.syncFolder("");
      expect(disksOf(memory, seed).map(filesOf)).toEqual([{ "g/a": "x" }]);
    });
  });

  test("keep a removed folder as long as what was in it is kept", async () => {
    await withSeed(async (seed) => {
      const memory = memoryFilesystem();
      await oldTable(memory);
      await memory.unlink("folder/table");
      await memory.removeFolder("folder");
      const trees = new Set<string>();
      for (const disk of disksOf(memory, seed)) {
        trees.add(JSON.stringify(Object.keys(await treeOf(memoryFilesystem(disk)))));
      }
      expect(trees).toEqual(new Set(["[]", '["folder"]', '["folder","folder/table"]']));
    });
  });

  test("don't have what lies in a folder that has no name, however it was synced", async () => {
    const memory = memoryFilesystem();
    await memory.makeFolder("f");
    await memory.makeFolder("f/g");
    await write(memory, "f/g/a", "x");
    await memory.syncFile("f/g/a");
    await memory.syncFolder("f/g");
    await memory.syncFolder("");
    expect(disksOf(memory, 1).map(filesOf)).toEqual([{ "f/g/a": "x" }, {}]);
  });
});

test("after any calls the first disk is the present tree, and what was synced is on every disk", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 25 }), fc.nat(), async (calls, seed) => {
      const memory = memoryFilesystem();
      for (const call of calls) await perform(memory, call);
      const [present] = disksOf(memory, seed);
      const tree = await treeOf(memory);
      expect(await treeOf(memoryFilesystem(present))).toEqual(tree);
      // Everything made durable from the top, one sync a node: only the present tree is left.
      for (const [path, text] of [["", null] as const, ...Object.entries(tree)]) {
        await (text === null ? memory.syncFolder(path) : memory.syncFile(path));
      }
      const disks = disksOf(memory, seed);
      expect(disks.length).toBe(1);
      expect(disks[0]?.digest).toBe(present?.digest);
    }),
    { numRuns: 200 },
  );
});
