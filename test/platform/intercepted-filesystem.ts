/** A filesystem that asks before each call: where a test fails it, or ends the process. */
import type { Filesystem, WritableFile } from "../../src/core/ports/filesystem.ts";

/** One call that is about to be made. */
export interface PortCall {
  /** 0 for the first call. */
  readonly index: number;
  readonly operation: Exclude<keyof Filesystem, "absolute"> | "write" | "sync" | "close";
  /** As given; `from -> to` where there are two. */
  readonly path: string;
  /** Whether the call may change what is on the disk, or what of it is durable. */
  readonly isChange: boolean;
  /** Does what a call that is broken off may leave: half of a write, a closed handle. */
  readonly breakOff: () => Promise<void>;
}

/** Called before each call; where it throws, the call isn't made and fails with that error. */
export type BeforeCall = (call: PortCall) => Promise<void> | void;

const reading: ReadonlySet<PortCall["operation"]> = new Set([
  "read",
  "readPieces",
  "stat",
  "list",
  "close",
]);

type Ask = (
  operation: PortCall["operation"],
  path: string,
  breakOff?: () => Promise<void>,
) => Promise<void>;

/** A filesystem that does what `inner` does, after asking. A file that failed once stays failed. */
export function interceptedFilesystem(inner: Filesystem, before: BeforeCall): Filesystem {
  let calls = 0;
  const ask: Ask = async (operation, path, breakOff = async () => undefined) => {
    const index = calls;
    calls += 1;
    await before({ index, operation, path, isChange: !reading.has(operation), breakOff });
  };
  const asked = <T>(
    operation: PortCall["operation"],
    path: string,
    run: () => Promise<T>,
  ): Promise<T> => ask(operation, path).then(run);
  return {
    absolute: (path) => inner.absolute(path),
    create: (path) =>
      asked("create", path, async () => interceptedFile(await inner.create(path), path, ask)),
    read: (path, sizeMaxBytes) => asked("read", path, () => inner.read(path, sizeMaxBytes)),
    readPieces: (path) => interceptedPieces(inner, path, ask),
    stat: (path) => asked("stat", path, () => inner.stat(path)),
    list: (folder) => asked("list", folder, () => inner.list(folder)),
    makeFolder: (path) => asked("makeFolder", path, () => inner.makeFolder(path)),
    link: (from, to) => asked("link", `${from} -> ${to}`, () => inner.link(from, to)),
    rename: (from, to) => asked("rename", `${from} -> ${to}`, () => inner.rename(from, to)),
    unlink: (path) => asked("unlink", path, () => inner.unlink(path)),
    removeFolder: (path) => asked("removeFolder", path, () => inner.removeFolder(path)),
    syncFile: (path) => asked("syncFile", path, () => inner.syncFile(path)),
    syncFolder: (path) => asked("syncFolder", path, () => inner.syncFolder(path)),
  };
}

async function* interceptedPieces(
  inner: Filesystem,
  path: string,
  ask: Ask,
): AsyncGenerator<Uint8Array, void, void> {
  await ask("readPieces", path);
  yield* inner.readPieces(path);
}

function interceptedFile(inner: WritableFile, path: string, ask: Ask): WritableFile {
  let failure: { readonly error: unknown } | null = null;
  const step = async (
    operation: "write" | "sync",
    breakOff: () => Promise<void>,
    run: () => Promise<void>,
  ): Promise<void> => {
    if (failure !== null) throw failure.error;
    try {
      await ask(operation, path, breakOff);
      await run();
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  return {
    write: (bytes) => {
      const half = bytes.subarray(0, Math.floor(bytes.byteLength / 2));
      return step(
        "write",
        () => inner.write(half),
        () => inner.write(bytes),
      );
    },
    sync: () =>
      step(
        "sync",
        async () => undefined,
        () => inner.sync(),
      ),
    close: async () => {
      await ask("close", path, () => inner.close());
      await inner.close();
    },
  };
}
