/**
 * One read of a stream of files.
 *
 *   Owns:    which files are read, in which scans, and the list that the cursor says.
 *   Doesn't: read rows; whoever pulls executes the scans, and calls `verifyScan` after each.
 *   R1. Files are read in the order of their names. A scan has files that follow one another and
 *       are read alike, within the bounds of `scan-bounds.ts`.
 *   R2. A file's line enters the list in `verifyScan`, with the rows' journal entry. Lines whose
 *       rows nothing is journaled for, of files that are gone or empty now, change with the end.
 *   R3. A read with a limit hashes nothing, nothing goes on from its cursors, and it takes the
 *       place of nothing, since it may leave rows out.
 */
import {
  canonicalJson,
  HakiriError,
  typeName,
  type Field,
  type OpenRequest,
  type ReadCursor,
  type ReadEnd,
  type Reader,
  type ReadItem,
  type Scan,
  type ScanItem,
} from "../../src/connector.ts";
import type { FileList } from "./change/file-list.ts";
import { planFiles, suspects, type ChangeRules } from "./change/plan-files.ts";
import type { FileSettings } from "./config.ts";
import { copyOrderOf } from "./copy-order.ts";
import { describeFiles, type FilesDescription } from "./describe-files.ts";
import { digestUnchanged } from "./digest-unchanged.ts";
import { FileQueue, type EmptyFile } from "./file-queue.ts";
import { isSettled, type InputFile } from "./input-file.ts";
import { makeScan } from "./make-scan.ts";
import { mapParallel } from "./map-parallel.ts";
import { PreparedScan, type PreparedFile, type PreparedGroup } from "./prepared-scan.ts";
import { limitedScan, scanBounds, type ScanBounds } from "./scan-bounds.ts";
import { Scratch } from "./scratch-copy.ts";

/** What a read is made of. */
export interface FileRead {
  readonly settings: FileSettings;
  readonly rules: ChangeRules;
  /** The stream's files as they were found, in the order of their names. */
  readonly files: readonly InputFile[];
  /** When that was, nanoseconds since 1970. */
  readonly foundAtNs: bigint;
  readonly list: FileList;
  readonly request: OpenRequest;
  /** Absolute path of the folder for copies. */
  readonly scratch: string;
  /** Nanoseconds since 1970. */
  readonly nowNs: () => bigint;
  /** Null for the bounds that follow from the files. */
  readonly bounds: ScanBounds | null;
}

/** A scan that was handed out. */
interface Pending {
  readonly prepared: PreparedScan;
  /** The prepared one, maybe with other copies. */
  readonly group: PreparedGroup;
  readonly found: FilesDescription;
  /** Whether all rows were looked at for the types. */
  readonly isWhole: boolean;
}

const nothing: FilesDescription = { fields: [], isWritten: false, cut: [] };

/** The read of a stream of files. */
export class FileReader implements Reader {
  readonly #read: FileRead;
  readonly #scratch: Scratch;
  readonly #isLimited: boolean;
  #queue: FileQueue | null = null;
  #pending: Pending | null = null;
  #hasScans = false;
  /** Names whose rows go with the end, and whose lines change then. */
  readonly #gone = new Set<string>();
  readonly #empty: EmptyFile[] = [];
  /** Names of columns whose loss of digits was told. */
  readonly #toldCut = new Set<string>();

  constructor(read: FileRead) {
    this.#read = read;
    this.#scratch = new Scratch(read.scratch);
    this.#isLimited = read.request.limits.rowsMax !== null;
  }

