/** Which filesystems count as a network's, by what the systems really print. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { requireLocalFilesystem } from "../../src/platform/local-filesystem.ts";
import { linuxMounts, macosMounts, mountOf } from "../../src/platform/mount-table.ts";
import {
  linuxKindOfMagic,
  linuxNetworkName,
  macosNetworkName,
} from "../../src/platform/network-kind.ts";

test("a folder of this machine is let through, also one that doesn't exist yet", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hakiri-local-"));
  await requireLocalFilesystem(folder);
  await requireLocalFilesystem(join(folder, "a", "b"));
  await rm(folder, { recursive: true });
});

describe("Linux", () => {
  const mounts = linuxMounts(
    [
      "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard",
      "30 27 0:41 / /mnt rw shared:7 - ext4 /dev/vdb rw",
      "31 27 0:42 / /mnt/sshfs rw,nosuid shared:12 master:3 - fuse.sshfs me@there:/ rw,user_id=0",
      "32 27 0:43 / /mnt/a\\040b rw - fuseblk /dev/sdb1 rw",
      "33 27 0:44 / /mnt/far rw,relatime - 9p 10.0.0.2 rw,trans=tcp,port=564",
      "34 27 0:45 / /mnt/host rw,relatime - 9p share rw,trans=virtio",
      "35 27 0:46 / /mnt/sandbox rw - 9p none rw,trans=fd,rfdno=4,wfdno=4",
      "36 27 0:47 / /mnt/odd rw - 9p none rw",
      "37 27 0:48 / /mnt/lent rw - virtiofs share rw",
      "38 27 0:49 / /mnt/bucket rw - fuse.s3fs s3fs rw",
      "39 30 0:50 / /mnt rw - fuse.rclone remote: rw",
      "not a mount",
      "",
    ].join("\n"),
  );
  const nameAt = (path: string): string | null => linuxNetworkName(mountOf(path, mounts));

  test.each([0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x6b414653, 0x00c36400])(
    "the number %i of statfs is a network filesystem's",
    (magic) => {
      expect(linuxKindOfMagic(BigInt(magic)).kind).toBe("network");
    },
  );

  test("a number that the system widened with its sign is the same number", () => {
    expect(linuxKindOfMagic(BigInt.asIntN(32, 0xff534d42n))).toEqual({
      kind: "network",
      name: "CIFS",
    });
  });

  test.each([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630])(
    "the number %i of statfs is a local filesystem's",
    (magic) => {
      expect(linuxKindOfMagic(BigInt(magic))).toEqual({ kind: "local" });
    },
  );

  test("FUSE and 9p are judged by their mount", () => {
    expect(linuxKindOfMagic(0x65735546n)).toEqual({ kind: "undecided" });
    expect(linuxKindOfMagic(0x01021997n)).toEqual({ kind: "undecided" });
    expect(nameAt("/mnt/sshfs/project")).toBe("fuse.sshfs");
    expect(nameAt("/mnt/bucket")).toBe("fuse.s3fs");
    expect(nameAt("/mnt/a b/project")).toBeNull();
    expect(nameAt("/mnt/lent")).toBeNull();
    expect(nameAt("/mnt/far")).toBe("9p over a network");
    expect(nameAt("/mnt/host/x")).toBeNull();
    expect(nameAt("/mnt/sandbox")).toBeNull();
    expect(nameAt("/mnt/odd")).toBe("9p over a network");
    expect(linuxNetworkName(null)).toMatch(/unknown/);
  });

  test("a path belongs to the deepest mount above it, and there to the last one made", () => {
    expect(mountOf("/mnt/sshfs", mounts)?.type).toBe("fuse.sshfs");
    expect(mountOf("/mnt/sshfsx", mounts)?.type).toBe("fuse.rclone");
    expect(mountOf("/mntx", mounts)?.type).toBe("ext4");
    expect(mountOf("/mnt/a", [])).toBeNull();
  });
});

describe("macOS", () => {
  const mounts = macosMounts(
    [
      "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)",
      "devfs on /dev (devfs, local, nobrowse)",
      "/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)",
      "map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)",
      "//me@server/share on /Volumes/on my share (x) (smbfs, nodev, nosuid, mounted by me)",
      "server:/export on /Volumes/export (nfs)",
      "",
    ].join("\n"),
  );
  const nameAt = (path: string): string | null => macosNetworkName(mountOf(path, mounts));

  test("what its kernel doesn't call local is a network's", () => {
    expect(nameAt("/private/tmp/project")).toBeNull();
    expect(nameAt("/System/Volumes/Data/project")).toBeNull();
    expect(nameAt("/Volumes/on my share (x)/project")).toBe("smbfs");
    expect(nameAt("/Volumes/export")).toBe("nfs");
    expect(macosNetworkName(null)).toMatch(/unknown/);
  });
});
