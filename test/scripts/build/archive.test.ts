/** Archives: reproducible, and readable by the tools that users have. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { archiveTarZst, archiveZip, checksumLine } from "../../../scripts/build/archive.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hakiri-archive-"));
  mkdirSync(join(folder, "a/release/bin"), { recursive: true });
  writeFileSync(join(folder, "a/release/bin/hakiri"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(folder, "a/release/LICENSE"), "text\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the same files give the same bytes, whatever times, order, modes and time zone", async () => {
  mkdirSync(join(folder, "b/release"), { recursive: true });
  cpSync(join(folder, "a/release/LICENSE"), join(folder, "b/release/LICENSE"));
  cpSync(join(folder, "a/release/bin"), join(folder, "b/release/bin"), { recursive: true });
  utimesSync(join(folder, "b/release/LICENSE"), 1, 1);
  chmodSync(join(folder, "b/release/LICENSE"), 0o600);
  for (const side of ["a", "b"]) {
    vi.stubEnv("TZ", side === "a" ? "UTC" : "Asia/Tokyo");
    await archiveTarZst(join(folder, side, "release"), join(folder, `${side}.tar.zst`));
    await archiveZip(join(folder, side, "release"), join(folder, `${side}.zip`));
  }
  for (const kind of ["tar.zst", "zip"]) {
    const [a, b] = ["a", "b"].map((side) => readFileSync(join(folder, `${side}.${kind}`)));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  }
  vi.unstubAllEnvs();
});

test("the tarball unpacks to the same files with their modes, answers its size", async () => {
  const file = join(folder, "c.tar.zst");
  const size = await archiveTarZst(join(folder, "a/release"), file);
  expect(size).toBe(readFileSync(file).length);
  const listing = execFileSync("tar", ["-tvf", "-"], {
    input: zstdDecompressSync(readFileSync(file)),
    encoding: "utf8",
  });
  expect(listing).toMatch(/^-rwxr-xr-x .* release\/bin\/hakiri$/m);
  expect(listing).toMatch(/ release\/LICENSE$/m);
});

test("a folder that isn't there is an error, not an empty archive", async () => {
  await expect(archiveTarZst(join(folder, "none"), join(folder, "none.tar.zst"))).rejects.toThrow(
    "expected tar to archive",
  );
});

test("a checksum line is what sha256sum would have written", async () => {
  const file = join(folder, "sum.txt");
  writeFileSync(file, "abc");
  expect(await checksumLine(file)).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  sum.txt\n",
  );
});
