/**
 * A filesystem in memory that knows what a power cut may take: for each file the writes that no
 * fsync followed, for each folder the names that no fsync of it followed.
 *
 *   Owns:    the names and files of now, and which of their changes are pending.
 *   Doesn't: choose what a cut takes; `possible-disks.ts` does.
 *   V1. Changes of one name keep their order: a change needs the pending one before it.
 *   V2. A rename is one change within a folder. From one folder to another it is two, of which the
 *       removal needs the arrival: a file may have both names after a cut, never neither.
 *   V3. The removal of a folder needs the removal of what was in it.
 *   V4. What V1 to V3 don't order has no order. Sync of a folder makes its changes durable, with
 *       those that they need.
 */
import { nameSegments, pathSegments } from "../../../src/platform/relative-path.ts";
import type { Disk, DiskNode } from "./disk.ts";
import type { SnapshotFile, Step } from "./step.ts";

/** Bytes written into a file. */
export interface Write {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Whether the file was emptied before. */
  readonly truncates: boolean;
}

/** A file, which has a name, had one, or is only held open. */
export interface VolumeFile {
  readonly kind: "file";
  readonly number: number;
  /** In the order written; the first `synced` of them are durable. */
  writes: Write[];
  synced: number;
  sizeBytes: number;
  /** A count of steps: the volume has no clock. */
  changedAt: number;
}

/** A folder: its names of now, and those that a cut can't take. */
export interface VolumeFolder {
  readonly kind: "folder";
  readonly number: number;
  readonly names: Map<string, VolumeNode>;
  readonly durableNames: Map<string, VolumeNode>;
  /** For each name its last change, pending or not. */
  readonly lastChanges: Map<string, NameChange>;
}

/** What a name can stand for. */
export type VolumeNode = VolumeFile | VolumeFolder;

/** A change of names that a cut keeps whole or drops whole. */
export interface NameChange {
  readonly label: string;
  readonly assignments: readonly Assignment[];
  /** Kept where this one is. They were pending when it was made and may be durable meanwhile. */
  readonly needs: readonly NameChange[];
}

interface Assignment {
  readonly folder: VolumeFolder;
  readonly name: string;
  readonly node: VolumeNode | null;
}

/** A filesystem in memory. What it can't do is a defect of the caller and throws Error. */
export class Volume {
  readonly root: VolumeFolder;
  /** All files ever made, by number. */
  readonly files = new Map<number, VolumeFile>();
  /** The pending changes of names, in the order made. */
  readonly pending = new Set<NameChange>();
  #steps = 0;
  #nodes = 0;

  /** A volume on which everything of a disk is durable. */
  constructor(base: Disk) {
    const made = new Map<DiskNode, VolumeNode>();
    const node = this.#copyOf(base.root, made);
    if (node.kind !== "folder") throw new Error("expected a folder as the root of a disk");
    this.root = node;
  }

  /** Takes one step, which must be possible. */
  apply(step: Step): void {
    this.#steps += 1;
    switch (step.type) {
      case "create":
        this.#assign(step.path, this.#newFile());
        break;
      case "write":
        this.#write(step.file, { offset: step.offset, bytes: step.bytes, truncates: false });
        break;
      case "overwrite":
        this.#write(step.file, { offset: 0, bytes: step.bytes, truncates: true });
        break;
      case "syncFile":
        this.file(step.file).synced = this.file(step.file).writes.length;
        break;
      case "makeFolder":
        this.#assign(step.path, this.#newFolder());
        break;
      case "link":
        this.#assign(step.to, this.#expected(step.from));
        break;
      case "rename":
        this.#rename(step.from, step.to);
        break;
      case "unlink":
        this.#remove(step.path, "file");
        break;
      case "removeFolder":
        this.#remove(step.path, "folder");
        break;
      case "syncFolder":
        this.#syncFolder(this.#folder(pathSegments(step.path)));
        break;
      case "durable":
        for (const file of step.files) this.#settle(file);
        break;
    }
  }

  /** What a path stands for now; null where a name on it is missing or a file's. */
  find(path: string): VolumeNode | null {
    return this.#at(pathSegments(path));
  }

  /** A file by its number. */
  file(number: number): VolumeFile {
    const file = this.files.get(number);
    if (file === undefined) throw new Error(`expected a file, there is none of number ${number}`);
    return file;
  }

  /** The pending changes that must be kept where one of these is, in the order made. */
  withNeeds(changes: Iterable<NameChange>): ReadonlySet<NameChange> {
    const found = new Set<NameChange>();
    const open = [...changes];
    for (let change = open.pop(); change !== undefined; change = open.pop()) {
      if (found.has(change) || !this.pending.has(change)) continue;
      found.add(change);
      open.push(...change.needs);
    }
    return new Set([...this.pending].filter((change) => found.has(change)));
  }

