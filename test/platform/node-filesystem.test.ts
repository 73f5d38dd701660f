/** The adapter on node:fs: the port's contract, and what only a real disk can show. */
import { constants, existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskError } from "../../src/platform/disk-error.ts";
import { NodeWritableFile } from "../../src/platform/node-file.ts";
import { nodeFilesystem } from "../../src/platform/node-filesystem.ts";
import { errnoError } from "./errno.ts";
import { codeOf, filesystemContract, readText } from "./filesystem-contract.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hakiri-disk-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

filesystemContract("the filesystem on node:fs", async () => {
  const root = await mkdtemp(join(tmpdir(), "hakiri-contract-"));
  return { filesystem: nodeFilesystem(root), remove: () => rm(root, { recursive: true }) };
});

test("a path's absolute form lies below the root", () => {
  const filesystem = nodeFilesystem(folder);
  expect(filesystem.absolute("runs/a")).toBe(join(folder, "runs", "a"));
  expect(filesystem.absolute("")).toBe(folder);
});

test("links are followed, one that leads nowhere has no file, one in a circle is a failure", async () => {
  const filesystem = nodeFilesystem(folder);
  await writeFile(join(folder, "a"), "content");
  await symlink("a", join(folder, "link"));
  await symlink("none", join(folder, "dangling"));
  await symlink("circle", join(folder, "circle"));
  expect(await filesystem.stat("link")).toMatchObject({ kind: "file", sizeBytes: 7 });
  expect(await readText(filesystem, "link")).toBe("content");
  expect(await filesystem.stat("dangling")).toBeNull();
  expect(await codeOf(filesystem.stat("circle"))).toBe("disk.failed");
  expect(await codeOf(filesystem.create("dangling"))).toBe("disk.failed");
});

test("a pipe is neither a file nor waited for", async () => {
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const filesystem = nodeFilesystem(folder);
  expect(await filesystem.stat("pipe")).toMatchObject({ kind: "other" });
  expect(await codeOf(filesystem.read("pipe", 1))).toBe("disk.failed");
});

test("making durable reaches the system, which refuses it for what has no disk", async () => {
  // fsync of a pipe is EINVAL (fsync(2)), and so is that of Linux's /proc, a folder without a disk.
  execFileSync("mkfifo", [join(folder, "pipe")]);
  expect(await codeOf(nodeFilesystem(folder).syncFile("pipe"))).toBe("disk.failed");
  const both = constants.O_RDWR | constants.O_NONBLOCK;
  const file = new NodeWritableFile(await open(join(folder, "pipe"), both), "pipe");
  expect(await codeOf(file.sync())).toBe("disk.failed");
  await file.close();
  const isLinux = existsSync("/proc/self/status");
  const inMemory = codeOf(nodeFilesystem(isLinux ? "/proc" : folder).syncFolder(""));
  expect(await inMemory).toBe(isLinux ? "disk.failed" : "none");
});

test("the time of the last change is in microseconds", async () => {
  await writeFile(join(folder, "a"), "");
  const micros = (await nodeFilesystem(folder).stat("a"))?.modifiedMicros ?? 0n;
  const dayMicros = 86_400_000_000n;
  const now = BigInt(Date.now()) * 1000n;
  expect(micros).toBeGreaterThan(now - dayMicros);
  expect(micros).toBeLessThan(now + dayMicros);
});

test("a file that grows while it is read is read to its new end, within the bound", async () => {
  // On Linux /proc says 0 bytes of files that hold more, as a file does that grows after the look.
  const growing = existsSync("/proc/self/status");
  const filesystem = nodeFilesystem(growing ? "/proc/self" : folder);
  if (!growing) await writeFile(join(folder, "status"), "Name: x");
  expect(await readText(filesystem, "status")).toMatch(/^Name:/);
  expect(await codeOf(filesystem.read("status", 3))).toBe("disk.too_large");
});

test("two calls on one file at a time are a defect", async () => {
  const file = await nodeFilesystem(folder).create("a");
  const first = file.write(new Uint8Array(1000));
  await expect(file.write(new Uint8Array(1))).rejects.toThrow(/got one busy/);
  await expect(file.close()).rejects.toThrow(/closed during another call/);
  await first;
  await file.close();
});

test("a full disk is told by its code, and the file takes nothing from then on", async () => {
  // Linux has a device that is always full.
  const isFull = existsSync("/dev/full");
  const handle = await open(isFull ? "/dev/full" : join(folder, "a"), isFull ? "w" : "wx");
  const file = new NodeWritableFile(handle, "parts/a.parquet");
  const first = await file.write(new Uint8Array(10)).catch((error: unknown) => error);
  const full = isFull
    ? first
    : diskError(errnoError("ENOSPC"), { deed: "write", path: "parts/a.parquet" });
  expect(full).toMatchObject({
    kind: "Permanent",
    code: "disk.full",
    message: "expected to write 'parts/a.parquet', got ENOSPC: no space is left",
  });
  const after = await file.sync().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(after).toBe(isFull ? first : undefined);
  await file.close();
});

test("a folder that forbids writing is told by its code, but to root, whom nothing forbids", async () => {
  await mkdir(join(folder, "closed"));
  await chmod(join(folder, "closed"), 0o500);
  const code = await codeOf(nodeFilesystem(folder).makeFolder("closed/a"));
  await chmod(join(folder, "closed"), 0o700);
  expect(code).toBe(process.getuid?.() === 0 ? "none" : "disk.permission");
});
