/** The recorder over a real folder: its record is what happened there, by the port or beside it. */
import {
  appendFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  unlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeFilesystem } from "../../../src/platform/node-filesystem.ts";
import { failingFilesystem } from "../failing-filesystem.ts";
import { codeOf, filesystemContract, writeFile as writeDurable } from "../filesystem-contract.ts";
import { anyCall, perform, treeOf } from "../filesystem-model.ts";
import { interceptedFilesystem } from "../intercepted-filesystem.ts";
import { memoryFilesystem } from "../memory-filesystem.ts";
import { diskFiles, emptyDisk, type Disk } from "./disk.ts";
import { materialise } from "./materialise.ts";
import { disksAfter } from "./recording.ts";
import { recordingFilesystem, type Recorder } from "./recording-filesystem.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hakiri-recorder-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

filesystemContract("the recorder over node:fs", async () => {
  const root = await mkdtemp(join(tmpdir(), "hakiri-contract-"));
  const { filesystem } = await recordingFilesystem(nodeFilesystem(root));
  return { filesystem, remove: () => rm(root, { recursive: true }) };
});

const seed = 1;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const at = (path: string): string => join(folder, path);
const filesOf = (disk: Disk | undefined): Record<string, string> =>
  Object.fromEntries(
    [...diskFiles(disk ?? emptyDisk)].map(([path, bytes]) => [
      path,
      new TextDecoder().decode(bytes),
    ]),
  );

/** The files that are on the disk in any case, and those of the disk that lost nothing. */
function now(recorder: Recorder): {
  certain: Record<string, string>;
  kept: Record<string, string>;
} {
  const recording = recorder.recording();
  const [kept, lost] = disksAfter(recording, recording.steps.length, seed, 2);
  return { certain: filesOf(lost ?? kept), kept: filesOf(kept) };
}

