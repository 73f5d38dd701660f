/**
 * The steps done to a folder, and what something else than the port did there, noticed late.
 *
 *   Owns:    the steps, the order of calls, and what was last seen of each file.
 *   Doesn't: call the port for its user; `recording-filesystem.ts` does.
 */
import type { FileStat, Filesystem } from "../../../src/core/ports/filesystem.ts";
import { nameSegments, pathSegments } from "../../../src/platform/relative-path.ts";
import { diskFiles, diskOf, type Disk, type DiskFolder, type DiskNode } from "./disk.ts";
import type { Step } from "./step.ts";
import { Volume, type VolumeFile, type VolumeNode } from "./volume.ts";

/** A larger file is refused: contents are held in memory. */
const fileMaxBytes = 64 * 1024 * 1024;

/** What was last seen of a file that lies in the real folder. */
interface Seen {
  readonly inode: bigint;
  readonly modifiedMicros: bigint;
  /** Whether the port made it: then only its size tells that something else wrote. */
  readonly isOwn: boolean;
}

/** The log of one folder. */
export class StepLog {
  readonly base: Disk;
  readonly steps: Step[] = [];
  readonly #inner: Filesystem;
  readonly #isModelled: (path: string) => boolean;
  readonly #volume: Volume;
  readonly #seen = new Map<VolumeFile, Seen>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(inner: Filesystem, isModelled: (path: string) => boolean, base: Disk) {
    this.#inner = inner;
    this.#isModelled = isModelled;
    this.base = base;
    this.#volume = new Volume(base);
  }

  /** A log that takes what the folder holds now as durable, but for what is modelled. */
  static async of(inner: Filesystem, isModelled: (path: string) => boolean): Promise<StepLog> {
    const walk = { inner, isModelled, found: new Map<bigint, DiskNode>() };
    const log = new StepLog(inner, isModelled, diskOf("base", await folderOf("", walk)));
    for (const path of diskFiles(log.base).keys()) await log.adopt(path, "found");
    return log;
  }

  /** Runs after all that came before, done or failed. */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Whether durable steps alone speak of a path or of a folder above it. */
  isModelled(path: string): boolean {
    const segments = pathSegments(path);
    return segments.some((_, index) => this.#isModelled(segments.slice(0, index + 1).join("/")));
  }

  /** Takes a step that was done. One that names a modelled path is none. */
  take(step: Step): void {
    if (namesOf(step).some((path) => this.isModelled(path))) return;
    this.#volume.apply(step);
    this.steps.push(step);
  }

  /** What a path stands for, as far as was noticed. */
  find(path: string): VolumeNode | null {
    return this.#volume.find(path);
  }

  /** Remembers what a file looks like that the port made, or that was found at the start. */
  async adopt(path: string, how: "made" | "found"): Promise<VolumeFile> {
    const node = this.find(path);
    const stat = await this.#inner.stat(path);
    if (node?.kind !== "file" || stat === null) throw new Error(`expected a file at '${path}'`);
    this.#see(node, stat, how === "made");
    return node;
  }

  /** Takes up what something else did to a path and to the folders above it. */
  async notice(path: string): Promise<void> {
    const segments = pathSegments(path);
    for (let depth = 1; depth <= segments.length; depth += 1) {
      const above = segments.slice(0, depth).join("/");
      if (this.#isModelled(above)) return;
      await this.#noticeOne(above);
      if (this.find(above) === null) return;
    }
  }

  /** Takes up the names that something else made or removed in a folder. */
  async noticeNames(folder: string): Promise<void> {
    if (this.isModelled(folder)) return;
    const node = this.find(folder);
    if (node?.kind !== "folder") return;
    const now = new Set(await this.#inner.list(folder));
    for (const name of now.symmetricDifference(new Set(node.names.keys()))) {
      await this.notice([...pathSegments(folder), name].join("/"));
    }
  }

  async #noticeOne(path: string): Promise<void> {
    const stat = await this.#inner.stat(path);
    const before = this.find(path);
    if (before !== null && stat?.kind !== before.kind) this.#forget(path, before);
    const node = this.find(path);
    switch (stat?.kind) {
      case undefined:
        break;
      case "other":
        throw new Error(`expected a file or folder at '${path}', got something else`);
      case "folder":
        if (node === null) this.take({ type: "makeFolder", path });
        break;
      case "file":
        await this.#noticeFile(path, node?.kind === "file" ? node : null, stat);
        break;
    }
  }

  async #noticeFile(path: string, node: VolumeFile | null, stat: FileStat): Promise<void> {
    const seen = node === null ? undefined : this.#seen.get(node);
    if (node === null || seen?.inode !== stat.inode) {
      this.take({ type: "create", path });
      const file = this.find(path);
      if (file?.kind === "file") await this.#takeContent(path, file);
      return;
    }
    const isTouched = !seen.isOwn && seen.modifiedMicros !== stat.modifiedMicros;
    if (isTouched || stat.sizeBytes !== node.sizeBytes) await this.#takeContent(path, node);
  }

  async #takeContent(path: string, file: VolumeFile): Promise<void> {
    const stat = await this.#inner.stat(path);
    if (stat === null) throw new Error(`expected '${path}' to stay while it is looked at`);
    const bytes = await this.#inner.read(path, fileMaxBytes);
    const isOwn = this.#seen.get(file)?.isOwn ?? false;
    const { number, sizeBytes: offset } = file;
    if (isOwn && bytes.byteLength > offset) {
      // A write that failed half way: what was there before it stays as safe as it was.
      this.take({ type: "write", file: number, offset, bytes: bytes.slice(offset) });
    } else if (bytes.byteLength > 0 || offset > 0) {
      this.take({ type: "overwrite", file: number, bytes });
    }
    this.#see(file, stat, isOwn);
  }

  #see(file: VolumeFile, stat: FileStat, isOwn: boolean): void {
    const { inode, modifiedMicros } = stat;
    this.#seen.set(file, { inode, modifiedMicros, isOwn });
  }

  /** What something else removed, with all below it. */
  #forget(path: string, node: VolumeNode): void {
    if (node.kind === "file") {
      this.take({ type: "unlink", path });
      return;
    }
    for (const [name, below] of node.names) this.#forget(`${path}/${name}`, below);
    this.take({ type: "removeFolder", path });
  }
}