  #copyOf(node: DiskNode, made: Map<DiskNode, VolumeNode>): VolumeNode {
    const known = made.get(node);
    if (known !== undefined) return known;
    const copy = node.kind === "file" ? this.#newFile() : this.#newFolder();
    made.set(node, copy);
    if (node.kind === "file" && copy.kind === "file") {
      settleContent(copy, node.bytes);
    } else if (node.kind === "folder" && copy.kind === "folder") {
      for (const [name, below] of node.names) {
        const inside = this.#copyOf(below, made);
        copy.names.set(name, inside);
        copy.durableNames.set(name, inside);
      }
    }
    return copy;
  }

  #newFile(): VolumeFile {
    const number = (this.#nodes += 1);
    const changedAt = this.#steps;
    const file: VolumeFile = {
      kind: "file",
      number,
      writes: [],
      synced: 0,
      sizeBytes: 0,
      changedAt,
    };
    this.files.set(number, file);
    return file;
  }

  #newFolder(): VolumeFolder {
    const number = (this.#nodes += 1);
    const [names, durableNames] = [new Map<string, VolumeNode>(), new Map<string, VolumeNode>()];
    return { kind: "folder", number, names, durableNames, lastChanges: new Map() };
  }

  #at(segments: readonly string[]): VolumeNode | null {
    let node: VolumeNode = this.root;
    for (const segment of segments) {
      const below: VolumeNode | undefined =
        node.kind === "folder" ? node.names.get(segment) : undefined;
      if (below === undefined) return null;
      node = below;
    }
    return node;
  }

  #expected(path: string): VolumeNode {
    const node = this.find(path);
    if (node === null) throw new Error(`expected something at '${path}'`);
    return node;
  }

  #folder(segments: readonly string[]): VolumeFolder {
    const node = this.#at(segments);
    if (node?.kind === "folder") return node;
    throw new Error(`expected a folder at '${segments.join("/")}'`);
  }

  #place(path: string): { folder: VolumeFolder; name: string } {
    const segments = nameSegments(path);
    return { folder: this.#folder(segments.slice(0, -1)), name: segments.at(-1) ?? "" };
  }

  #write(number: number, write: Write): void {
    const file = this.file(number);
    const end = endOf(write);
    file.writes.push(write);
    file.sizeBytes = write.truncates ? end : Math.max(file.sizeBytes, end);
    file.changedAt = this.#steps;
  }

  #assign(path: string, node: VolumeNode): void {
    this.#change(`+${path}`, [{ ...this.#place(path), node }], []);
  }

  #rename(from: string, to: string): void {
    const node = this.#expected(from);
    // POSIX: two names of one file both stay (rename, "Description").
    if (this.find(to) === node) return;
    const arrival = { ...this.#place(to), node };
    const removal = { ...this.#place(from), node: null };
    if (arrival.folder === removal.folder) {
      this.#change(`${from}->${to}`, [arrival, removal], []);
    } else {
      const arrived = this.#change(`+${to}`, [arrival], []);
      this.#change(`-${from}`, [removal], [arrived]);
    }
  }

  #remove(path: string, kind: VolumeNode["kind"]): void {
    const node = this.#expected(path);
    if (node.kind !== kind) throw new Error(`expected a ${kind} at '${path}'`);
    const isFull = node.kind === "folder" && node.names.size > 0;
    if (isFull) throw new Error(`expected an empty folder at '${path}'`);
    const emptying = node.kind === "folder" ? [...node.lastChanges.values()] : [];
    this.#change(`-${path}`, [{ ...this.#place(path), node: null }], emptying);
  }

  #change(
    label: string,
    assignments: readonly Assignment[],
    needs: readonly NameChange[],
  ): NameChange {
    const before = assignments.flatMap(({ folder, name }) => folder.lastChanges.get(name) ?? []);
    const open = [...needs, ...before].filter((need) => this.pending.has(need));
    const change: NameChange = { label, assignments, needs: open };
    for (const { folder, name, node } of assignments) {
      assign(folder.names, name, node);
      folder.lastChanges.set(name, change);
    }
    this.pending.add(change);
    return change;
  }

  #syncFolder(folder: VolumeFolder): void {
    const own = [...this.pending].filter(({ assignments }) =>
      assignments.some((assignment) => assignment.folder === folder),
    );
    this.#makeDurable(own);
  }

  #makeDurable(changes: Iterable<NameChange>): void {
    for (const change of this.withNeeds(changes)) {
      for (const { folder, name, node } of change.assignments) {
        assign(folder.durableNames, name, node);
      }
      this.pending.delete(change);
    }
  }

  /** The file and its name are durable; the folder that holds it may not be. */
  #settle({ path, bytes }: SnapshotFile): void {
    const { folder, name } = this.#place(path);
    const known = folder.names.get(name);
    if (known?.kind === "folder") throw new Error(`expected a file at '${path}', got a folder`);
    const file = known ?? this.#newFile();
    settleContent(file, bytes);
    file.changedAt = this.#steps;
    const change = this.#change(`+${path}`, [{ folder, name, node: file }], []);
    this.#makeDurable([change]);
  }
}

/** Sets a name, or removes it where `node` is null. */
export function assign<T>(names: Map<string, T>, name: string, node: T | null): void {
  if (node === null) names.delete(name);
  else names.set(name, node);
}

/** The content that some writes make, in their order; a gap between them is zeros. */
export function contentOf(writes: readonly Write[]): Uint8Array {
  const [first] = writes;
  if (writes.length === 1 && first?.offset === 0) return first.bytes;
  const start = writes.findLastIndex(({ truncates }) => truncates);
  const counted = writes.slice(Math.max(start, 0));
  const sizeBytes = counted.reduce((size, write) => Math.max(size, endOf(write)), 0);
  const content = new Uint8Array(sizeBytes);
  for (const { offset, bytes } of counted) content.set(bytes, offset);
  return content;
}

function endOf({ offset, bytes }: Write): number {
  return offset + bytes.byteLength;
}

function settleContent(file: VolumeFile, bytes: Uint8Array): void {
  file.writes = [{ offset: 0, bytes, truncates: true }];
  file.synced = 1;
  file.sizeBytes = bytes.byteLength;
}