test("after any calls the record ends with what lies in the folder", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 25 }), async (calls) => {
      const root = await mkdtemp(join(tmpdir(), "hakiri-recorder-"));
      try {
        const real = nodeFilesystem(root);
        await writeDurable(real, "a", "found");
        await real.link("a", "b");
        const recorder = await recordingFilesystem(real);
        for (const call of calls) await perform(recorder.filesystem, call);
        const recording = recorder.recording();
        for (let cut = 0; cut <= recording.steps.length; cut += 1) {
          expect([...disksAfter(recording, cut, seed, 3)].length).toBeGreaterThan(0);
        }
        const [kept] = disksAfter(recording, recording.steps.length, seed, 1);
        expect(await treeOf(memoryFilesystem(kept))).toEqual(await treeOf(real));
      } finally {
        await rm(root, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});

test("a written disk is the disk, with two names of one file on one file", async () => {
  const memory = memoryFilesystem();
  await memory.makeFolder("f");
  await memory.makeFolder("f/empty");
  await writeDurable(memory, "f/a", "content");
  await memory.link("f/a", "b");
  const { recording } = await recordingFilesystem(memory);
  const [disk] = disksAfter(recording(), 0, seed, 1);
  await materialise(disk ?? emptyDisk, at("disk"));
  const real = nodeFilesystem(at("disk"));
  expect(await treeOf(real)).toEqual({ f: null, "f/a": "content", "f/empty": null, b: "content" });
  expect((await real.stat("b"))?.inode).toBe((await real.stat("f/a"))?.inode);
  await expect(materialise(disk ?? emptyDisk, at("disk"))).rejects.toThrow(/EEXIST/);
});

test("what was there before is durable, and cuts name where they are", async () => {
  await writeFile(at("a"), "found");
  const recorder = await recordingFilesystem(nodeFilesystem(folder));
  await recorder.filesystem.unlink("a");
  const recording = recorder.recording();
  expect([...disksAfter(recording, 0, seed, 9)].map(filesOf)).toEqual([{ a: "found" }]);
  const disks = [...disksAfter(recording, 1, seed, 9)];
  expect(disks.map(filesOf)).toEqual([{}, { a: "found" }]);
  expect(disks.map(({ label }) => label)).toEqual([
    "power cut at 1 of 1, after unlink a: nothing lost",
    "power cut at 1 of 1, after unlink a: lost -a",
  ]);
  expect(() => [...disksAfter(recording, 2, seed, 1)]).toThrow(RangeError);
});

test("calls at once are recorded one after the other, as they were made", async () => {
  const { filesystem, recording } = await recordingFilesystem(nodeFilesystem(folder));
  const file = await filesystem.create("a");
  const reused = bytesOf("1");
  await Promise.all([
    file.write(reused),
    filesystem.link("a", "b"),
    file.write(bytesOf("2")),
    file.sync(),
    codeOf(filesystem.rename("none", "c")),
    filesystem.unlink("a"),
  ]);
  await file.close();
  reused.fill(0);
  const [last] = disksAfter(recording(), recording().steps.length, seed, 1);
  expect(filesOf(last)).toEqual({ b: "12" });
  const types = recording().steps.map(({ type }) => type);
  expect(types).toEqual(["create", "write", "link", "write", "syncFile", "unlink"]);
});

describe("a file that something else wrote", () => {
  test.each<[string, (recorder: Recorder) => Promise<unknown>, readonly string[]]>([
    ["stat", ({ filesystem }) => filesystem.stat("f/part"), ["f/part"]],
    ["link", ({ filesystem }) => filesystem.link("f/part", "f/b"), ["f/b", "f/part"]],
    ["rename", ({ filesystem }) => filesystem.rename("f/part", "f/b"), ["f/b"]],
    ["syncFolder", ({ filesystem }) => filesystem.syncFolder("f"), ["f/part"]],
    ["unlink", ({ filesystem }) => filesystem.unlink("f/part"), []],
  ])("is noticed by %s, and none of its bytes are durable", async (_, call, paths) => {
    const recorder = await recordingFilesystem(nodeFilesystem(folder));
    await recorder.filesystem.makeFolder("f");
    await writeFile(at("f/part"), "made elsewhere");
    expect(recorder.recording().steps.length).toBe(1);
    await call(recorder);
    await recorder.filesystem.syncFolder("f");
    await recorder.filesystem.syncFolder("");
    const { kept, certain } = now(recorder);
    expect(Object.keys(kept)).toEqual(paths);
    for (const path of paths) expect([kept[path], certain[path]]).toEqual(["made elsewhere", ""]);
  });

  test("is durable by syncFile with its folders, also those made elsewhere", async () => {
    const recorder = await recordingFilesystem(nodeFilesystem(folder));
    await mkdir(at("f/g"), { recursive: true });
    await writeFile(at("f/g/part"), "made elsewhere");
    await recorder.filesystem.syncFile("f/g/part");
    expect(now(recorder)).toEqual({ kept: { "f/g/part": "made elsewhere" }, certain: {} });
    for (const path of ["f/g", "f", ""]) await recorder.filesystem.syncFolder(path);
    expect(now(recorder).certain).toEqual({ "f/g/part": "made elsewhere" });
  });

  test("is noticed again when it was rewritten, grown, replaced or removed", async () => {
    const recorder = await recordingFilesystem(nodeFilesystem(folder));
    await writeFile(at("a"), "one");
    await recorder.filesystem.syncFile("a");
    await recorder.filesystem.syncFolder("");
    await writeFile(at("a"), "three");
    await recorder.filesystem.stat("a");
    expect(now(recorder)).toEqual({ kept: { a: "three" }, certain: { a: "one" } });
    await recorder.filesystem.syncFile("a");
    await appendFile(at("a"), " four");
    await recorder.filesystem.stat("a");
    expect(now(recorder)).toEqual({ kept: { a: "three four" }, certain: { a: "three" } });
    await recorder.filesystem.link("a", "twin");
    await writeFile(at("b"), "other");
    await rename(at("b"), at("a"));
    await recorder.filesystem.stat("a");
    const twin = "three four";
    expect(now(recorder)).toEqual({ kept: { a: "other", twin }, certain: { a: "three" } });
    await unlink(at("a"));
    expect(await recorder.filesystem.stat("a")).toBeNull();
    expect(now(recorder)).toEqual({ kept: { twin }, certain: { a: "three" } });
  });

  test("doesn't show when no call named it", async () => {
    const recorder = await recordingFilesystem(nodeFilesystem(folder));
    await writeFile(at("junk"), "x");
    await recorder.filesystem.makeFolder("f");
    expect(now(recorder).kept).toEqual({});
  });
});

test("a write that failed half way is noticed as what may be there behind the synced bytes", async () => {
  const failing = failingFilesystem(nodeFilesystem(folder), {
    at: 3,
    lasts: "once",
    errno: "ENOSPC",
  });
  const recorder = await recordingFilesystem(failing.filesystem);
  const file = await recorder.filesystem.create("journal");
  await file.write(bytesOf("line 1\n"));
  await file.sync();
  expect(await codeOf(file.write(bytesOf("line 2\n")))).toBe("disk.full");
  await file.close();
  expect(await readFile(at("journal"), "utf8")).toBe("line 1\nlin");
  await recorder.filesystem.syncFolder("");
  await recorder.filesystem.stat("journal");
  const recording = recorder.recording();
  const texts = new Set<string>();
  for (const disk of disksAfter(recording, recording.steps.length, seed, 30)) {
    texts.add(filesOf(disk)["journal"] ?? "");
  }
  expect([...texts].filter((text) => !text.startsWith("line 1\n"))).toEqual([]);
  expect(texts).toContain("line 1\nlin");
  expect(texts).toContain("line 1\nl");
});

describe("a durable step", () => {
  const isModelled = (path: string): boolean => /^s\/(catalog|claims)/.test(path);

  test("holds from its return on, whole: what it replaces is gone, and the folder is as safe as it was", async () => {
    const recorder = await recordingFilesystem(nodeFilesystem(folder), { isModelled });
    await recorder.filesystem.makeFolder("s");
    const commit = async (text: string): Promise<void> => {
      await writeFile(at("s/catalog.sqlite"), "the live file, not its backup");
      const snapshot = { path: "s/catalog.sqlite", bytes: bytesOf(text) };
      await recorder.durableStep(`commit ${text}`, async () => [snapshot]);
    };
    await commit("1");
    expect(now(recorder)).toEqual({ kept: { "s/catalog.sqlite": "1" }, certain: {} });
    await recorder.filesystem.syncFolder("");
    await commit("2");
    expect(now(recorder).certain).toEqual({ "s/catalog.sqlite": "2" });
    const { steps } = recorder.recording();
    const cuts = steps.map((_, cut) => {
      const [, lost] = disksAfter(recorder.recording(), cut, seed, 2);
      const [kept] = disksAfter(recorder.recording(), cut, seed, 1);
      return [kept, lost].map((disk) => filesOf(disk)["s/catalog.sqlite"] ?? "none").join();
    });
    // Nothing, then the folder, the first commit, the folder's name made durable.
    expect(cuts).toEqual(["none,none", "none,none", "1,none", "1,none"]);
  });

  test("alone speaks of what is modelled: the recorder never opens it, and no call shows it", async () => {
    const calls: string[] = [];
    const watched = interceptedFilesystem(nodeFilesystem(folder), ({ operation, path }) => {
      calls.push(`${operation} ${path}`);
    });
    await mkdir(at("s/claims"), { recursive: true });
    await writeFile(at("s/catalog.sqlite"), "live");
    await writeFile(at("s/claims/p.lock"), "live");
    const recorder = await recordingFilesystem(watched, { isModelled });
    await writeFile(at("s/catalog.sqlite-wal"), "live");
    await recorder.filesystem.syncFolder("s");
    expect(calls.filter((call) => /catalog|claims/.test(call))).toEqual([]);
    expect(await recorder.filesystem.stat("s/catalog.sqlite")).toMatchObject({ kind: "file" });
    expect(await recorder.filesystem.unlink("s/catalog.sqlite-wal")).toBe(true);
    expect(await recorder.filesystem.makeFolder("s/claims/x")).toBe(true);
    await (await recorder.filesystem.create("s/claims/q.lock")).close();
    expect(recorder.recording().steps.map(({ type }) => type)).toEqual(["syncFolder"]);
    expect(now(recorder).kept).toEqual({});
  });
});
