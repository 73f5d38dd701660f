/** What is on a disk, whole and at rest: what a machine finds when the power is back. */
import { createHash } from "node:crypto";

/** A file. Two names of one file hold the same object. */
export interface DiskFile {
  readonly kind: "file";
  readonly bytes: Uint8Array;
}

/** A folder, by name. */
export interface DiskFolder {
  readonly kind: "folder";
  readonly names: ReadonlyMap<string, DiskNode>;
}

/** What a name can stand for. */
export type DiskNode = DiskFile | DiskFolder;

/** One possible disk. */
export interface Disk {
  /** Where the power went, and what was lost and torn: for the message of a failed test. */
  readonly label: string;
  readonly root: DiskFolder;
  /** Equal for equal content under equal names, whatever the label: to check a disk once only. */
  readonly digest: string;
}

/** A disk with nothing on it. */
export const emptyDisk: Disk = diskOf("empty", { kind: "folder", names: new Map() });

/** A disk of a tree. */
export function diskOf(label: string, root: DiskFolder): Disk {
  return { label, root, digest: digestOf(root) };
}

/** Every file by its path, sorted; a folder without files doesn't show. */
export function diskFiles(disk: Disk): ReadonlyMap<string, Uint8Array> {
  return new Map(filesBelow("", disk.root));
}

function* filesBelow(prefix: string, folder: DiskFolder): Generator<[string, Uint8Array]> {
  for (const [name, node] of sorted(folder)) {
    if (node.kind === "file") yield [`${prefix}${name}`, node.bytes];
    else yield* filesBelow(`${prefix}${name}/`, node);
  }
}

function digestOf(node: DiskNode): string {
  if (node.kind === "file") return contentDigest(node.bytes);
  const entries = sorted(node).map(([name, below]) => [name, below.kind, digestOf(below)]);
  return sha256(JSON.stringify(entries));
}

/** Contents are shared by many disks, so each is hashed once. */
const contentDigests = new WeakMap<Uint8Array, string>();

function contentDigest(bytes: Uint8Array): string {
  const known = contentDigests.get(bytes);
  if (known !== undefined) return known;
  const digest = sha256(bytes);
  contentDigests.set(bytes, digest);
  return digest;
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function sorted(folder: DiskFolder): [string, DiskNode][] {
  return [...folder.names].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