/** The paths that a step changes. A durable step may name what is modelled: that is its purpose. */
function namesOf(step: Step): readonly string[] {
  switch (step.type) {
    case "link":
    case "rename":
      return [step.from, step.to];
    case "create":
    case "makeFolder":
    case "unlink":
    case "removeFolder":
    case "syncFolder":
      return [step.path];
    case "write":
    case "overwrite":
    case "syncFile":
    case "durable":
      return [];
  }
}

interface Walk {
  readonly inner: Filesystem;
  readonly isModelled: (path: string) => boolean;
  /** By inode: two names of one file are one file on the disk. */
  readonly found: Map<bigint, DiskNode>;
}

async function folderOf(path: string, walk: Walk): Promise<DiskFolder> {
  const names = new Map<string, DiskNode>();
  for (const name of await walk.inner.list(path)) {
    const below = nameSegments(`${path}${path === "" ? "" : "/"}${name}`).join("/");
    if (!walk.isModelled(below)) names.set(name, await nodeOf(below, walk));
  }
  return { kind: "folder", names };
}

async function nodeOf(path: string, walk: Walk): Promise<DiskNode> {
  const stat = await walk.inner.stat(path);
  if (stat?.kind === "folder") return folderOf(path, walk);
  if (stat?.kind !== "file") throw new Error(`expected a file or folder at '${path}'`);
  const found = walk.found.get(stat.inode);
  if (found !== undefined) return found;
  const file: DiskNode = { kind: "file", bytes: await walk.inner.read(path, fileMaxBytes) };
  walk.found.set(stat.inode, file);
  return file;
}
