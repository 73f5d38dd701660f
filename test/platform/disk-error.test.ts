/** Each error number has its code, and an error that names the path and what to do. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { HakiriError, type ErrorRecord } from "../../src/core/error.ts";
import { diskError } from "../../src/platform/disk-error.ts";
import { nodeFilesystem } from "../../src/platform/node-filesystem.ts";
import { errnoError } from "./errno.ts";
import { codeOf } from "./filesystem-contract.ts";

test.each([
  ["ENOSPC", "disk.full"],
  ["EDQUOT", "disk.full"],
  ["EACCES", "disk.permission"],
  ["EPERM", "disk.permission"],
  ["EROFS", "disk.read_only"],
  ["ENOENT", "disk.missing"],
  ["EMFILE", "disk.failed"],
  ["ENFILE", "disk.failed"],
  ["EIO", "disk.failed"],
  ["ENOTDIR", "disk.failed"],
  ["EXDEV", "disk.failed"],
])("%s is %s", (errno, code) => {
  const cause = errnoError(errno);
  const error = diskError(cause, { deed: "write", path: "runs/a" });
  const record = recordOf(error);
  expect(record).toMatchObject({ kind: "Permanent", code });
  expect(record.message).toContain(`expected to write 'runs/a', got ${errno}: `);
  expect(record.hint).toMatch(/\w{3}/);
  expect(error).toMatchObject({ cause });
});

test("a defect, and an error that is one of ours already, come back as they were", () => {
  const step = { deed: "write", path: "a" };
  const ours = diskError(errnoError("ENOSPC"), step);
  const defect = new TypeError("expected bytes");
  expect(diskError(ours, step)).toBe(ours);
  expect(diskError(defect, step)).toBe(defect);
  expect(diskError("thrown text", step)).toBe("thrown text");
});

test("a name that the system refuses is a failure that says its number", async () => {
  const filesystem = nodeFilesystem(resolve("."));
  expect(await codeOf(filesystem.stat("n".repeat(5000)))).toBe("disk.failed");
});

/** Fills a filesystem of 64 KiB, makes it read-only, and prints the codes and what was kept. */
const script = `
  import { execFileSync } from "node:child_process";
  import { nodeFilesystem } from ${JSON.stringify(resolve("src/platform/node-filesystem.ts"))};
  const filesystem = nodeFilesystem(process.argv[1]);
  const codeOf = (call) => call.then(() => "none", (error) => error.code);
  const kept = await filesystem.create("kept");
  await kept.write(new Uint8Array(1000).fill(7));
  await kept.sync();
  const file = await filesystem.create("large");
  const written = await codeOf(file.write(new Uint8Array(100_000)));
  const synced = await codeOf(file.sync());
  await file.close();
  await kept.close();
  execFileSync("mount", ["-o", "remount,bind,ro", process.argv[1]]);
  const readOnly = await codeOf(filesystem.unlink("kept"));
  const bytes = (await filesystem.read("kept", 1000)).length;
  console.log(JSON.stringify({ written, synced, readOnly, bytes }));
`;

test("a filesystem that fills up, and one that is read-only, are told by their codes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hakiri-full-"));
  // In a mount namespace of its own, which takes the mount along, where the system gives one to
  // whoever runs this.
  const mounted =
    'mount -t tmpfs -o size=64k none "$2" && echo mounted && ' +
    '"$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1" "$2"';
  const shell = ["sh", "-c", mounted, process.execPath, script, folder];
  const { stdout, stderr } = spawnSync("unshare", ["--map-root-user", "--mount", ...shell], {
    encoding: "utf8",
    timeout: 30_000,
  });
  rmSync(folder, { recursive: true });
  const isMounted = (stdout ?? "").startsWith("mounted");
  expect(isMounted ? stderr : "").toBe("");
  const found: unknown = isMounted ? JSON.parse(stdout.slice(7)) : await withoutNamespace();
  const codes = { written: "disk.full", synced: "disk.full", readOnly: "disk.read_only" };
  expect(found).toEqual({ ...codes, bytes: 1000 });
});

/** The same codes, of Linux's device that is always full or made up, and of a made-up disk. */
async function withoutNamespace(): Promise<unknown> {
  const step = { deed: "write", path: "large" };
  const refusal = existsSync("/dev/full")
    ? await appendFile("/dev/full", "x").catch((error: unknown) => error)
    : errnoError("ENOSPC");
  const written = diskError(refusal, step);
  const readOnly = diskError(errnoError("EROFS"), step);
  const [full, closed] = [written, readOnly].map((error) => recordOf(error).code);
  return { written: full, synced: full, readOnly: closed, bytes: 1000 };
}

function recordOf(error: unknown): ErrorRecord {
  if (error instanceof HakiriError) return error.toRecord();
  throw new Error("expected a HakiriError", { cause: error });
}
