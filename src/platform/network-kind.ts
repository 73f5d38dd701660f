/**
 * Which kinds of filesystem lie on another machine, by the marks that each system gives.
 *
 * What counts is whether two machines may see one folder: there a file lock may hold on one of them
 * only. A folder that a host lends to a guest on the same machine (virtiofs, 9p over a local
 * channel, as in containers and sandboxes) counts as local: inside the guest its locks hold.
 */
import type { Mount } from "./mount-table.ts";

/** What Linux's statfs says of a filesystem: local, a network one's name, or "ask the mount". */
export type LinuxKind =
  { readonly kind: "local" | "undecided" } | { readonly kind: "network"; readonly name: string };

/** By `f_type`: linux/magic.h, statfs(2), and the remote ones of GNU's stat(1) (src/stat.c). */
const networkMagics: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB 2"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
  [0x00c36400, "Ceph"],
  [0x7461636f, "OCFS2"],
  [0x01161970, "GFS2"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0x20030528, "OrangeFS"],
  [0xaad7aaea, "PanFS"],
  [0x61636673, "ACFS"],
  [0x013111a8, "IBRIX"],
  [0xbeefdead, "SNFS"],
  [0x18031977, "WekaFS"],
]);

const fuseMagic = 0x65735546;
const plan9Magic = 0x01021997;

/** Judges by the `type` of statfs(2). FUSE and 9p carry both kinds under one number. */
export function linuxKindOfMagic(magic: bigint): LinuxKind {
  const number = Number(BigInt.asUintN(32, magic));
  if (number === fuseMagic || number === plan9Magic) return { kind: "undecided" };
  const name = networkMagics.get(number);
  return name === undefined ? { kind: "local" } : { kind: "network", name };
}

/** FUSE filesystems that keep their bytes on this machine; any other may be a network's. */
const localFuse = new Set(
  (
    "fuseblk virtiofs fuse.bindfs fuse.cryfs fuse.encfs fuse.exfat fuse.ext2 fuse.fakeowner " +
    "fuse.fuse-overlayfs fuse.gocryptfs fuse.grpcfuse fuse.lxcfs fuse.mergerfs fuse.ntfs " +
    "fuse.ntfs-3g fuse.osxfs fuse.overlayfs fuse.securefs fuse.unionfs fuse.unionfs-fuse fuse.zfs"
  ).split(" "),
);

/**
 * The name of the network filesystem that a mount of FUSE or 9p is, or null when it is local.
 * `mount` null is one that nothing tells of, which may be a network's.
 */
export function linuxNetworkName(mount: Mount | null): string | null {
  if (mount === null) return "FUSE or 9p of unknown kind";
  if (mount.type === "9p") return isRemote9p(mount) ? "9p over a network" : null;
  return localFuse.has(mount.type) ? null : mount.type;
}

/** Documentation/filesystems/9p.rst; a transport that isn't told may be a network's. */
function isRemote9p(mount: Mount): boolean {
  const transport = mount.options.find((option) => option.startsWith("trans="))?.slice(6);
  return transport === undefined || transport === "tcp" || transport === "rdma";
}

/** The name of the network filesystem that a mount of macOS is, or null when it is local. */
export function macosNetworkName(mount: Mount | null): string | null {
  // Its kernel marks the local ones (MNT_LOCAL), and `mount` prints that as an option.
  if (mount === null) return "a filesystem of unknown kind";
  return mount.options.includes("local") ? null : mount.type;
}