  async next(): Promise<ReadItem | ReadEnd> {
    this.#read.request.signal.throwIfAborted();
    if (this.#pending !== null) {
      if (!this.#isLimited) throw new Error("expected verifyScan before the next scan");
      await this.#drop(this.#pending);
    }
    this.#queue ??= await this.#plan();
    const group = await this.#queue.nextGroup((file) => this.#empty.push(file));
    return group === null ? this.#end() : this.#handOut(group);
  }

  async verifyScan(_scan: Scan): Promise<ReadCursor> {
    const { list } = this.#read;
    if (this.#pending === null) throw new Error("expected a scan to verify");
    const pending = this.#pending;
    if (this.#isLimited) {
      await pending.prepared.checkUnchanged();
      return list.standstill();
    }
    const lines = await pending.prepared.verify();
    for (const name of supersededBy(pending.prepared.group)) list.remove(name);
    for (const line of lines) list.set(line);
    await this.#drop(pending);
    return list.cursor();
  }

  async recoverScan(_scan: Scan, error: unknown): Promise<ScanItem> {
    if (this.#pending === null) throw new Error("expected a scan to recover");
    const pending = this.#pending;
    const { prepared, group, found, isWhole } = pending;
    await prepared.checkUnchanged();
    if (!this.#isLimited) await prepared.checkWhole();
    if (isMixedLineEnds(error, group)) {
      this.#pending = { ...pending, group: await this.#withLineFeeds(group) };
      return this.#item(this.#pending);
    }
    const isBadRow = error instanceof HakiriError && error.code === "file.bad_row";
    if (!isBadRow || isWhole || group.layout.kind !== "csv") throw error;
    const wider = await this.#describeWhole(group, error);
    if (canonicalJson(wider.fields) === canonicalJson(found.fields)) throw error;
    this.#tellWidened(found.fields, wider.fields, error);
    this.#pending = { ...pending, found: wider, isWhole: true };
    return this.#item(this.#pending);
  }

  async close(): Promise<void> {
    if (this.#pending !== null) await this.#drop(this.#pending);
    await this.#scratch.close();
  }

  /** Compares what is there with what was read. */
  async #plan(): Promise<FileQueue> {
    const { files, list, rules, request, settings, nowNs } = this.#read;
    const { signal, limits } = request;
    const known = list.known();
    // What is compared are the bytes; whether they are whole counts when they are read.
    const digests = await mapParallel(
      suspects(files, known, rules),
      async (file) => [file.name, await digestUnchanged(file, "none", signal)] as const,
    );
    const found = new Map(digests);
    const plan = planFiles(files, known, found, rules);
    for (const { from, to } of plan.renamed) {
      list.remove(from);
      this.#setLine(to, found.get(to.name), isSettled(to.state, this.#read.foundAtNs));
    }
    for (const file of plan.refreshed) {
      this.#setLine(file, found.get(file.name), isSettled(file.state, this.#read.foundAtNs));
    }
    for (const name of plan.gone) this.#gone.add(name);
    const bytes = plan.read.reduce((sum, { file }) => sum + file.state.sizeBytes, 0);
    const usual = this.#isLimited ? limitedScan : scanBounds(plan.read.length, bytes);
    return new FileQueue(plan.read, {
      settings,
      scratch: this.#scratch,
      bounds: this.#read.bounds ?? usual,
      rowsMax: limits.rowsMax,
      nowNs,
      signal,
    });
  }

  #setLine({ name, state }: InputFile, sha256: string | undefined, isProof: boolean): void {
    if (sha256 === undefined) throw new Error(`expected a digest of ${name}`);
    const proof = { modifiedNs: state.modifiedNs, inode: state.inode };
    const { sizeBytes } = state;
    this.#read.list.set({ name, sizeBytes, sha256, proof: isProof ? proof : null });
  }

  async #handOut(group: PreparedGroup): Promise<ScanItem> {
    const prepared = new PreparedScan(group, this.#read.request.signal);
    // Known before anything can fail, so that it is closed in any case.
    this.#pending = { prepared, group, found: nothing, isWhole: false };
    if (!this.#isLimited) await prepared.begin();
    this.#pending = await this.#described(this.#pending);
    this.#hasScans = true;
    return this.#item(this.#pending);
  }

  async #described(pending: Pending): Promise<Pending> {
    const { request, settings } = this.#read;
    const { prepared, group } = pending;
    try {
      const found = await describeFiles(group, "sample", { ...request, settings });
      this.#tellCut(found);
      return { ...pending, found };
    } catch (error) {
      // What can't be understood may have been in the middle of a change.
      await prepared.checkUnchanged();
      if (!isMixedLineEnds(error, group)) throw error;
      this.#pending = { ...pending, group: await this.#withLineFeeds(group) };
      return this.#described(this.#pending);
    }
  }

  /** The files as copies whose lines all end alike. */
  async #withLineFeeds(group: PreparedGroup): Promise<PreparedGroup> {
    const { settings, request } = this.#read;
    const files: PreparedFile[] = [];
    for (const file of group.files) {
      const inspected = { ...file.inspected, hasMixedLineEnds: true };
      const order = copyOrderOf(inspected, settings, null);
      const { path } = await this.#scratch.copy(order, request.signal);
      await this.#scratch.remove(file.path);
      files.push({ ...file, inspected, path, compression: "none" });
    }
    return { ...group, files };
  }

  #item({ group, found }: Pending): ScanItem {
    const { request, settings } = this.#read;
    const { columns, limits } = request;
    const scan = makeScan(group, found, settings, { columns, rowsMax: limits.rowsMax });
    return { kind: "scan", scan, supersedes: this.#isLimited ? [] : supersededBy(group) };
  }

  /** A row that no type would make right keeps the error of the execution, which says where. */
  async #describeWhole(group: PreparedGroup, error: unknown): Promise<FilesDescription> {
    const { request, settings } = this.#read;
    try {
      return await describeFiles(group, "whole", { ...request, settings });
    } catch (described) {
      const isInput = described instanceof HakiriError && described.kind === "Permanent";
      throw isInput ? error : described;
    }
  }

  async #drop({ prepared, group }: Pending): Promise<void> {
    this.#pending = null;
    await prepared.close();
    for (const { path } of group.files) await this.#scratch.remove(path);
  }

