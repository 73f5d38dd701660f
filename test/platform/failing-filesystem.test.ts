/** Faults by number: the call that is meant fails, as on a real disk, and the others don't. */
import { expect, test } from "vitest";
import type { Filesystem } from "../../src/core/ports/filesystem.ts";
import { failingFilesystem, type Fault } from "./failing-filesystem.ts";
import { codeOf, filesystemContract, readText } from "./filesystem-contract.ts";
import { interceptedFilesystem } from "./intercepted-filesystem.ts";
import { memoryFilesystem } from "./memory-filesystem.ts";

filesystemContract("a filesystem between whose calls nothing happens", async () => ({
  filesystem: interceptedFilesystem(memoryFilesystem(), () => undefined),
  remove: async () => undefined,
}));

const steps: readonly ((filesystem: Filesystem) => Promise<unknown>)[] = [
  (filesystem) => filesystem.makeFolder("f"),
  (filesystem) => filesystem.stat("f"),
  (filesystem) => filesystem.list("f"),
  (filesystem) => filesystem.syncFolder("f"),
  (filesystem) => filesystem.unlink("none"),
  (filesystem) => filesystem.removeFolder("f"),
];

async function codesUnder(fault: Fault): Promise<{ codes: string[]; counted: number }> {
  const { filesystem, counted } = failingFilesystem(memoryFilesystem(), fault);
  const codes: string[] = [];
  for (const step of steps) codes.push(await codeOf(step(filesystem)));
  return { codes, counted: counted() };
}

test("one call fails, or all from it on, counted over changes or over all", async () => {
  const fault = { at: 1, errno: "EIO", lasts: "once" } as const;
  const [ok, bad] = ["none", "disk.failed"];
  expect(await codesUnder(fault)).toEqual({ codes: [ok, ok, ok, bad, ok, ok], counted: 4 });
  const onwards = await codesUnder({ ...fault, lasts: "onwards" });
  expect(onwards).toEqual({ codes: [ok, ok, ok, bad, bad, bad], counted: 4 });
  const all = await codesUnder({ ...fault, counts: "all" });
  expect(all).toEqual({ codes: [ok, bad, ok, ok, ok, ok], counted: 6 });
  expect((await codesUnder({ ...fault, at: 4 })).codes).toEqual(steps.map(() => ok));
});

test("a failed write leaves half of its bytes, and its file stays failed", async () => {
  const memory = memoryFilesystem();
  const fault = { at: 1, lasts: "once", errno: "ENOSPC" } as const;
  const { filesystem } = failingFilesystem(memory, fault);
  const file = await filesystem.create("a");
  const bytes = new TextEncoder().encode("123456");
  expect(await codeOf(file.write(bytes))).toBe("disk.full");
  expect(await codeOf(file.write(bytes))).toBe("disk.full");
  expect(await codeOf(file.sync())).toBe("disk.full");
  await file.close();
  expect(await readText(memory, "a")).toBe("123");
  expect([...memory.volume.files.values()].map(({ synced }) => synced)).toEqual([0]);
});

test("a failed sync makes nothing durable, and isn't done by a second one", async () => {
  const memory = memoryFilesystem();
  const { filesystem } = failingFilesystem(memory, { at: 2, lasts: "once", errno: "EIO" });
  const file = await filesystem.create("a");
  await file.write(new Uint8Array(3));
  expect(await codeOf(file.sync())).toBe("disk.failed");
  expect(await codeOf(file.sync())).toBe("disk.failed");
  await file.close();
  expect([...memory.volume.files.values()].map(({ synced }) => synced)).toEqual([0]);
});

test("a failed close closes, and reading in pieces fails at the first one", async () => {
  const memory = memoryFilesystem();
  const fault = { lasts: "once", errno: "EIO", counts: "all" } as const;
  const closing = failingFilesystem(memory, { ...fault, at: 1 }).filesystem;
  const file = await closing.create("a");
  expect(await codeOf(file.close())).toBe("disk.failed");
  await expect(file.write(new Uint8Array(1))).rejects.toThrow(/closed/);
  const reading = failingFilesystem(memory, { ...fault, at: 0 }).filesystem;
  const pieces = async (): Promise<void> => {
    for await (const piece of reading.readPieces("a")) expect(piece).toBe("no piece");
  };
  expect(await codeOf(pieces())).toBe("disk.failed");
});

test("what is asked before a call knows its number, name and path", async () => {
  const calls: string[] = [];
  const filesystem = interceptedFilesystem(memoryFilesystem(), (call) => {
    calls.push(`${call.index} ${call.operation} ${call.path}${call.isChange ? " changes" : ""}`);
  });
  const file = await filesystem.create("a");
  await file.write(new Uint8Array(1));
  await file.close();
  await filesystem.link("a", "b");
  await filesystem.stat("b");
  expect(calls).toEqual([
    "0 create a changes",
    "1 write a changes",
    "2 close a",
    "3 link a -> b changes",
    "4 stat b",
  ]);
});
