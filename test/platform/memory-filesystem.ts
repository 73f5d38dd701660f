/**
 * The filesystem port in memory: passes the same contract as the one on node:fs, and knows what a
 * power cut may take of it (`volume`).
 */
import type { FileStat, Filesystem, WritableFile } from "../../src/core/ports/filesystem.ts";
import { HakiriError } from "../../src/core/error.ts";
import { diskError } from "../../src/platform/disk-error.ts";
import { nameSegments, pathSegments } from "../../src/platform/relative-path.ts";
import { errnoError } from "./errno.ts";
import { emptyDisk, type Disk } from "./power-cut/disk.ts";
import {
  contentOf,
  Volume,
  type VolumeFile,
  type VolumeFolder,
  type VolumeNode,
} from "./power-cut/volume.ts";

/** A filesystem of which a test can look at everything. */
export interface MemoryFilesystem extends Filesystem {
  /** To be read: `possibleDisks(memory.volume, ..)`; it changes by the port's calls. */
  readonly volume: Volume;
}

const pieceBytes = 1024 * 1024;

/** A filesystem that holds what a disk holds, all durable; without one it is empty. */
export function memoryFilesystem(base: Disk = emptyDisk): MemoryFilesystem {
  const volume = new Volume(base);
  const look = lookup(volume);
  return {
    volume,
    absolute: (path) => `/${["memory", ...pathSegments(path)].join("/")}`,
    create: async (path) => {
      look.parent("create", path);
      if (volume.find(path) !== null) throw failure("EEXIST", "create", path);
      volume.apply({ type: "create", path });
      return memoryFile(volume, look.file("create", path), path);
    },
    read: async (path, sizeMaxBytes) => {
      const file = look.file("read", path);
      if (file.sizeBytes > sizeMaxBytes) throw tooLarge(path, sizeMaxBytes);
      return contentOf(file.writes).slice();
    },
    readPieces: (path) => pieces(look, path),
    stat: async (path) => statOf(volume.find(path)),
    list: async (path) => {
      const folder = look.folderOrNull("list", path);
      return folder === null ? [] : [...folder.names.keys()].toSorted();
    },
    makeFolder: async (path) => {
      look.parent("make the folder", path);
      const found = volume.find(path);
      if (found?.kind === "file") throw failure("EEXIST", "make the folder", path);
      if (found === null) volume.apply({ type: "makeFolder", path });
      return found === null;
    },
    link: async (from, to) => link(volume, look, from, to),
    rename: async (from, to) => rename(volume, look, from, to),
    unlink: async (path) => {
      const found = volume.find(nameSegments(path).join("/"));
      if (found?.kind === "folder") throw failure("EISDIR", "remove", path);
      if (found !== null) volume.apply({ type: "unlink", path });
      return found !== null;
    },
    removeFolder: async (path) => {
      const named = nameSegments(path).join("/");
      const folder = look.folderOrNull("remove the folder", named);
      if (folder === null || folder.names.size > 0) return false;
      volume.apply({ type: "removeFolder", path });
      return true;
    },
    syncFile: async (path) => {
      const { number } = look.file("make durable", path);
      volume.apply({ type: "syncFile", file: number });
    },
    syncFolder: async (path) => {
      look.folder("make durable", path);
      volume.apply({ type: "syncFolder", path });
    },
  };
}

/** Resolves paths as a system does, with its failures. */
type Lookup = ReturnType<typeof lookup>;

function lookup(volume: Volume) {
  /** The folder of the first `depth` names; null when one of them is missing. */
  const above = (deed: string, path: string, depth: number): VolumeFolder | null => {
    const segments = pathSegments(path);
    let folder = volume.root;
    for (const segment of segments.slice(0, depth)) {
      const below = folder.names.get(segment);
      if (below === undefined) return null;
      if (below.kind === "file") throw failure("ENOTDIR", deed, path);
      folder = below;
    }
    return folder;
  };
  const folderOrNull = (deed: string, path: string): VolumeFolder | null =>
    above(deed, path, pathSegments(path).length);
  const folder = (deed: string, path: string): VolumeFolder => {
    const found = folderOrNull(deed, path);
    if (found === null) throw failure("ENOENT", deed, path);
    return found;
  };
  const parent = (deed: string, path: string): void => {
    const found = above(deed, path, nameSegments(path).length - 1);
    if (found === null) throw failure("ENOENT", deed, path);
  };
  const node = (deed: string, path: string): VolumeNode => {
    above(deed, path, pathSegments(path).length - 1);
    const found = volume.find(path);
    if (found === null) throw failure("ENOENT", deed, path);
    return found;
  };
  const file = (deed: string, path: string): VolumeFile => {
    const found = node(deed, path);
    if (found.kind === "folder") throw failure("EISDIR", deed, path);
    return found;
  };
  return { folderOrNull, folder, parent, node, file };
}

function link(volume: Volume, look: Lookup, from: string, to: string): boolean {
  const node = look.node("link", nameSegments(from).join("/"));
  look.parent("link", to);
  if (volume.find(to) !== null) return false;
  if (node.kind === "folder") throw failure("EPERM", "link", from);
  volume.apply({ type: "link", from, to });
  return true;
}

function rename(volume: Volume, look: Lookup, from: string, to: string): void {
  look.parent("rename", from);
  look.parent("rename", to);
  const node = look.node("rename", from);
  if (node.kind === "folder") throw new Error(`a folder is not renamed by the port: ${from}`);
  if (volume.find(to)?.kind === "folder") throw failure("EISDIR", "rename", to);
  volume.apply({ type: "rename", from, to });
}

function memoryFile(volume: Volume, file: VolumeFile, path: string): WritableFile {
  let isOpen = true;
  const expectOpen = (): void => {
    if (!isOpen) throw new Error(`expected an open file, got a closed one: ${path}`);
  };
  return {
    write: async (bytes) => {
      expectOpen();
      const write = { file: file.number, offset: file.sizeBytes, bytes: bytes.slice() };
      volume.apply({ type: "write", ...write });
    },
    sync: async () => {
      expectOpen();
      volume.apply({ type: "syncFile", file: file.number });
    },
    close: async () => {
      isOpen = false;
    },
  };
}

async function* pieces(look: Lookup, path: string): AsyncGenerator<Uint8Array, void, void> {
  const content = contentOf(look.file("read", path).writes);
  for (let start = 0; start < content.byteLength; start += pieceBytes) {
    yield content.slice(start, start + pieceBytes);
  }
}

function statOf(node: VolumeNode | null): FileStat | null {
  if (node === null) return null;
  const inode = BigInt(node.number);
  if (node.kind === "folder") return { kind: "folder", sizeBytes: 0, modifiedMicros: 0n, inode };
  const modifiedMicros = BigInt(node.changedAt);
  return { kind: "file", sizeBytes: node.sizeBytes, modifiedMicros, inode };
}

function failure(errno: string, deed: string, path: string): unknown {
  return diskError(errnoError(errno), { deed, path });
}

function tooLarge(path: string, sizeMaxBytes: number): HakiriError {
  const message = `expected at most ${sizeMaxBytes} bytes in '${path}'`;
  return new HakiriError({ kind: "Permanent", code: "disk.too_large", message, hint: "" });
}