  /** R2. */
  async #end(): Promise<ReadEnd> {
    const { list, request } = this.#read;
    this.#tellEmpty();
    const schema = this.#hasScans ? null : this.#schemaOfNone();
    if (this.#isLimited) return { kind: "end", cursor: null, schema, supersedes: [] };
    const supersedes = new Set(this.#gone);
    for (const name of this.#gone) list.remove(name);
    for (const { toRead, inspected, sha256, isSettled: isProof } of this.#empty) {
      const { file, compression } = inspected;
      const digest = sha256 ?? (await digestUnchanged(file, compression, request.signal));
      for (const name of toRead.supersedes) {
        supersedes.add(name);
        list.remove(name);
      }
      this.#setLine(file, digest, isProof);
    }
    const names = [...supersedes].toSorted();
    return { kind: "end", cursor: list.cursor(), schema, supersedes: names };
  }

  #tellWidened(before: readonly Field[], after: readonly Field[], cause: HakiriError): void {
    const types = new Map(before.map(({ name, type }) => [name, typeName(type)]));
    const widened = after.filter(({ name, type }) => types.get(name) !== typeName(type));
    const parts = widened.map(({ name, type }) => {
      return `'${name}' is ${typeName(type)}, not ${types.get(name) ?? "null"}`;
    });
    this.#read.request.notice?.(`${parts.join(", ")}: ${cause.message}`);
  }

  #tellCut({ cut }: FilesDescription): void {
    const { columns, notice } = this.#read.request;
    for (const name of cut) {
      const isWanted = columns?.includes(name) ?? true;
      if (!isWanted || this.#toldCut.has(name)) continue;
      this.#toldCut.add(name);
      notice?.(`'${name}' has moments in nanoseconds, of which microseconds are read`);
    }
  }

  #tellEmpty(): void {
    const [first, ...others] = this.#empty;
    if (first === undefined) return;
    const { name } = first.toRead.file;
    const rest = others.length === 0 ? "" : `, and so are ${others.length} more`;
    this.#read.request.notice?.(`'${name}' is without rows${rest}`);
  }

  /** The columns of files that have a header and nothing below it. */
  #schemaOfNone(): ReadEnd["schema"] {
    const { settings, request } = this.#read;
    const layouts = this.#empty.map(({ inspected }) => inspected.layout);
    const names = new Set(
      layouts.flatMap((layout) => (layout?.kind === "csv" ? layout.names : [])),
    );
    const fields = [...names]
      .filter((name) => request.columns?.includes(name) ?? true)
      .map((name): Field => ({
        name,
        type: settings.types.get(name) ?? { kind: "null" },
        nullable: true,
      }));
    return fields.length === 0 ? null : { fields, primaryKey: [] };
  }
}

/**
 * Whether DuckDB gave up over line ends of several kinds, which the beginning of a file needn't
 * show; said of other faults as well, so it is tried once.
 */
function isMixedLineEnds(error: unknown, { layout, files }: PreparedGroup): boolean {
  const isTold = error instanceof HakiriError && /reached an invalid state/u.test(error.message);
  const isNew = files.some(({ inspected }) => !inspected.hasMixedLineEnds);
  return isTold && layout.kind === "csv" && isNew;
}

/** Files whose rows a group takes the place of, in code unit order. */
function supersededBy({ files }: PreparedGroup): readonly string[] {
  return [...new Set(files.flatMap(({ toRead }) => toRead.supersedes))].toSorted();
}
