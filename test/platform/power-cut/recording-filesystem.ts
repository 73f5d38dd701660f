/**
 * Records what is done to a filesystem, while it is done to a real folder.
 *
 *   Owns:    which call is which step.
 *   Doesn't: cut; `disksAfter` makes the disks of a recording.
 *   R1. Calls that change something go one at a time, in the order they come: the record's order is
 *       the folder's.
 *   R2. Files that something else wrote (DuckDB) appear in the record, not synced, with the first
 *       call that names them or syncs their folder. What no call ever names is on no disk.
 *   R3. A modelled path (SQLite's files, locks) is never opened or recorded: only durable steps say
 *       what it holds. Opening SQLite's file beside SQLite would also drop its locks.
 */
import type { Filesystem, WritableFile } from "../../../src/core/ports/filesystem.ts";
import { nameSegments, pathSegments } from "../../../src/platform/relative-path.ts";
import type { Recording } from "./recording.ts";
import type { SnapshotFile, Step } from "./step.ts";
import { StepLog } from "./step-log.ts";
import type { VolumeFile } from "./volume.ts";

/** What is recorded how. */
export interface RecorderOptions {
  /**
   * Whether a path, and all below it, belongs to something that syncs by itself; by default none
   * does.
   */
  readonly isModelled?: (path: string) => boolean;
}

/** A filesystem under record. */
export interface Recorder {
  /** The port to hand to the code under test. */
  readonly filesystem: Filesystem;
  /**
   * Says that something which syncs by itself has returned, such as a catalog transaction.
   * `snapshotOf` answers what its files hold now (a backup, not a copy of an open database) and
   * must not call the recorded filesystem.
   */
  durableStep(name: string, snapshotOf: () => Promise<readonly SnapshotFile[]>): Promise<void>;
  /** Everything so far. */
  recording(): Recording;
}

/** Starts a record. What the folder holds now, but for modelled paths, is taken as durable. */
export async function recordingFilesystem(
  inner: Filesystem,
  options: RecorderOptions = {},
): Promise<Recorder> {
  const log = await StepLog.of(inner, options.isModelled ?? (() => false));
  return {
    filesystem: recorded(inner, log),
    durableStep: (name, snapshotOf) =>
      log.inTurn(async () => {
        const files = await snapshotOf();
        for (const { path } of files) await log.notice(parentOf(path));
        log.take({ type: "durable", name, files });
      }),
    recording: () => ({ base: log.base, steps: [...log.steps] }),
  };
}

function recorded(inner: Filesystem, log: StepLog): Filesystem {
  /** Runs a call of the inner port, with what it names noticed before. */
  const call = <T>(paths: readonly string[], run: () => Promise<T>): Promise<T> =>
    log.inTurn(async () => {
      for (const path of paths) await log.notice(path);
      return run();
    });
  /** As `call`, and takes the step when the call says that it changed something. */
  const change = (paths: readonly string[], step: Step, run: () => Promise<boolean>) =>
    call(paths, async () => {
      const isChanged = await run();
      if (isChanged) log.take(step);
      return isChanged;
    });
  return {
    absolute: (path) => inner.absolute(path),
    read: (path, sizeMaxBytes) => inner.read(path, sizeMaxBytes),
    readPieces: (path) => inner.readPieces(path),
    list: (folder) => inner.list(folder),
    stat: (path) => call([path], () => inner.stat(path)),
    create: (path) =>
      call([path], async () => {
        const file = await inner.create(path);
        if (log.isModelled(path)) return file;
        log.take({ type: "create", path });
        return recordedFile(file, log, await log.adopt(path, "made"));
      }),
    makeFolder: (path) =>
      change([path], { type: "makeFolder", path }, () => inner.makeFolder(path)),
    link: (from, to) => change([from, to], { type: "link", from, to }, () => inner.link(from, to)),
    rename: async (from, to) => {
      await change([from, to], { type: "rename", from, to }, async () => {
        const isFolder = log.find(nameSegments(from).join("/"))?.kind === "folder";
        if (isFolder) throw new Error(`a folder is not renamed by the port: ${from}`);
        await inner.rename(from, to);
        return true;
      });
    },
    unlink: (path) => change([path], { type: "unlink", path }, () => inner.unlink(path)),
    removeFolder: (path) =>
      change([path], { type: "removeFolder", path }, async () => {
        await log.noticeNames(path);
        return inner.removeFolder(path);
      }),
    syncFile: (path) =>
      call([path], async () => {
        await inner.syncFile(path);
        // What was written while it was synced counts as synced: who does that has no order.
        await log.notice(path);
        const file = log.find(path);
        if (file?.kind === "file") log.take({ type: "syncFile", file: file.number });
      }),
    syncFolder: (path) =>
      call([path], async () => {
        await log.noticeNames(path);
        await inner.syncFolder(path);
        log.take({ type: "syncFolder", path });
      }),
  };
}

function recordedFile(inner: WritableFile, log: StepLog, file: VolumeFile): WritableFile {
  return {
    write: (bytes) =>
      log.inTurn(async () => {
        const copy = bytes.slice();
        await inner.write(bytes);
        log.take({ type: "write", file: file.number, offset: file.sizeBytes, bytes: copy });
      }),
    sync: () =>
      log.inTurn(async () => {
        await inner.sync();
        log.take({ type: "syncFile", file: file.number });
      }),
    close: () => inner.close(),
  };
}

function parentOf(path: string): string {
  return pathSegments(path).slice(0, -1).join("/");
}
